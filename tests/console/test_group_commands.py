"""``vostro clusters``, ``needs`` and ``lookalikes`` as a person types them, on customers whose groups are known."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cyclopts import App

from vostro.bank import read_bank
from vostro.capture import load_all
from vostro.console.commands.groups import clusters, lookalikes, needs
from vostro.engine import Workspace, load_settings
from vostro.portrait import build_portraits
from vostro.words import FaultsError, VostroError

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
FILES = {
    "contracts/people.yaml": """\
contract: people
meaning: {en: People, zh: 客户}
file: people.csv
key: [who]
customer: who
columns:
  who: {type: text, personal_data: identity, meaning: {en: Customer, zh: 客户号}}
  age: {type: integer, meaning: {en: Age, zh: 年龄}}
  city: {type: text, meaning: {en: City, zh: 城市}}
  loan: {type: boolean, meaning: {en: Loan, zh: 贷款}}
  fund: {type: boolean, meaning: {en: Fund, zh: 基金}}
""",
    "tags/tags.yaml": """\
- {tag: age, name: {en: Age, zh: 年龄}, dimension: basic, attribute: people.age, unit: {en: years, zh: 岁}}
- {tag: city, name: {en: City, zh: 城市}, dimension: basic, attribute: people.city}
- {tag: loan, name: {en: Has a loan, zh: 有贷款}, dimension: credit, attribute: people.loan}
- {tag: fund, name: {en: Holds a fund, zh: 持有基金}, dimension: credit, attribute: people.fund}
- {tag: kind, name: {en: Group, zh: 分群}, dimension: behaviour, model: {estimator: kinds, value: cluster}}
""",
    "clusters/kinds.yaml": """\
