"""Tests for algollm_helpers.after.scaling: a law that is there is found."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose

from algollm_helpers.after.scaling import EXPONENTS, Law, fit
from tests.support.small import refused

N, D = np.array(list(product([300, 1000, 4000, 16000], [2e3, 8e3, 4e4]))).T
TRUE = Law(1.7, 90.0, EXPONENTS[40], 300.0, EXPONENTS[52])


def test_a_law_whose_exponents_are_tried_is_found_exactly():
    found = fit(N, D, TRUE(N, D))
    for name, expected in TRUE._asdict().items():
        assert_allclose(getattr(found, name), expected, rtol=1e-6)
    assert_allclose(found(1e6, 1e6), TRUE(1e6, 1e6))


def test_several_fits_at_once_are_those_one_by_one():
    noise = np.random.default_rng(0).normal(0, 0.01, (3, N.size))
    losses = TRUE(N, D) + noise
    together = fit(N, D, losses)
    for i in range(3):
        for ours, theirs in zip(fit(N, D, losses[i]), together, strict=True):
            assert_allclose(ours, theirs[i], rtol=1e-9)


def test_no_other_law_that_falls_has_a_smaller_error():
    losses = TRUE(N, D) + np.random.default_rng(1).normal(0, 0.02, N.size)
    best = fit(N, D, losses)
    error = ((best(N, D) - losses) ** 2).sum()
    assert min(best) >= 0
    rng = np.random.default_rng(2)
    for name in Law._fields:
        for factor in np.exp(rng.normal(0, 0.05, 20)):
            other = best._replace(**{name: getattr(best, name) * factor})
            if name in {"alpha", "beta"}:  # others lie between those that are tried
                tried = EXPONENTS[np.abs(EXPONENTS - getattr(other, name)).argmin()]
                other = best._replace(**{name: tried})
            assert ((other(N, D) - losses) ** 2).sum() >= error - 1e-12


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(lambda: fit(N, D[:3], N), r"tokens must have shape \(12,\)"),
        refused(lambda: fit(N, D, N[:3]), r"losses must have shape \(12,\)"),
        refused(lambda: fit(N, D, 2 + N / 1e4 + 9 / D), "no law that falls goes with"),
        refused(lambda: fit(-N, D, N), "params must be finite and > 0"),
    ],
)
def test_bad_use_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
