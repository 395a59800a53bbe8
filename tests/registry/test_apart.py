"""A horizon with a learner of its own: risks never fall with the horizon, and the primary one is as it was."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry import bundle
from registry.bundle import BundleRefused
from registry.model import Apart, Example, WrongShape
from registry.recalibration import Affine, Recalibration

HORIZONS = (30, 365, 1826)
ODD = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def own(learner, horizon, slope=2.0, intercept=-1.0):
    return Apart(learner, Recalibration((horizon,), horizon, Affine(slope, (intercept,)), {}))


def with_apart(model, primary=365, *apart):
    affine = Affine(1.0, (-3.0, -1.5, -0.5))
    shared = replace(model, recalibration=Recalibration(HORIZONS, primary, affine, {}), apart=apart, examples=())
    values = np.array([[70, 60, 2], [50, 20, 0]], dtype=np.float32)
    found = zip(values.tolist(), shared.log_odds(values), shared.risks(values, [None] * 2), strict=True)
    return replace(shared, examples=tuple(Example(tuple(v), None, float(o), tuple(r.tolist())) for v, o, r in found))


@given(
    slopes=st.tuples(st.floats(0.05, 5), st.floats(0.05, 5)),
    intercepts=st.tuples(st.floats(-8, 4), st.floats(-8, 4)),
    primary=st.sampled_from(HORIZONS),
)
@ODD
def test_no_risk_falls_with_the_horizon_and_the_primary_one_stays(model, people, slopes, intercepts, primary):
    others = [horizon for horizon in HORIZONS if horizon != primary]
    apart = [own(model.learner, *each) for each in zip(others, slopes, intercepts, strict=True)]
    places = [None] * 40

    found = with_apart(model, primary, *apart)

    risks, values = found.risks(people(40), places), people(40)
    assert (np.diff(risks, axis=1) >= 0).all()
    at = HORIZONS.index(primary)
    assert (risks[:, at] == replace(found, apart=()).risks(values, places)[:, at]).all()
    explained = found.explain(values, places)
    assert (explained.risks == risks).all()
    added = explained.base + explained.place + explained.contributions.sum(axis=1)
    assert np.abs(np.log(risks[:, at] / (1 - risks[:, at])) - added).max() < 1e-9


def test_a_risk_in_order_is_that_of_the_horizons_own_learner(models, people):
    found = with_apart(models["linear"], 1826, own(models["lightgbm"].learner, 30, slope=1.0, intercept=-6.0))

    log_odds = replace(found, learner=models["lightgbm"].learner, apart=()).log_odds(people(40))
    risks = found.risks(people(40), [None] * 40)

    low = risks[:, 0] < risks[:, 1]
    assert low.sum() > 20
    assert risks[low, 0] == pytest.approx(1 / (1 + np.exp(6.0 - log_odds[low])), abs=1e-12)


def test_a_learner_of_its_own_is_not_for_the_primary_horizon_nor_for_one_that_the_model_has_not(models):
    for horizon in (365, 90):
        with pytest.raises(WrongShape, match="other than the primary one"):
            with_apart(models["linear"], 365, own(models["linear"].learner, horizon))


@pytest.fixture(params=["linear", "lightgbm"])
def folder(request, models, tmp_path):
    model = with_apart(models["linear"], 1826, own(models[request.param].learner, 30))
    bundle.save(model, tmp_path / "model")
    assert bundle.load(tmp_path / "model") == model
    return tmp_path / "model"


def reseal(folder):
    files = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.name != "manifest.json"}
    (folder / "manifest.json").write_text(json.dumps({"format": 1, "files": files}))


def test_a_learner_that_is_lost_is_refused(folder):
    next(folder.glob("apart_30.*")).unlink()
    reseal(folder)

    with pytest.raises(BundleRefused, match="do not describe a model"):
        bundle.load(folder)


def test_a_learner_that_belongs_to_no_horizon_is_refused(folder):
    mine = next(folder.glob("apart_30.*"))
    mine.rename(folder / f"apart_90{mine.suffix}")
    (folder / mine.name).write_bytes((folder / f"apart_90{mine.suffix}").read_bytes())
    reseal(folder)

    with pytest.raises(BundleRefused, match=r"apart_90.* belongs to no horizon"):
        bundle.load(folder)


def test_a_damaged_learner_is_refused_and_does_not_abort_the_process(models, tmp_path):
    bundle.save(with_apart(models["linear"], 1826, own(models["lightgbm"].learner, 30)), tmp_path / "model")
    text = tmp_path / "model/apart_30.txt"
    text.write_text(text.read_text()[: len(text.read_text()) // 3])
    reseal(tmp_path / "model")

    with pytest.raises(BundleRefused, match=r"apart_30\.txt is not a LightGBM model that we can run"):
        bundle.load(tmp_path / "model")
