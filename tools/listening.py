"""A plugin of pytest: kernels that nbval starts listen as those of `execute` do."""

import shutil
from tempfile import mkdtemp
from typing import Any

import nbval.kernel
import pytest
from jupyter_client.manager import KernelManager

from execute import sockets


def pytest_configure(config: pytest.Config) -> None:
    """Let nbval, which has no option for it, make its kernels with our settings."""

    def manager(**kwargs: Any) -> KernelManager:
        folder = mkdtemp()
        config.add_cleanup(lambda: shutil.rmtree(folder))
        return KernelManager(config=sockets(folder), **kwargs)

    nbval.kernel.KernelManager = manager
