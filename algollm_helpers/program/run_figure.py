"""The picture of a run that the program saves, if there is something to draw with."""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from algollm_helpers.program.output import Kind, Output
from algollm_helpers.program.paths import shown
from algollm_helpers.program.run_table import Table

HOW_TO_GET_IT = (
    "--figure needs Matplotlib, which is not here: pip install matplotlib, or this "
    "package with its extra [book]"
)


def _drawing() -> ModuleType:
    try:
        from algollm_helpers.book import run_figure
    except ImportError as error:
        raise ValueError(HOW_TO_GET_IT) from error
    return run_figure


def _is_figure(path: Path) -> bool:
    opening: str = _drawing().OPENING
    with path.open("rb") as file:
        return file.read(len(opening)) == opening.encode()


FIGURE = Kind("--figure", "run figure", _is_figure, "figure", "drawing")


class RunFigure:
    """The file that a run is drawn in; it replaces nothing but such a file.

    Parameters
    ----------
    path : Path
        Its name.
    texts : sequence of Path
        What is read; none of them is ever written.

    Raises
    ------
    OSError, ValueError
        If what is there may not be replaced, or there is nothing to draw with.
    """

    def __init__(self, path: Path, texts: Sequence[Path] = ()) -> None:
        self._drawn = _drawing().drawn
        self._out = Output(path, FIGURE, texts=texts, overwrite=True)

    def draw(self, table: Table, title: str, description: str) -> str:
        """Draw a run; return what there is to say of that.

        Raises
        ------
        OSError
            If it cannot be saved; the message is a sentence.
        """
        picture: str = self._drawn(table.columns, title, description)
        try:
            self._out.write(picture.encode())
        except OSError as error:
            raise self._out.failed(error) from error
        self._out.release()
        return f"{shown(self._out.path)} shows the run"
