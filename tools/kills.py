"""Change what each claim rests on, and see whether its verdict or an assertion notices.

usage: python tools/kills.py [NOTEBOOK ...] [--claim ID] [--jobs N]

For each claim some changes are made to its cone (`cones`, `mutants`), one at a time,
and what follows in the cone is run again; stored outputs are compared with nothing.

killed      an assertion of the cone fails, or the recorded verdict is another, of the
            claim or of one of its parts
survived    the verdict stays, though its numbers or the values it is made from do not
idle        nothing of these changed: the change destroyed nothing
stillborn   the cone ends with any other exception: a broken program is no evidence
endless     more than three times the cone's CPU seconds and five

The rate is killed over killed and survived. The other three decide nothing; each is
replaced by another change while there are any. A claim for which nothing was killed is
not tested by its cell, whatever the rate. Chapters leave their counts in kills.json.
"""

import ast
import json
import sys
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from cones import Claim, Notebook, names
from execute import chapters, reader
from mutants import GIVEN, mutant, sites, spread
from snapshots import Player, Reply, Request, Snapshot, alone

RESULTS = Path(__file__).with_name("kills.json")
COUNTED, TRIED = 6, 15  # mutants of a claim: that decide, that are run at most
KILLED = ("verdict", "assertion")
FATES = ("killed", "survived", "stillborn", "endless", "idle")
BAR = 0.9


class Fate(NamedTuple):
    """What became of one mutant."""

    fate: str
    by: str  # "verdict" or "assertion", where it was killed
    parts: tuple[str, ...]  # whose verdict changed
    kind: str
    cell: int
    before: str
    after: str


class Result(NamedTuple):
    """What became of the mutants of one claim."""

    claim: str
    notebook: str
    typed: dict[str, bool]  # by part; "" where there are none
    fates: list[Fate]

    @property
    def counts(self) -> Counter[str]:
        """Number of mutants by fate."""
        return Counter(fate.fate for fate in self.fates)

    def row(self) -> dict[str, Any]:
        """Return what kills.json holds of it."""
        kinds = {part: "typed" if t else "computed" for part, t in self.typed.items()}
        return {
            "notebook": self.notebook,
            "verdict": kinds.get("", kinds),
            **{fate: self.counts[fate] for fate in FATES},
            "survivors": [
                {"cell": f.cell, "kind": f.kind, "before": f.before, "after": f.after}
                for f in self.fates
                if f.fate == "survived"
            ],
        }

    def lines(self) -> Iterator[str]:
        """Yield a line about the claim, and two about each survivor."""
        counts = self.counts
        decided = counts["killed"] + counts["survived"]
        others = ", ".join(f"{counts[f]} {f}" for f in FATES[2:] if counts[f])
        typed = [part for part, is_typed in self.typed.items() if is_typed]
        verdict = " typed" if typed == [""] else "".join(f" {p!r} typed" for p in typed)
        yield (
            f"{self.claim:5} {counts['killed']} of {decided} killed"
            f"{others and f' ({others})'}{verdict and f', verdict{verdict}'}"
        )
        for part in self.typed:
            if part and not any(part in fate.parts for fate in self.fates):
                yield f"      no change gave part {part!r} another verdict"
        for fate in self.fates:
            if fate.fate == "survived":
                yield f"      cell {fate.cell}, {fate.kind}: {fate.before}"
                yield f"{'':16}-> {fate.after}"


def examine(path: Path, wanted: str | None = None) -> list[Result]:
    """Return what becomes of the mutants of a notebook's claims.

    It takes the process for itself; see `snapshots`.

    Parameters
    ----------
    path : Path
        The notebook.
    wanted : str, optional
        The id of a claim, if it shall be this one alone.

    Raises
    ------
    RuntimeError
        If the notebook itself does not run, or a cone alone gives another verdict.
    """
    notebook = Notebook(path)
    claims = [c for c in notebook.claims.values() if wanted in (None, c.id)]
    stops = {s.cell for claim in claims for s in claim.cone if not s.imports}
    player = Player()
    player.values.update(GIVEN)
    waiting: dict[int, Snapshot] = {}
    try:
        for number, source in notebook.sources.items():
            if number > max(stops, default=-1):
                break
            if number in stops:
                waiting[number] = Snapshot(player)
            try:
                player.run(source)
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
                raise RuntimeError(f"{path.name}, cell {number}: {said}") from error
        plain = {note.claim: note.verdict for note in player.notes}
        trial = partial(_trial, notebook, player.values, waiting, plain)
        return [trial(claim) for claim in claims]
    finally:
        for snapshot in waiting.values():
            snapshot.close()


def _trial(
    notebook: Notebook,
    values: dict[str, Any],
    waiting: dict[int, Snapshot],
    plain: dict[str, Any],
    claim: Claim,
) -> Result:
    """Return what becomes of the mutants of one claim."""
    cells, control = _control(notebook, waiting, plain[claim.id], claim)
    seconds = 3 * control.seconds + 5
    fates: list[Fate] = []
    decided = 0
    for site in spread(sites(claim, values))[:TRIED]:
        inside = [s for s in notebook.statements if s.cell == site.statement.cell]
        changed = mutant(site, inside)
        after = [notebook.sources[n] for n in cells if n > changed.cell]
        request = Request([changed.source, *after], claim.id, evidence(claim), seconds)
        reply = waiting[changed.cell].ask(request)
        fate, by = judged(reply, control)
        parts = _parts_changed(reply, control) if by == "verdict" else ()
        shown = (_first_line(changed.before), _first_line(changed.after))
        fates.append(Fate(fate, by, parts, changed.kind, changed.cell, *shown))
        decided += fate in ("killed", "survived")
        if decided == COUNTED:
            break
    return Result(claim.id, notebook.path.stem, claim.typed(), fates)


