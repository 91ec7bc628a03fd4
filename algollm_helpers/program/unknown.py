"""Letters of a text that a model does not know."""

from collections import Counter

from algollm_helpers.gpt.texts import Documents
from algollm_helpers.program.overview import MOST_NAMED, code_point, counted


def check_known(documents: Documents, alphabet: str) -> None:
    """Refuse a text that has a letter outside `alphabet`.

    Raises
    ------
    ValueError
        With the place of the first one.
    """
    known = set(alphabet)
    for i, doc in enumerate(documents.docs):
        if not known.issuperset(doc):
            offset = next(j for j, char in enumerate(doc) if char not in known)
            name, (line, column) = documents.place(i, offset)
            raise ValueError(
                f"{name}, line {line}, column {column}: the model does not know "
                f"{code_point(doc[offset])}; --skip-unknown leaves out such letters"
            )


def without_unknown(documents: Documents, alphabet: str) -> tuple[list[str], list[str]]:
    """Return the documents without letters outside `alphabet`, and a note on them."""
    known = set(alphabet)
    unknown: Counter[str] = Counter()
    docs = []
    for doc in documents.docs:
        if not known.issuperset(doc):
            unknown.update(char for char in doc if char not in known)
            doc = "".join(char for char in doc if char in known)
        docs.append(doc)
    if not unknown:
        return docs, []
    named = ", ".join(
        f"{count:,} × {code_point(char)}"
        for char, count in unknown.most_common(MOST_NAMED)
    )
    more = ", …" if len(unknown) > MOST_NAMED else ""
    total = counted(unknown.total(), "letter")
    return docs, [f"left out      {total} that the model does not know: {named}{more}"]
