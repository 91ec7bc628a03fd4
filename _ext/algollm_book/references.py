"""Sources by author and year: the text and the list of references say the same.

A reader who meets "Goh, 2017" in a chapter looks for "Goh, 2017" in the list. Works of
the same authors and year are told apart by a letter, in both places.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count
from string import ascii_lowercase

from pybtex.backends.plaintext import Backend
from pybtex.database import Entry
from pybtex.plugin import register_plugin
from pybtex.style.formatting.alpha import Style
from pybtex.style.labels import BaseLabelStyle
from sphinx.application import Sphinx
from sphinxcontrib.bibtex.style.referencing import PersonStyle

PERSONS = PersonStyle()


def label_of(entry: Entry) -> str:
    """Return authors and year of an entry: `Lee et al., 2016`."""
    names = PERSONS.author_or_editor_or_title(full=False)
    data = {"entry": entry, "style": _Named}
    return f"{names.format_data(data).render(Backend())}, {entry.fields['year']}"


class _Named:
    person = PERSONS  # where the template looks for it


class AuthorYearLabels(BaseLabelStyle):  # type: ignore[misc]
    """Authors and year as the name of each entry."""

    def format_labels(self, sorted_entries: Iterable[Entry]) -> Iterator[str]:
        """Give each entry its name, in the order of the list."""
        labels = [label_of(entry) for entry in sorted_entries]
        times, seen = Counter(labels), {label: count() for label in labels}
        for label in labels:
            letter = ascii_lowercase[next(seen[label])] if times[label] > 1 else ""
            yield label + letter


class AuthorYearList(Style):  # type: ignore[misc]
    """The list of references, sorted and named by author and year."""

    default_label_style = AuthorYearLabels


def setup(app: Sphinx) -> None:
    """Make the list known under the name that `_config.yml` uses."""
    register_plugin("pybtex.style.formatting", "author_year", AuthorYearList)
