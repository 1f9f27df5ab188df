"""link() on the three public sets (truth is used to count only), and what it promises."""

from pathlib import Path

import polars as pl
import pytest

from vostro.portrait import link
from vostro.portrait.identity.bench import bench_link, pairwise, read_set
from vostro.portrait.identity.errors import IdentityColumnError, NothingToCompareError, PersonUnknownError
from vostro.words import digest

from .banks import again, people


@pytest.mark.parametrize(("name", "least"), [("fake_1000", 0.93), ("febrl3", 0.98), ("historical_50k", 0.85)])
def test_public_sets(data_dir: Path, name: str, least: float) -> None:
    found = bench_link(data_dir, (name,))[name]
    assert found["f1"] >= least
    assert found["precision"] >= 0.95


def test_two_sources_of_the_same_people() -> None:
    known = people(300)
    links = link({"crm": known.drop("n"), "core": again(known).drop("n")}, id="client")
    truth = links.people["id"].str.slice(1)
    precision, recall = pairwise(links.people["person"], truth)
    assert precision > 0.99
    assert recall > 0.97
    assert links.people["person"].str.starts_with("crm/").all(), "a person is called by the first record"
    said = links.explain("P00001", ("core", "Q00001"))
    assert said.linked
    assert "dob is the same" in said.say("en")
    assert "dob：相同" in said.say("zh")
    other = links.explain("P00001", "P00002")
    assert not other.linked
    assert other.probability < 0.01
    with pytest.raises(PersonUnknownError):
        links.explain("P00001", "nobody")


def test_the_answer_depends_on_the_seed_only(data_dir: Path) -> None:
    records, id, _ = read_set(data_dir, "fake_1000")
    one, two = (link(records, id=id, threads=threads) for threads in (1, 2))
    assert digest(one.people.write_csv()) == digest(two.people.write_csv())
    assert digest(one.pairs.write_csv()) == digest(two.pairs.write_csv())
    assert one.card() == two.card()


def test_the_card_tells_the_settings_and_no_value_of_a_person(data_dir: Path) -> None:
    records, id, _ = read_set(data_dir, "fake_1000")
    card = link(records, id=id).card()
    assert card["seed"] == 7
    assert card["estimated"]
    assert card["trained_on"]
    assert 0.002 < card["match_share"] < 0.006, "the truth is 2,031 of 499,500 pairs: 0.0041"
    assert sum(each["m"] for each in card["shares"]["dob"]) == pytest.approx(1, abs=0.01)
    assert "Robert" not in str(card)


def test_keys_prove_one_person_whatever_else_differs() -> None:
    known = people(200).drop("n").with_columns(card=pl.format("K{}", pl.int_range(pl.len())))
    stranger = pl.DataFrame({"client": ["Z"], "first_name": ["zoe"], "surname": ["zander"], "card": ["k7"]})
    links = link({"a": known, "b": stranger}, id="client", keys=["card"])
    person = dict(links.people.select("id", "person").rows())
    assert person["Z"] == "a/P00007"
    assert "card" in links.explain("P00007", "Z").say("en")
    assert len(set(person.values())) == 200


def test_few_records_are_told_apart_by_defaults() -> None:
    frame = pl.DataFrame(
        {
            "no": [1, 2, 3],
            "name": ["Ann Lee", "Ann Lee", "Bo Wu"],
            "dob": ["1990-01-02", "1990-01-02", "1985-05-05"],
            "email": ["a@x.cz", "a@x.cz", "b@y.cz"],
        }
    )
    links = link(frame, id="no")
    assert links.people["person"].to_list() == ["1", "1", "3"]
    assert not links.card()["estimated"]


def test_refusals() -> None:
    frame = pl.DataFrame({"no": [1, 2], "name": ["Ann", "Bo"]})
    with pytest.raises(IdentityColumnError):
        link(frame, id="no", fields={"nam": "name"})
    with pytest.raises(NothingToCompareError):
        link(frame.select("no"), id="no")
