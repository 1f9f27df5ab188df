"""Build 构建: what follows from all that is loaded, for every customer?

``STEPS`` in their order: arrivals are copied into the lake, people are matched, portraits are
built, estimators learn and say what they expect, and everything that answers questions between
two builds (the audience index, the online portraits, the history of tags) is brought up to date.
"""

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import msgspec
import polars as pl

from vostro.bank import Bank, read_bank
from vostro.capture import drain
from vostro.engine import QueueSession, Workspace, load_settings
from vostro.insight import ModelCard
from vostro.insight.definitions import tags_read
from vostro.learn import SourceResult
from vostro.portrait import (
    IdentityRun,
    build_index,
    build_portraits,
    hear_visitors,
    index_folder,
    keep_estimates,
    keep_history,
    keep_households,
    learning_order,
    read_identity,
    run_identity,
    with_model_tags,
)
from vostro.portrait.online import refresh_online
from vostro.stages.groups import assign_clusters
from vostro.stages.model_learning import LearntModel, learn_estimator
from vostro.stages.portrait_report import PortraitReport, portrait_report
from vostro.stages.sources import load_into
from vostro.words import Progress, silent

__all__ = ["STEPS", "Built", "build_bank"]


class Built(msgspec.Struct, frozen=True):
    """What was built: how many portraits, how large the segments, how well the tags are filled."""

    customers: int
    state: Path  # the bank's state folder
    as_of: datetime  # after it nothing is known to the portraits
    segments: dict[str, int]  # code -> customers
    coverage: dict[str, float]  # tag -> share of customers with a value
    estimators: dict[str, ModelCard]  # code -> card of the estimator learnt from all known outcomes
    models: dict[str, LearntModel]  # code -> who speaks, what is proposed, how the champion is
    arrivals: int  # events that had come one by one since the last build
    identity: IdentityRun | None  # who is who; None where the bank does not ask
    index_mb: float  # size of the audience index
    sources: list[SourceResult]  # what was loaded first


@dataclass(frozen=True)
class Site:
    """A bank under construction: each step returns one with more fields filled."""

    bank: Bank
    workspace: Workspace
    moment: datetime  # what the clock says
    as_of: datetime
    progress: Progress
    by: str  # the person who builds
    arrivals: int = 0
    identity: IdentityRun | None = None
    portraits: pl.DataFrame = field(default_factory=pl.DataFrame)
    models: dict[str, LearntModel] = field(default_factory=dict)
    index_mb: float = 0.0


def copy_arrivals(site: Site) -> Site:
    """Copy events that came one by one from the log into the lake."""
    found = [drain(site.workspace.store, site.workspace.lake, each) for each in site.bank.contracts.values()]
    return replace(site, arrivals=sum(found))


def link(site: Site) -> Site:
    """Match the records of people and hear of visitors, where the bank has an ``identity.yaml``."""
    definition = read_identity(site.bank.folder, site.bank.contracts)
    if definition is None:
        return site
    lake = site.workspace.lake
    lives = site.bank.moment(site.moment)  # so that it is known to what is built as of now
    found = run_identity(lake, definition, site.bank.contracts, moment=lives)
    with QueueSession(lake.store) as session, session.glance() as cursor:
        hear_visitors(cursor)
    keep_households(lake, definition, site.bank.contracts, moment=site.as_of)
    return replace(site, identity=found)


def portray(site: Site) -> Site:
    """Build every tag of every customer as known at the moment."""
    found = build_portraits(site.bank.tags, site.bank.contracts, site.workspace.lake, as_of=site.as_of)
    return replace(site, portraits=found)


def learn(site: Site) -> Site:
    """Let every estimator learn and be looked at, and keep what the champions expect of everybody."""
    bank, lake, portraits = site.bank, site.workspace.lake, site.portraits
    models: dict[str, LearntModel] = {}
    reads = {code: tags_read(each, bank.tags) for code, each in bank.estimators.items()}
    for code in learning_order(bank.tags, reads):
        models[code], estimates = learn_estimator(
            site.workspace,
            bank,
            bank.estimators[code],
            portraits,
            moment=site.moment,
            as_of=site.as_of,
            by=site.by,
        )
        if estimates is not None:
            keep_estimates(lake, code, estimates, as_of=site.as_of)
            portraits = with_model_tags(portraits, bank.tags, lake, as_of=site.as_of)
    if assign_clusters(site.workspace, bank, portraits, as_of=site.as_of):
        portraits = with_model_tags(portraits, bank.tags, lake, as_of=site.as_of)
    return replace(site, portraits=portraits, models=models)


def keep(site: Site) -> Site:
    """Keep the portraits as the latest, and a summary of every tag for its history."""
    lake, portraits = site.workspace.lake, site.portraits
    with site.workspace.store.begin() as connection:
        lake.write("portrait", "latest", portraits, connection)
        keep_history(
            lake, site.bank.tags, portraits, moment=site.moment, as_of=site.as_of, connection=connection
        )
    return site


def index(site: Site) -> Site:
    """Build the audience index."""
    made = build_index(site.portraits, site.bank.tags, site.as_of, site.bank.version)
    folder = index_folder(site.workspace.state)
    made.save(folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return replace(site, index_mb=round(size / 1e6, 3))


def refresh(site: Site) -> Site:
    """Bring the online portraits and what past moments are read from up to date."""
    refresh_online(
        site.workspace.lake, site.bank.tags, site.bank.contracts, now=site.as_of, portraits=site.portraits
    )
    return site


STEPS: tuple[Callable[[Site], Site], ...] = (copy_arrivals, link, portray, learn, keep, index, refresh)


def build_bank(
    folder: Path,
    *,
    moment: datetime,
    data: Path | None = None,
    as_of: datetime | None = None,
    by: str | None = None,
    progress: Progress = silent,
) -> tuple[Built, PortraitReport]:
    """Build portraits, segments and estimators from what is loaded, and keep them.

    Args:
        folder: the bank's.
        moment: what the clock says, with a zone.
        data: load the files of this folder first.
        as_of: after it nothing is known; None: the moment at which the bank lives.
        by: who builds, and so proposes what was learnt; None: whoever runs the process.
        progress: told of every step.

    Raises:
        LakeTableMissingError: nothing was loaded yet.
        VostroError: of loading, of reading definitions, of learning.
    """
    bank = read_bank(folder)
    with Workspace.open(folder, load_settings(folder, os.environ)) as workspace:
        sources = (
            [] if data is None else load_into(workspace, bank, data, load_time=moment, progress=progress)
        )
        site = Site(bank, workspace, moment, as_of or bank.moment(moment), progress, by or getpass.getuser())
        for done, step in enumerate(STEPS):
            progress("build", done, len(STEPS) + 1)
            site = step(site)
        report = portrait_report(bank, workspace, site.portraits, moment=moment, as_of=site.as_of)
        progress("build", len(STEPS) + 1, len(STEPS) + 1)
    return _built(site, sources), report


def _built(site: Site, sources: list[SourceResult]) -> Built:
    portraits, rows = site.portraits, max(1, site.portraits.height)
    return Built(
        customers=portraits.height,
        state=site.workspace.state,
        as_of=site.as_of,
        segments={code: int(each.mask(portraits).sum()) for code, each in site.bank.segments.items()},
        coverage={tag: 1 - portraits[tag].null_count() / rows for tag in site.bank.tags},
        estimators={code: each.card for code, each in site.models.items() if each.card is not None},
        models=site.models,
        arrivals=site.arrivals,
        identity=site.identity,
        index_mb=site.index_mb,
        sources=sources,
    )
