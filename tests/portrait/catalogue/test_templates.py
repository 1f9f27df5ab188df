"""Templates expand to ordinary tags: scores and stages against plain Python, faults at the template's line."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.capture import load_all, read_contracts
from vostro.engine import Workspace
from vostro.portrait import build_portraits, check_rules, read_tags, read_templates, rfm_cuts
from vostro.portrait.catalogue.templates.rfm import Cuts
from vostro.words import FaultsError

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CONTRACT = """\
contract: payments
meaning: {en: Card payments, zh: 刷卡交易}
file: payments.csv
key: [id]
customer: who
event_time: {column: at}
columns:
  id: {type: integer, meaning: {en: Number, zh: 流水号}}
  who: {type: text, meaning: {en: Customer, zh: 客户号}}
  at: {type: moment, meaning: {en: When, zh: 时间}}
  amount: {type: decimal, decimal: [12, 2], meaning: {en: Amount, zh: 金额}}
"""
HOLDER = """\
contract: holders
meaning: {en: Holders, zh: 账户持有人}
file: holders.csv
key: [id]
customer: id
columns:
  id: {type: text, meaning: {en: Number, zh: 编号}}
  account: {type: text, personal_data: identity, meaning: {en: Account, zh: 账号}}
  role: {type: text, meaning: {en: Role, zh: 角色}}
