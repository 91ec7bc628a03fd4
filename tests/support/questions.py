"""What the page of questions says, question by question."""

import re

from tests.support.book import ROOT, notebook

CELLS = notebook(ROOT / "chapters" / "questions.ipynb")["cells"]
TEXT = "\n\n".join(c["source"] for c in CELLS if c["cell_type"] == "markdown")
QUESTION = re.compile(r"^\((q-[a-z0-9-]+)\)=\n### (.+)$", re.MULTILINE)
_, *_parts = QUESTION.split(TEXT)
HEADINGS = dict(zip(_parts[::3], _parts[1::3], strict=True))  # by label
ANSWERS = dict(zip(_parts[::3], _parts[2::3], strict=True))
