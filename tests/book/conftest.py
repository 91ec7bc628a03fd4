"""A ledger of four rows, in place of the book's."""

from unittest import mock

import pytest

from algollm_helpers.book.ledger import Claim, Part, Table, ledger

ROW = Claim("descent", ("S1",), "Water is wet.", "{share:.0%} of {n} drops.")
PARTS = {
    "wet": Part("is <wet>", "{share:.0%} of {n} drops."),
    "cold": Part("and cold", "{n} drops.", "it is winter & night"),
}
TABLE = Table(("<place>", "share"), (("sea", "{share:.0%}"), ("<a> & b", "{lake:.2f}")))
TRIED = {"baseline": "dry <sand>: {sand}", "seeds": "{n}", "rates": "0.1 and 0.2"}
ROWS = {
    "C01": ROW,
    "C02": ROW._replace(condition="the drops are cold"),
    "C03": ROW._replace(finding="", parts=PARTS),
    "C04": ROW._replace(table=TABLE, tried=TRIED),
}


@pytest.fixture
def rows():
    with mock.patch.dict(ledger(), ROWS, clear=True):
        yield ROWS
