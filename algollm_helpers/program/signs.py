"""What the clinic's table says of a run that goes on: each sign once.

Chapter: ``chapters/clinic.ipynb`` has the table.
"""

from algollm_helpers.clinic_rule import diagnose
from algollm_helpers.program.diagnosing import summary
from algollm_helpers.program.run_table import Table

LEAST = 20  # steps before a word is said
LATER = 1.05  # the run has become that much longer since the last look


class Signs:
    """Which signs have been told."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._next = float(LEAST)

    def is_due(self, steps: int) -> bool:
        """Tell whether to look again after so many steps: a look reads all of them."""
        return steps >= self._next

    def word(self, table: Table) -> str:
        """Return what there is to say of a run so far: once, if a sign shows."""
        self._next = LATER * len(table.steps)
        found = diagnose(table.run, over=False)
        if found.row is None or found.row.words in self._told:
            return ""
        self._told.add(found.row.words)
        return f"a sign at step {table.steps[-1]:.0f}: {summary(found)}"
