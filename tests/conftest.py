"""What holds in every test: nothing is decided by the clock."""

import signal

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "book",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("book")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark as slow what starts ranks or a browser."""
    for item in items:
        if item.get_closest_marker("mpi") or item.get_closest_marker("browser"):
            item.add_marker("slow")


@pytest.fixture
def signals_as_at_a_terminal():
    """Let programs that a test starts hear Ctrl-C.

    A shell that starts the suite with ``&`` has it ignored, which children inherit.
    """
    ignored = [
        number
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) == signal.SIG_IGN
    ]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)
