"""The catalogue of a whole bank: who reads which tag, freshness against the clock, unused and expired tags."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

import vostro
from vostro.bank import Bank, read_bank
from vostro.capture import load_all
from vostro.engine import Workspace
from vostro.portrait import ManualTags, NotBuiltError, build_portraits, keep_history, trace
from vostro.stages import bank_catalogue, column_users, last_portraits, lineage_of, tag_users
from vostro.twin import TwinBank

STARTER = Path(vostro.__file__).parent / "starter"
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
MORE = """\
- tag: fresh_job
  name: {en: Job, zh: 职业}
  dimension: basic
  attribute: customers.job
  refresh: 1 day
  expires: 30 days
  owner: data_office
  purpose: {en: To know whom we serve, zh: 了解客户}
- {tag: noted, name: {en: Noted, zh: 备注}, dimension: experience, manual: boolean, expires: 10 days}
"""


@pytest.fixture
def opened(workspace: Workspace, tmp_path: Path) -> tuple[Bank, Workspace]:
    for path in STARTER.iterdir():
        if path.is_dir() and path.name != ".vostro":
            shutil.copytree(path, workspace.bank / path.name)
        elif path.is_file():
            shutil.copy(path, workspace.bank / path.name)
    (workspace.bank / "tags" / "more.yaml").write_text(MORE, encoding="utf-8")
    bank = read_bank(workspace.bank)
    data = tmp_path / "data"
    TwinBank(customers=300, seed=3, start=NOW).write_history(data)
    wanted = {name: each for name, each in bank.contracts.items() if not each.awaited}
    load_all(wanted, data, store=workspace.store, lake=workspace.lake, load_time=NOW)
    return bank, workspace


def test_every_reader_of_a_tag_is_found(opened: tuple[Bank, Workspace]) -> None:
    bank, _ = opened
    users = tag_users(bank)
    found = {(user.kind, user.code, tag) for tag, those in users.items() for user in those}
    for code, segment in bank.segments.items():
        assert {("segment", code, tag) for tag in segment.rule.tags} <= found
    for code, estimator in bank.estimators.items():
        assert {("estimator", code, tag) for tag in estimator.features} <= found
    for code, rule in bank.catalogue.eligibility.items():
        assert {("eligibility", code, tag) for tag in rule.tags} <= found
    for code, campaign in bank.catalogue.campaigns.items():
        action = bank.catalogue.actions[campaign.action]
        features = bank.estimators[action.response.model].features
        read = bank.segments[campaign.segment].rule.tags | set(features)
        assert {("campaign", code, tag) for tag in read} <= found
        assert {("channel", channel, tag) for channel in action.channels for tag in features} <= found
    assert {kind for kind, _, _ in found} >= {
        "segment",
        "campaign",
        "estimator",
        "channel",
        "suppression",
        "reason",
    }
    traced = lineage_of(bank)
    assert set(traced) == set(bank.tags)
    assert not traced["fresh_job"].used and traced["fresh_job"].columns == ("customers.job",)


def test_the_catalogue_tells_what_is_stale_expired_and_unused(opened: tuple[Bank, Workspace]) -> None:
    bank, workspace = opened
    with pytest.raises(NotBuiltError):
        last_portraits(workspace.lake)
    before = bank_catalogue(bank, workspace.lake, moment=NOW)
    assert list(before) == list(bank.tags) and all(each.built is None for each in before.values())
    portraits = build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=NOW)
    workspace.lake.write("portrait", "latest", portraits)
    keep_history(workspace.lake, bank.tags, portraits, moment=NOW)
    assert last_portraits(workspace.lake).equals(portraits)
    after = bank_catalogue(bank, workspace.lake, moment=NOW)
    for code, entry in after.items():
        assert entry.built is not None
        assert entry.built.summary.coverage == pytest.approx(portraits[code].is_not_null().mean())
        assert entry.definition.en and entry.definition.zh
    job = after["fresh_job"]
    assert (job.owner, job.stale, job.expired, job.unused) == ("data_office", False, False, True)
    month = bank_catalogue(bank, workspace.lake, moment=NOW + timedelta(days=40))
    assert month["fresh_job"].stale and month["fresh_job"].expired
    known = build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=NOW + timedelta(days=400))
    assert known["fresh_job"].null_count() == known.height


def test_manual_tags_are_as_fresh_as_the_last_word(opened: tuple[Bank, Workspace]) -> None:
    bank, workspace = opened
    assert bank_catalogue(bank, workspace.lake, moment=NOW)["noted"].newest is None
    someone = pl.scan_parquet(workspace.lake.files("customers")).select(pl.first()).head(1).collect().item()
    desk = ManualTags(workspace.lake, bank.tags, bank.contracts)
    desk.set("noted", str(someone), "yes", by="ann", reason="r", moment=NOW)
    entry = bank_catalogue(bank, workspace.lake, moment=NOW + timedelta(days=11))["noted"]
    assert entry.newest == NOW.isoformat() and entry.expired and not entry.stale


def test_identity_reads_columns_and_clusters_read_tags(opened: tuple[Bank, Workspace]) -> None:
    bank, _ = opened
    text = "sources: {customers: {job: job}}\nfields: {job: text}\nkeys: [[job]]\n"
    (bank.folder / "identity.yaml").write_text(text, encoding="utf-8")
    (bank.folder / "clusters").mkdir()
    clusters = "- {clusters: kinds, name: {en: Kinds, zh: 分群}, features: [age, fresh_job]}\n"
    (bank.folder / "clusters" / "a.yaml").write_text(clusters, encoding="utf-8")
    more = "\n- {tag: kind_of, name: {en: Kind, zh: 类}, dimension: basic, model: {estimator: kinds, value: cluster}}\n"
    (bank.folder / "tags" / "clusters.yaml").write_text(more, encoding="utf-8")
    again = read_bank(bank.folder)
    found = lineage_of(again)
    assert ("clusters", "kinds") in {(user.kind, user.code) for user in found["fresh_job"].users}
    assert set(found["kind_of"].columns) == set(found["age"].columns) | {"customers.job"}
    columns = {f"{name}.{column}" for name, each in again.contracts.items() for column in each.columns}
    traced = trace("customers.job", found, columns, column_users(again))
    assert ("identity", "job") in {(user.kind, user.code) for user in traced.users}
    assert {"fresh_job", "kind_of"} <= set(traced.tags)