"""
CUTS = "cuts: {recency: [5, 20, 60, 120], frequency: [1, 2, 4, 8], monetary: [20, 60, 120, 300]}"
RFM = "- template: rfm\n  of: payments\n  amount: amount\n"
LIFE = "- {template: lifecycle, of: payments, lost: 300 days}\n"
HOUSE = "- {template: household, by: holders.account, role: holders.role, totals: {spent: rfm_monetary}}\n"


def _events(customers: int = 60, seed: int = 3) -> dict[str, list[tuple[datetime, float]]]:
    draw = random.Random(seed)
    found: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    for i in range(customers):
        last = draw.choice([0.5, 3, 30, 100, 200, 340, 500])
        for _ in range(draw.choice([0, 1, 1, 2, 3, 6, 12, 20])):
            back = last + draw.random() * draw.choice([20, 150, 600])
            when = NOW - timedelta(seconds=round(back * 86_400))
            found[f"c{i:02}"].append((when, draw.randrange(100, 9000) / 100))
    return found


@pytest.fixture
def bank(workspace: Workspace):
    events = _events()
    lines = ["id,who,at,amount"]
    rows = [(who, when, amount) for who, those in events.items() for when, amount in those]
    lines += [f"{i},{who},{when.isoformat()},{amount:.2f}" for i, (who, when, amount) in enumerate(rows)]
    holders = [f"c{i:02},a{i // 2 if i % 5 else ''},{'owner' if i % 2 else 'user'}" for i in range(60)]
    files = {
        "contracts/a.yaml": CONTRACT,
        "contracts/b.yaml": HOLDER,
        "tags/a.yaml": f"{RFM}  {CUTS}\n{LIFE}{HOUSE}",
        "payments.csv": "\n".join(lines) + "\n",
        "holders.csv": "\n".join(["id,account,role", *holders]) + "\n",
    }
    for name, text in files.items():
        path = workspace.bank / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    contracts = read_contracts(workspace.bank)
    load_all(contracts, workspace.bank, store=workspace.store, lake=workspace.lake, load_time=NOW)
    tags = read_tags(workspace.bank, contracts)
    return build_portraits(tags, contracts, workspace.lake, as_of=NOW), tags, events


def test_rfm_equals_a_plain_count(bank) -> None:
    portraits, tags, events = bank
    assert [code for code in tags if code.startswith("rfm")] == [
        "rfm_recency", "rfm_frequency", "rfm_monetary", "rfm_r", "rfm_f", "rfm_m", "rfm_segment"]  # fmt: skip
    low = NOW - timedelta(days=365)
    low = low.replace(hour=0, minute=0, second=0, microsecond=0)
    groups = set()
    for row in portraits.iter_rows(named=True):
        inside = [(when, amount) for when, amount in events[row["customer"]] if low <= when < NOW]
        total = round(sum(amount for _, amount in inside), 2)
        recency = min(((NOW - when).days for when, _ in inside), default=None)
        assert row["rfm_frequency"] == len(inside)
        assert float(row["rfm_monetary"]) == pytest.approx(total)
        assert row["rfm_recency"] == recency
        if not inside:
            assert row["rfm_r"] is row["rfm_f"] is row["rfm_m"] is None and row["rfm_segment"] == "inactive"
            continue
        r = 5 - sum(recency > cut for cut in (5, 20, 60, 120))
        f = 1 + sum(len(inside) > cut for cut in (1, 2, 4, 8))
        m = 1 + sum(total > cut for cut in (20, 60, 120, 300))
        assert (row["rfm_r"], row["rfm_f"], row["rfm_m"]) == (str(r), str(f), str(m))
        assert row["rfm_segment"] == _segment(r, f, m)
        groups.add(row["rfm_segment"])
    assert len(groups) >= 6, "the sample meets most groups"


def _segment(r: int, f: int, m: int) -> str:
    """The named groups, as the page of the catalogue says them."""
    if r >= 4:
        if f >= 4:
            return "champions" if m >= 4 else "loyal"
        return "potential" if f >= 2 else "new"
    if r == 3:
        return "loyal" if f >= 4 else "needs_attention" if f >= 2 else "about_to_sleep"
    if f >= 4 and m >= 4:
        return "cannot_lose"
    if f >= 3:
        return "at_risk"
    return "hibernating" if r == 2 else "lost"


def test_lifecycle_equals_a_plain_walk(bank) -> None:
    portraits, _, events = bank
    cut = [(NOW - timedelta(days=90 * k)).replace(hour=0, minute=0, second=0, microsecond=0) for k in (1, 2)]
    stages = set()
    for row in portraits.iter_rows(named=True):
        moments = [when for when, _ in events[row["customer"]]]
        now = sum(when >= cut[0] for when in moments)
        before = sum(cut[1] <= when < cut[0] for when in moments)
        trend = (now - before) / before if before else None
        if not moments:
            stage = "none"
        elif (NOW - max(moments)).days >= 300:
            stage = "lost"
        elif (NOW - max(moments)).days >= 90:
            stage = "dormant"
        elif (NOW - min(moments)).days < 90:
            stage = "new"
        elif trend is not None and trend <= -0.5:
            stage = "at_risk"
        elif trend is not None and trend >= 0.2:
            stage = "growing"
        else:
            stage = "active"
        assert row["lifecycle"] == stage
        stages.add(stage)
    assert len(stages) >= 6, "the sample meets nearly every stage"


def test_household_totals_are_the_members(bank) -> None:
    portraits, tags, _ = bank
    assert tags["household_id"].sensitivity == "identity" and tags["household_size"].sensitivity == "basic"
    of: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in portraits.iter_rows(named=True):
        of[row["household_id"]].append(row)
    for household, members in of.items():
        for row in members:
            alone = household in (None, "a")
            if household is None:
                assert row["household_size"] is row["household_spent"] is None
            elif not alone:
                assert row["household_size"] == len(members)
                assert row["household_spent"] == sum(each["rfm_monetary"] for each in members)
    assert set(portraits["household_role"].to_list()) == {"owner", "user"}


def test_learnt_cuts_are_a_line_that_can_be_pasted(bank, tmp_path: Path) -> None:
    portraits = bank[0]
    cuts = rfm_cuts(portraits, "rfm")
    assert cuts is not None
    active = portraits.filter(pl.col("rfm_frequency") > 0)
    assert cuts.customers == active.height
    for share, cut in zip((0.2, 0.4, 0.6, 0.8), cuts.recency, strict=True):
        values = active["rfm_recency"]
        assert (values <= cut).mean() >= share > (values < cut).mean()
    folder = tmp_path / "bank"
    (folder / "tags" / "a.yaml").write_text(f"{RFM}  {cuts.line}\n", encoding="utf-8")
    kept = read_templates(folder)["rfm"].value.cuts
    assert kept is not None and (kept.recency, kept.monetary) == (cuts.recency, cuts.monetary)
    assert rfm_cuts(portraits, "other") is None
    assert rfm_cuts(portraits.with_columns(rfm_frequency=pl.lit(0)), "rfm") is None


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_fifths_hold_at_least_their_share(values: list[int]) -> None:
    frame = pl.DataFrame({"x_recency": values, "x_frequency": [1] * len(values), "x_monetary": values})
    cuts = rfm_cuts(frame, "x")
    assert isinstance(cuts, Cuts)
    for share, cut in zip((0.2, 0.4, 0.6, 0.8), cuts.recency, strict=True):
        assert np.mean(np.array(values) <= cut) >= share - 1e-9


FAULTS = [
    ("- {template: rfm, amount: amount}", "template 'rfm' needs 'of'"),
    ("- {template: rfm, of: payments, amount: amount, new: 3 days}", "template 'rfm' has no field 'new'"),
    ("- {template: rfm, of: payment, amount: amount}", "did you mean 'payments'"),
    ("- {template: rfm, of: payments, amount: amout}", "'amout'; did you mean"),
    ("- {template: lifecycle, of: payments, dormant: 36 hours}", "'36 hours' is not a span of whole days"),
    ("- {template: lifecycle, of: payments, growing: much}", "'much' is not a share"),
    ("- {template: lifecycle, of: payments, prefix: A}", "use a-z, 0-9 and _"),
    ("- {template: household, by: holders.acount}", "did you mean 'holders.account'"),
    ("- {template: rfmm, of: payments}", "rfmm"),
    ("- {template: rfm, of: payments, amount: amount, cuts: {recency: [9, 2, 3, 4], frequency: [1, 2, 3, 4], "
     "monetary: [1, 2, 3, 4]}}", "the four cut points must rise"),
    ("- {template: rfm, of: payments, amount: amount, where: amout > 5}", "'amout'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_faults_point_to_the_templates_line(bank, workspace: Workspace, text: str, said: str) -> None:
    (workspace.bank / "tags" / "a.yaml").write_text(f"# a note\n{text}\n", encoding="utf-8")
    contracts = read_contracts(workspace.bank)
    faults = [str(each) for each in check_rules(workspace.bank, contracts)]
    assert faults and all(each.startswith("tags/a.yaml:2:") for each in faults)
    assert any(said in each for each in faults)
    assert len(faults) == len(set(faults))


def test_a_code_that_is_taken_is_told_with_both_places(bank, workspace: Workspace) -> None:
    own = "- {tag: rfm_recency, name: {en: A, zh: 甲}, dimension: basic, attribute: holders.role}\n"
    (workspace.bank / "tags" / "a.yaml").write_text(own + RFM, encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read_tags(workspace.bank, read_contracts(workspace.bank))
    said = caught.value.say("en")
    assert "tags/a.yaml:2: it makes tag 'rfm_recency', which is already defined in tags/a.yaml:1" in said
    (workspace.bank / "tags" / "a.yaml").write_text(RFM + RFM, encoding="utf-8")
    with pytest.raises(FaultsError, match="already defined"):
        read_tags(workspace.bank, read_contracts(workspace.bank))
    (workspace.bank / "tags" / "a.yaml").write_text(RFM + RFM + "  prefix: cards\n", encoding="utf-8")
    assert len(read_tags(workspace.bank, read_contracts(workspace.bank))) == 6


def test_shared_fields_reach_every_tag(bank, workspace: Workspace) -> None:
    shared = "  name: {en: Card spending, zh: 刷卡消费}\n  owner: cards\n  uses: [segment, show]\n"
    (workspace.bank / "tags" / "a.yaml").write_text(f"{RFM}  {CUTS}\n{shared}", encoding="utf-8")
    tags = read_tags(workspace.bank, read_contracts(workspace.bank))
    assert {tag.owner for tag in tags.values()} == {"cards"}
    assert {tag.uses for tag in tags.values()} == {("segment", "show")}
    assert tags["rfm_r"].name.en == "Card spending: recency score"
    assert all(tag.name.zh.startswith("刷卡消费：") for tag in tags.values())
