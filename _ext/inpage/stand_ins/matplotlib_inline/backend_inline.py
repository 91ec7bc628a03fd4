"""Stand-in for the choice of a format: pages show SVG."""


def set_matplotlib_formats(*formats):
    """Do nothing."""
