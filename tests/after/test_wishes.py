"""Tests for algollm_helpers.after.wishes: who is compared with whom, and how often."""

from collections import Counter

from numpy.testing import assert_allclose

from algollm_helpers.after.wishes import MATES, READERS, Start, expected_share, judged
from tests.support.small import made

WRITTEN = ["leo", "ana", "ida", "otto", "eva", "mia", "kim", "lea", "ina", "ben"] * 2
BEGUN = Start(made(), WRITTEN, unseen=["hugo"])


def test_each_wanted_name_meets_others_and_all_readers_judge_each_pair():
    assert BEGUN.wanted == ["leo", "otto"] * 2
    assert_allclose(BEGUN.share, 4 / 20)
    pairs = Counter(judged(BEGUN, agree=7))
    assert sum(pairs.values()) == READERS * min(MATES * 4, 16)
    for (better, worse), count in pairs.items():
        if better.endswith("o"):
            assert not worse.endswith("o")
            assert pairs[worse, better] * 7 == count * 2
    assert all(better.endswith("o") for better, _ in judged(BEGUN, agree=READERS))


def test_the_odds_are_multiplied_by_those_of_the_readers_to_the_power_one_over_beta():
    for before in (0.03, 0.5):
        for agree, beta in ((8, 0.5), (6, 2.0)):
            after = expected_share(before, agree=agree, beta=beta)
            grown = after / (1 - after) / (before / (1 - before))
            assert_allclose(grown**beta, agree / (READERS - agree), rtol=1e-12)
