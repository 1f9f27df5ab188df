"""Stages 阶段: how each room of the loop is entered, one file a stage, same shape everywhere."""

from vostro.stages.build import Built, build_bank
from vostro.stages.capture import DataMissingError, capture
from vostro.stages.catalogue import bank_catalogue, column_users, last_portraits, lineage_of, tag_users
from vostro.stages.customer import view_customer
from vostro.stages.decide import decide, decide_waves
from vostro.stages.groups import (
    ClustersFound,
    ClustersUnknownError,
    NeedsFound,
    SeedFileError,
    assign_clusters,
    find_clusters,
    find_lookalike_audience,
    find_needs,
)
from vostro.stages.insight import insight, read_estimates
from vostro.stages.learn import learn
from vostro.stages.listen import listen
from vostro.stages.portrait import portrait
from vostro.stages.portrait_report import PortraitReport, TagCard, portrait_report
from vostro.stages.reach import reach
from vostro.stages.runs import KeptRun, RunUnknownError, find_run, keep_run, unpack_definitions
from vostro.stages.sources import load_sources

__all__ = [
    "Built",
    "ClustersFound",
    "ClustersUnknownError",
    "DataMissingError",
    "KeptRun",
    "NeedsFound",
    "PortraitReport",
    "RunUnknownError",
    "SeedFileError",
    "TagCard",
    "assign_clusters",
    "bank_catalogue",
    "build_bank",
    "capture",
    "column_users",
    "decide",
    "decide_waves",
    "find_clusters",
    "find_lookalike_audience",
    "find_needs",
    "find_run",
    "insight",
    "keep_run",
    "last_portraits",
    "learn",
    "lineage_of",
    "listen",
    "load_sources",
    "portrait",
    "portrait_report",
    "reach",
    "read_estimates",
    "tag_users",
    "unpack_definitions",
    "view_customer",
]
