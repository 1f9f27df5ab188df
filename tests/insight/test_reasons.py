"""Reasons: the true causes, strongest first, in words of both languages."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from vostro.insight import Reason, ResponseModel
from vostro.words import Text

NAMES = {
    "age": Text(en="Age", zh="年龄"),
    "card": Text(en="Holds a card", zh="持有信用卡"),
    "job": Text(en="Job", zh="职业"),
    "job=retired": Text(en="Is retired", zh="已退休"),
}


@pytest.fixture(scope="module")
def model() -> ResponseModel:
    from .conftest import people

    features = ["job", "card", "age"]
    return ResponseModel(names=NAMES, features=features).fit(people(6000, seed=1)[0], target="responded")


def test_the_true_causes_are_told_in_words(model: ResponseModel) -> None:
    rows = pl.DataFrame(
        {"job": ["retired", "farmer", None], "card": [True, False, None], "age": [30, 70, 30]}
    )
    first, second, third = model.reasons(rows, k=3)
    assert [each.feature for each in first[:2]] == ["job", "card"]
    assert first[0].say == Text(en="Is retired: clearly raises the chance", zh="已退休，明显提高成交可能")
    assert first[0].value == "retired"
    said = {each.feature: each.say for each in second}
    assert said["job"].en.startswith("Job farmer: ")
    assert said["job"].en.endswith("lowers the chance")
    assert said["age"].zh.startswith("年龄为70，")
    assert said["card"].zh.startswith("持有信用卡为否，")
    assert any(each.say.en.startswith("Job not known: ") and each.value is None for each in third)
    assert any(each.say.zh.startswith("职业未知，") for each in third)


def test_reasons_are_the_largest_effects_in_order(model: ResponseModel) -> None:
    from .conftest import people

    rows = people(300, seed=9)[0]
    _, effects = model.effects(rows)
    names = np.array(model.feature_names)
    for reasons, effect in zip(model.reasons(rows, k=2), effects, strict=True):
        sizes = [abs(each.effect_logodds) for each in reasons]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes == pytest.approx(sorted(np.abs(effect), reverse=True)[:2])
        for each in reasons:
            assert each.effect_logodds == effect[names == each.feature][0]
            assert ("raises" in each.say.en) == (each.effect_logodds > 0) == ("提高" in each.say.zh)


def test_the_series_and_the_objects_tell_the_same(model: ResponseModel) -> None:
    from .conftest import people

    rows = people(50, seed=9)[0]
    for structs, reasons in zip(model.reason_series(rows).to_list(), model.reasons(rows), strict=True):
        told = [
            Reason(s["feature"], s["value"], s["effect_logodds"], Text(en=s["en"], zh=s["zh"]))
            for s in structs
        ]
        assert told == reasons
    assert model.reason_series(rows.head(0)).len() == 0
    assert model.reasons(rows.head(0)) == []


def test_what_moves_nothing_is_no_reason() -> None:
    frame = pl.DataFrame({"same": [1] * 100, "x": [0, 1] * 50})
    model = ResponseModel().fit(frame, target=[0, 1] * 50)
    assert all([each.feature for each in reasons] == ["x"] for reasons in model.reasons(frame, k=5))
    bare = ResponseModel(features=["same"]).fit(frame, target=[0, 1] * 50)
    assert bare.reasons(frame, k=5) == [[]] * 100


def test_a_number_is_said_as_a_person_writes_it() -> None:
    frame = pl.DataFrame({"rate": [1.0, 4.8570001] * 100, "opened": [date(2026, 1, 2), None] * 100})
    model = ResponseModel().fit(frame, target=[0, 1] * 100)
    values = {each.value for reasons in model.reasons(frame, k=2) for each in reasons}
    assert values <= {"1", "4.857", "2026-01-02", None}


def test_a_context_is_a_reason_of_its_own() -> None:
    draw = np.random.default_rng(0)
    day = draw.integers(0, 40, 4000)
    frame = pl.DataFrame({"day": day, "y": draw.random(4000) < draw.beta(1, 2, 40)[day]})
    names = {"day": Text(en="Day", zh="日期")}
    model = ResponseModel(contexts=[("day",)], names=names, features=["day"]).fit(frame, target="y")
    said = [each.say for reasons in model.reasons(frame[:200], k=2) for each in reasons]
    assert any(each.en.startswith("How others in the same situation answered (Day): ") for each in said)
