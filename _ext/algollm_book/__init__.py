"""The book's own Sphinx extension: what the stock tools leave to third parties.

`stored` reads the notebooks. `formulas` turns TeX into MathML, and `mathfont` brings
its font. `pictures` puts figures into the page so that they follow its colours, in few
characters by `compact`; `explorers` turns stored widgets into native controls;
`live` gives pages what answers the hand, with the data of `trained` and the words of
`live_attention`, `live_blame`, `live_map`, `live_pipeline` and `live_race`;
`folding` puts code away that a reader may skip, `answering` lets exercises be answered
on the page, and `predicting` takes guesses; `scorecard` carries verdicts to the pages,
where `finder` searches, filters and sorts them and offers them as files, and `showcase`
makes cards of a few; `references` names sources in the text as in their list; `runner`
lets cells run there, by files of `runner_store` and `runner_pack` and with the words of
`runner_words`; `search` lets readers find the `sections`. `assets` and `prune` leave
out what no page uses, and `policy` shuts each page to all that is not of this site.

`landmarks` and `sidebar` make ways into a page and between pages, `glossary` shows a
word's definition where it is linked, `bookmark` offers to go on where one stopped.

`address` knows where the site is, `sharing` describes each page to those who list or
share it, with the `cards` and their `drawings`, `published` writes what the site has
for machines, and `moved` keeps old addresses working, some of them by a `bare` page.
`colophon` says which `edition` this is and how to cite it.
"""

from sphinx.application import Sphinx

from . import (
    address,
    answering,
    assets,
    bookmark,
    colophon,
    explorers,
    finder,
    folding,
    formulas,
    glossary,
    landmarks,
    live,
    mathfont,
    moved,
    pictures,
    policy,
    predicting,
    prune,
    published,
    references,
    runner,
    scorecard,
    search,
    sharing,
    showcase,
    sidebar,
)

PARTS = (
    address,
    assets,
    formulas,
    mathfont,
    pictures,
    explorers,
    live,
    folding,
    answering,
    predicting,
    references,
    scorecard,
    showcase,
    runner,
    search,
    finder,
    glossary,
    landmarks,
    sidebar,
    bookmark,
    colophon,
    sharing,
    published,
    moved,
    prune,
    policy,
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register everything with Sphinx."""
    for part in PARTS:
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
