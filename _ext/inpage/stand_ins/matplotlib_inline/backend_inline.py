"""Stand-in for the choice of a format: pages show SVG."""


def configure_inline_support(shell, backend):
    """Do nothing."""


def set_matplotlib_formats(*formats):
    """Do nothing."""
