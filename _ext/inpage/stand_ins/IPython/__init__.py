"""Stand-in for IPython on a page, where there is no shell with an event loop."""

version_info = (9, 0, 0)  # Matplotlib asks


def get_ipython():
    """Return None: there is no window of Matplotlib to keep alive."""