clusters: kinds
name: {en: Kinds of people, zh: 客户类型}
features: [age, city]
method: mixture
k_most: 5
""",
}


@pytest.fixture
def folder(workspace: Workspace, database_url: str) -> Path:
    header = (
        "bank: b\nname: {en: Bank, zh: 银行}\ncurrency: CNY\nzone: UTC\nas_of: '2026-03-01T17:00+00:00'\n"
    )
    settings = f"settings: {{database_url: '{database_url}', memory_limit_mb: 512}}\n"
    for name, text in (FILES | {"bank.yaml": header + settings}).items():
        path = workspace.bank / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    people().write_csv(workspace.bank / "people.csv")
    bank = read_bank(workspace.bank)
    load_all(bank.contracts, workspace.bank, store=workspace.store, lake=workspace.lake, load_time=NOW)
    workspace.close()
    return workspace.bank


def people(rows: int = 900) -> pl.DataFrame:
    """The young live in the north; those over fifty live in the south and mostly have a loan."""
    rng = np.random.default_rng(2)
    old = np.arange(rows) % 3 == 0
    return pl.DataFrame(
        {
            "who": [f"p{i:04d}" for i in range(rows)],
            "age": np.where(old, rng.normal(60, 4, rows), rng.normal(30, 4, rows)).astype(int),
            "city": np.where(old, "south", "north"),
            "loan": rng.random(rows) < np.where(old, 0.7, 0.1),
            "fund": rng.random(rows) < 0.3,
        }
    )


def typed(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    app = App()
    for command in (clusters, needs, lookalikes):
        app.command(command)
    capsys.readouterr()
    app([str(word) for word in words], result_action="return_value")
    return capsys.readouterr().out


def test_clusters_are_found_described_and_kept_as_a_tag(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(typed(capsys, "clusters", folder, "kinds", "--json"))
    assert (found["k"], found["learnt"], found["weak"]) == (2, True, False)
    assert [each["size"] for each in found["portraits"]] == [600, 300]
    assert found["rules"][1]["precision"] == found["rules"][1]["recall"] == 1
    bank = read_bank(folder)
    with Workspace.open(folder, load_settings(folder, {})) as workspace:
        portraits = build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=bank.moment(NOW))
    assert (portraits["kind"] == 2).sum() == 300 and portraits["kind"].dtype == pl.Int64
    assert set(portraits.filter(pl.col("kind") == 2)["city"]) == {"south"}


def test_customers_are_assigned_without_learning_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(capsys, "clusters", folder, "kinds", "--json")
    again = json.loads(typed(capsys, "clusters", folder, "kinds", "--assign", "--json"))
    assert again["learnt"] is False and [each["size"] for each in again["portraits"]] == [600, 300]


def test_clusters_by_hand_in_words_and_as_rules(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = typed(capsys, "clusters", folder, "--tags", "age, city", "--k", 2, "--rules", "--language", "en")
    assert "City is 'south' for 100% (all: 33%, index 300)" in " ".join(shown.split()).replace("│ ", "")
    assert "- segment: cluster_2" in shown
    assert "聚类" in typed(capsys, "clusters", folder, "--tags", "age,city", "--k", 2, "--language", "zh")


def test_needs(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = (
        "needs",
        folder,
        "--products",
        "loan,fund",
        "--tags",
        "age,city",
        "--ids",
        tmp_path / "needs.csv",
    )
    found = json.loads(typed(capsys, *arguments, "--json"))
    written = pl.read_csv(tmp_path / "needs.csv")
    table = people()
    lacking = table.filter((pl.col("city") == "south") & ~pl.col("loan"))["who"]
    wanted = written.filter(pl.col("customer").is_in(lacking.implode()))
    assert (wanted["need"] == "loan").mean() > 0.95
    assert found["by_need"]["loan"] == (written["need"] == "loan").sum()
    assert sum(found["by_need"].values()) == 900
    assert "产品需求" in typed(capsys, *arguments, "--language", "zh")


def test_lookalikes_of_a_rule_and_of_a_list(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = people().filter(pl.col("city") == "south")["who"].head(150)
    chosen.to_frame().write_csv(tmp_path / "seed.csv")
    arguments = (
        "lookalikes",
        folder,
        "--seed-file",
        tmp_path / "seed.csv",
        "--size",
        150,
        "--tags",
        "age,loan,fund",
    )
    found = json.loads(typed(capsys, *arguments, "--ids", tmp_path / "found.csv", "--json"))
    assert "customers" not in found, "names are written to a file, on demand only"
    picked = pl.read_csv(tmp_path / "found.csv")["customer"]
    south = people().filter(pl.col("city") == "south")["who"]
    assert picked.is_in(south.implode()).mean() > 0.95 and not picked.is_in(chosen.implode()).any()
    assert found["lift_low"] > 3
    shown = typed(capsys, "lookalikes", folder, "--seed", "loan AND age > 50", "--size", 60, "--among", "NOT fund",
                  "--language", "en")  # fmt: skip
    assert "part of the seed's rule" in shown and "against chance" in shown


def test_mistakes_are_told(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "nobody.csv").write_text("customer\nx1\n", encoding="utf-8")
    for words, said in (
        (("clusters", folder), "--tags"),
        (("clusters", folder, "kind"), "kinds"),
        (("clusters", folder, "--tags", "age", "--k", "some"), "auto"),
        (("clusters", folder, "--tags", "agee"), "age"),
        (("lookalikes", folder), "--seed"),
        (("lookalikes", folder, "--seed", "agee > 3"), "age"),
        (("lookalikes", folder, "--seed-file", tmp_path / "nobody.csv"), "portrait"),
        (("needs", folder, "--products", "loans"), "loan"),
    ):
        with pytest.raises(VostroError) as caught:
            typed(capsys, *words)
        assert said in caught.value.say("en"), words
        assert caught.value.say("zh")


def test_a_model_tag_must_ask_for_what_its_source_gives(folder: Path) -> None:
    path = folder / "tags" / "tags.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(", value: cluster", ""), encoding="utf-8")
    with pytest.raises(FaultsError, match="'cluster'"):
        read_bank(folder)
