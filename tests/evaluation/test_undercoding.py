"""A risk of a coded outcome and the risk of the outcome: by hand, and against people drawn one by one."""

import numpy as np
import pytest

from evaluation.inputs import InputError
from evaluation.undercoding import corrected, sensitivity


def test_where_half_is_coded_the_risk_of_two_independent_halves_is_that_of_the_whole():
    # A chance of 0.1 of a coded event is one of 0.1 of an uncoded one too: 1 - 0.9 * 0.9.
    assert corrected(0.1, 0.5) == pytest.approx(0.19)


def test_where_all_is_coded_nothing_changes():
    assert corrected([0.0, 0.3, 1.0], 1.0) == pytest.approx([0.0, 0.3, 1.0])


def test_it_is_the_risk_of_people_whose_events_were_thinned_at_random():
    rng = np.random.default_rng(7)
    hazard = rng.gamma(0.5, 0.4, 400_000)
    events = rng.poisson(hazard)
    coded = rng.binomial(events, 0.25)
    risk_of_coded = -np.expm1(-0.25 * hazard)

    assert (coded > 0).mean() == pytest.approx(risk_of_coded.mean(), abs=0.002)
    assert (events > 0).mean() == pytest.approx(corrected(risk_of_coded, 0.25).mean(), abs=0.002)


def test_the_less_is_coded_the_more_of_those_flagged_have_it_and_the_more_are_missed():
    few, many = sensitivity(np.linspace(0.001, 0.2, 200), 0.1, (0.1, 0.45))

    assert few.ppv > many.ppv
    assert few.sensitivity < many.sensitivity


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(InputError, match="share of events that are coded"):
        corrected([0.1], share)