def _control(
    notebook: Notebook, waiting: dict[int, Snapshot], verdict: Any, claim: Claim
) -> tuple[list[int], Reply]:
    """Return the cells that repeat a claim, and what they give unchanged.

    They are those of its cone. Should these alone not give what the notebook gives,
    they are all from the first of them on.
    """
    cone = [cell for cell in claim.cells if cell in waiting]
    every = [n for n in notebook.sources if cone[0] <= n <= claim.cell]
    for cells in (cone, every):
        sources = [notebook.sources[n] for n in cells]
        control = waiting[cells[0]].ask(Request(sources, claim.id, evidence(claim)))
        if control.ended == "recorded" and control.verdict == verdict:
            return cells, control
    raise RuntimeError(
        f"{claim.id}: cells {cells[0]} to {cells[-1]} alone give "
        f"{control.verdict or control.message!r}, the notebook {verdict!r}"
    )


def evidence(claim: Claim) -> list[str]:
    """Return the names that the verdict and the assertions beside it are made from."""
    asserted = [
        statement.node.test
        for statement in claim.cone
        if isinstance(statement.node, ast.Assert)
    ]
    return sorted(names([claim.verdict, *asserted]).reads)


def judged(reply: Reply, control: Reply) -> tuple[str, str]:
    """Return the fate of a mutant, and what killed it, if anything did."""
    if reply.ended == "assertion":
        return "killed", "assertion"
    if reply.ended == "endless":
        return "endless", ""
    if reply.ended == "crash":
        spared = reply.message.startswith("NotSpoilt")
        return ("idle" if spared else "stillborn"), ""
    if reply.verdict != control.verdict:
        return "killed", "verdict"
    return ("idle" if reply.mark == control.mark else "survived"), ""


def _parts_changed(reply: Reply, control: Reply) -> tuple[str, ...]:
    if not isinstance(control.verdict, dict) or not isinstance(reply.verdict, dict):
        return ("",)
    before = control.verdict
    return tuple(p for p, word in reply.verdict.items() if word != before.get(p))


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def save(
    results: Iterable[Result], place: Path = RESULTS, *, whole: Container[str] = ()
) -> None:
    """Put results into a file, beside those of other claims.

    Parameters
    ----------
    results : iterable of Result
    place : Path
        The file; it need not exist.
    whole : container of str
        Notebooks of which nothing else is to stay.
    """
    rows = json.loads(place.read_text("utf-8"))["claims"] if place.exists() else {}
    rows = {claim: r for claim, r in rows.items() if r["notebook"] not in whole}
    rows |= {result.claim: result.row() for result in results}
    text = {"total": total(rows), "claims": dict(sorted(rows.items(), key=_by_id))}
    words = json.dumps(text, indent=1, ensure_ascii=False)
    place.write_text(words + "\n", encoding="utf-8")


def _by_id(item: tuple[str, Any]) -> tuple[int, str]:
    return len(item[0]), item[0]  # C99 before C100


def total(rows: dict[str, Any]) -> dict[str, Any]:
    """Return the counts over claims."""
    counts = {fate: sum(row[fate] for row in rows.values()) for fate in FATES}
    decided = counts["killed"] + counts["survived"]
    return counts | {
        "rate": round(counts["killed"] / decided, 3) if decided else None,
        "claims": len(rows),
        "claims_killed": sum(row["killed"] > 0 for row in rows.values()),
        "claims_killed_always": sum(
            row["killed"] > 0 and not row["survived"] for row in rows.values()
        ),
        "claims_typed": sum(_is_typed(row["verdict"]) for row in rows.values()),
    }


def _is_typed(verdict: Any) -> bool:
    return "typed" in (verdict.values() if isinstance(verdict, dict) else (verdict,))


def summary(counts: dict[str, Any]) -> str:
    """Return the totals in words."""
    decided, claims = counts["killed"] + counts["survived"], counts["claims"]
    others = ", ".join(f"{counts[fate]} {fate}" for fate in FATES[2:])
    share = f", {counts['rate']:.1%} (bar: {BAR:.0%})" if decided else ""
    return (
        f"{counts['killed']} of {decided} killed{share}; {others}\n"
        f"claims: {claims}; with a kill {counts['claims_killed']}, without a survivor "
        f"{counts['claims_killed_always']}, with a typed verdict "
        f"{counts['claims_typed']}"
    )


def main(words: list[str] | None = None) -> None:
    """Examine the notebooks that a command line names; exit with 1 below the bar."""
    parser = reader("kills", "Change what claims rest on, and see who notices.")
    parser.add_argument("--claim", metavar="ID", help="this claim alone, such as C43")
    parser.add_argument(
        "--jobs", metavar="N", type=int, default=1, help="notebooks at a time"
    )
    asked = parser.parse_args(words)
    paths = [path.resolve() for path in asked.notebooks or chapters()]
    if asked.claim:
        paths = [path for path in paths if asked.claim in Notebook(path).claims]
        if not paths:
            parser.error(f"no notebook named here records {asked.claim!r}")
    results: list[Result] = []
    with alone(asked.jobs) as pool:
        for found in pool.map(examine, paths, [asked.claim] * len(paths)):
            results += found
            lines = (line for result in found for line in result.lines())
            print(*lines, sep="\n", flush=True)
    counts = total({result.claim: result.row() for result in results})
    print(summary(counts))
    ours = {path.stem for path in paths if path in chapters()}
    if ours:
        whole = set() if asked.claim else ours
        save((r for r in results if r.notebook in ours), whole=whole)
    sys.exit(counts["rate"] is None or counts["rate"] < BAR)


if __name__ == "__main__":
    main()
