"""Stand-in for matplotlib-inline; the backend of a page is `inpage.backend`."""
