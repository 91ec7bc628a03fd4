"""What the site knows of the book and a single notebook does not, as plain data.

The site resolves titles, labels, citations, terms and verdicts when it is built.
JupyterLab shows one notebook at a time and is given them here; see tools/notebooks.py.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pybtex.backends.plaintext import Backend
from pybtex.database import parse_file

from algollm_book import live
from algollm_book.colophon import bibtex
from algollm_book.edition import edition
from algollm_book.references import AuthorYearList
from algollm_book.scorecard import counted, heads
from algollm_book.stored import notebook_at
from algollm_helpers.book.box import from_html
from algollm_helpers.book.claims import collect
from algollm_helpers.book.records import Record

_ROLE = re.compile(r"\{\w+\}`([^`<]*?)(?:\s*<[^>]*>)?`")
_LABEL = re.compile(r"^\(([\w-]+)\)=\n+#+ (.+)$", re.MULTILINE)
_EXERCISE = re.compile(r"^`{3,}\{exercise-start\}.*\n:label: (\S+)$", re.MULTILINE)
_TERM = re.compile(r"^(\S.*)\n((?:[ ]{2}.*\n|\n)+)", re.MULTILINE)


class Known:
    """What can be read from the sources of a book.

    Parameters
    ----------
    root : Path
        Folder with ``_toc.yml``, ``_config.yml``, ``references.bib``, ``chapters``,
        ``tools/kills.json``, ``CITATION.cff`` and ``CHANGELOG.md``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        toc = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
        pages = [page for part in toc["parts"] for page in part["chapters"]]
        files = [p["file"] for page in pages for p in (page, *page.get("sections", ()))]
        paths = [path for file in files for path in root.glob(f"{file}.*")]
        self.notebooks = [path for path in paths if path.suffix == ".ipynb"]
        self.texts = [path for path in paths if path.suffix == ".md"]

    def book(self) -> dict[str, Any]:
        """Return everything, ready to be written as JSON."""
        return {
            "heads": [str(word) for word in heads()],
            "pages": self.pages(),
            "labels": self.labels(),
            "exercises": self.exercises(),
            "terms": self.terms(),
            "sources": self.sources(),
            "claims": self.claims(),
            "kills": counted(self.root / "tools" / "kills.json"),
            "citation": self.citation(),
            "live": self.live(),
        }

    def citation(self) -> str:
        """Return how to cite the book, as BibTeX."""
        config = yaml.safe_load((self.root / "_config.yml").read_text("utf-8"))
        address = config["html"]["baseurl"]
        return bibtex(edition(self.root), year=config["copyright"], address=address)

    def live(self) -> dict[str, Any]:
        """Return what each live object is given at once, by its name."""
        setups = {name: made.setup() for name, made in live.OBJECTS.items()}
        # Where no language was chosen, a word to be translated is not yet text.
        given: dict[str, Any] = json.loads(json.dumps(setups, default=str))
        return given

    def _cells(self, kind: str) -> Iterator[tuple[Path, Any]]:
        for path in self.notebooks:
            for cell in notebook_at(path)["cells"]:
                if cell["cell_type"] == kind:
                    yield path, cell

    def pages(self) -> dict[str, dict[str, str]]:
        """Return address and title of each page, by the name that ``{doc}`` uses."""
        first = {path: path.read_text("utf-8") for path in self.texts}
        for path in self.notebooks:
            first[path] = notebook_at(path)["cells"][0]["source"]
        pages = {}
        for path, text in first.items():
            title = re.search(r"^# (.+)$", text, re.MULTILINE)
            if title is None:
                raise ValueError(f"{path.name} has no title, a line that begins with #")
            pages[path.stem] = {"url": path.name, "title": title[1]}
        return pages

    def labels(self) -> dict[str, dict[str, str]]:
        """Return page, address and heading of each label that stands over a heading."""
        return {
            label: {
                "page": path.stem,
                "url": _address(path, cell),
                "title": heading,
            }
            for path, cell in self._cells("markdown")
            for label, heading in _LABEL.findall(cell["source"])
        }

    def exercises(self) -> dict[str, int]:
        """Return the number that the site gives to each exercise."""
        labels = [
            label
            for _path, cell in self._cells("markdown")
            for label in _EXERCISE.findall(cell["source"])
        ]
        return {label: number for number, label in enumerate(labels, start=1)}

    def terms(self) -> dict[str, str]:
        """Return the definition of each word of the glossary, without markup."""
        text = (self.root / "chapters" / "symbols.md").read_text("utf-8")
        _, _, words = text.partition("```{glossary}\n")
        words, _, _ = words.partition("```")
        return {term: _plain(said) for term, said in _TERM.findall(words)}

    def sources(self) -> dict[str, dict[str, str]]:
        """Return each entry of the bibliography: how it is cited, and in full."""
        entries = parse_file(str(self.root / "references.bib"))
        return {
            source.key: {"label": source.label, "full": source.text.render(Backend())}
            for source in AuthorYearList().format_bibliography(entries)
        }

    def claims(self) -> dict[str, dict[str, Any]]:
        """Return verdict, address and row of the scorecard of each claim, by its id."""
        addresses = {
            record.id: _address(path, cell)
            for path, cell in self._cells("code")
            for record in _records(cell)
        }
        found = collect((path.stem, notebook_at(path)) for path in self.notebooks)
        return {
            claim_id: {
                "chapter": record.row.chapter,
                "page": page,
                "url": addresses[claim_id],
                "says": _said(record),
                "verdict": record.verdict + " …" * (record.verdict == "holds if"),
                "headline": record.headline,
                "measured": _measured(record),
            }
            for claim_id, (record, page) in sorted(found.items())
        }


def _address(path: Path, cell: Any) -> str:
    return f"{path.name}#cell-id={cell['id']}"


def _records(cell: Any) -> Iterator[Record]:
    for output in cell["outputs"]:
        record = from_html(output.get("data", {}).get("text/html", ""))
        if record is not None:
            yield record


def _said(record: Record) -> str:
    essays = ", ".join(record.row.essays)
    return f"{record.row.claim} ({essays})" if essays else record.row.claim


def _measured(record: Record) -> list[str]:
    if not record.parts:
        return [record.finding]
    return [f"“{p.says}” {p.headline}: {p.finding}" for p in record.outcomes.values()]


def _plain(text: str) -> str:
    return re.sub(r"[$\\*`]", "", _ROLE.sub(r"\1", " ".join(text.split())))
