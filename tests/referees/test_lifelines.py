"""Cumulative incidence, as lifelines computes it, and the same with one kind of event: Kaplan and Meier's."""

import numpy as np
import pytest
from lifelines import AalenJohansenFitter, KaplanMeierFitter

from mdsbench.statistics.profiles import incidence


@pytest.fixture(params=range(5))
def fates(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    """Distinct costs of sixty runs, and their fates: 0 is censored, 1 arrived, 2 ended elsewhere."""
    rng = np.random.default_rng(request.param)
    return rng.permutation(1000)[:60] + 1.0, rng.choice([0, 1, 2], 60, p=[0.3, 0.5, 0.2])


def test_aalen_and_johansen_agree(fates: tuple[np.ndarray, np.ndarray]) -> None:
    costs, fate = fates
    at, arrived, elsewhere = incidence(costs, fate == 1, fate == 2)
    for kind, ours in ((1, arrived), (2, elsewhere)):
        fitter = AalenJohansenFitter(calculate_variance=False).fit(costs, fate, event_of_interest=kind)
        theirs = fitter.cumulative_density_.iloc[:, 0]
        places = np.searchsorted(theirs.index.to_numpy(), at, side="right") - 1
        np.testing.assert_allclose(ours, theirs.to_numpy()[places], atol=1e-12)


def test_with_one_kind_of_event_it_is_kaplan_and_meiers(fates: tuple[np.ndarray, np.ndarray]) -> None:
    costs, fate = fates
    at, arrived, elsewhere = incidence(costs, fate == 1, np.zeros(len(fate), dtype=bool))
    theirs = KaplanMeierFitter().fit(costs, fate == 1).survival_function_at_times(at)
    np.testing.assert_allclose(arrived, 1 - theirs.to_numpy(), atol=1e-12)
    assert not elsewhere.any()
