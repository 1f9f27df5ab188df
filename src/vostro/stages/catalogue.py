"""The catalogue of a bank 全行标签目录: every tag with what reads it: segments, campaigns, rules and estimators."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import polars as pl

from vostro.bank import Bank
from vostro.engine import Lake
from vostro.insight import read_clusters
from vostro.portrait import CatalogueEntry, Lineage, NotBuiltError, TagUser, lineage, tag_catalogue
from vostro.portrait.identity import read_identity
from vostro.words import Text

__all__ = ["bank_catalogue", "column_users", "last_portraits", "lineage_of", "tag_users"]


def bank_catalogue(bank: Bank, lake: Lake, *, moment: datetime) -> dict[str, CatalogueEntry]:
    """Return every tag of a bank with its meaning, its last build and its lineage both ways.

    Args:
        bank: its definitions.
        lake: its last build gives coverage and distribution.
        moment: now; freshness is against it.
    """
    users = tag_users(bank)
    return tag_catalogue(
        bank.tags, bank.contracts, lake, users=users, features=_features(bank), moment=moment
    )


def lineage_of(bank: Bank) -> dict[str, Lineage]:
    """Return where every tag of a bank comes from and goes to, from the definitions alone."""
    return lineage(bank.tags, tag_users(bank), _features(bank))


def column_users(bank: Bank) -> dict[str, set[TagUser]]:
    """Return what reads columns without a tag between: the identity of customers."""
    definition = read_identity(bank.folder, bank.contracts)
    found: dict[str, set[TagUser]] = defaultdict(set)
    for source, mapping in definition.sources.items() if definition is not None else ():
        for field, column in mapping.items():
            name = Text(en=f"Identity: {field}", zh=f"客户识别：{field}")
            found[f"{source}.{column}"].add(TagUser("identity", field, name))
    return dict(found)


def last_portraits(lake: Lake) -> pl.DataFrame:
    """Return the portraits of the last build, one row a customer.

    Raises:
        NotBuiltError: nothing was built yet.
    """
    for part in lake.partitions("portrait"):
        if part.partition == "latest":
            return pl.read_parquet(part.path / "*.parquet")
    raise NotBuiltError


def tag_users(bank: Bank) -> dict[str, set[TagUser]]:
    """Return what reads each tag from outside, once each; tags that nothing reads are left out."""
    found: dict[str, set[TagUser]] = defaultdict(set)
    for reads in (_segments, _estimators, _actions, _campaigns):
        for tag, user in reads(bank):
            found[tag].add(user)
    return dict(found)


def _features(bank: Bank) -> dict[str, tuple[str, ...]]:
    """Return the tags that each estimator and each clustering reads."""
    reads = {code: each.features for code, each in bank.estimators.items()}
    clusters = read_clusters(bank.folder, tags=bank.tags)
    return reads | {code: each.features for code, each in clusters.items()}


def _segments(bank: Bank) -> Iterator[tuple[str, TagUser]]:
    for code, segment in bank.segments.items():
        for tag in segment.rule.tags:
            yield tag, TagUser("segment", code, segment.name)


def _estimators(bank: Bank) -> Iterator[tuple[str, TagUser]]:
    for code, estimator in bank.estimators.items():
        for tag in estimator.features:
            yield tag, TagUser("estimator", code, estimator.name)
    for code, clusters in read_clusters(bank.folder, tags=bank.tags).items():
        for tag in clusters.features:
            yield tag, TagUser("clusters", code, clusters.name)


def _actions(bank: Bank) -> Iterator[tuple[str, TagUser]]:
    """Yield what the rules of actions read, and by which channel the answer goes out."""
    catalogue = bank.catalogue
    for code, action in catalogue.actions.items():
        for tag in catalogue.eligibility[code].tags:
            yield tag, TagUser("eligibility", code, action.name)
        for suppression, rule in catalogue.suppressions.get(code, ()):
            for tag in rule.tags:
                yield tag, TagUser("suppression", f"{code}.{suppression.suppression}", suppression.name)
        for reason, rule in catalogue.phrases.get(code, ()):
            name = Text(en=f"{action.name.en}: {reason.say.en}", zh=f"{action.name.zh}：{reason.say.zh}")
            for tag in {reason.tag, *rule.tags}:
                yield tag, TagUser("reason", f"{code}.{reason.tag}", name)
        for channel in action.channels:
            for tag in _of_action(bank, code):
                yield tag, TagUser("channel", channel, catalogue.channels[channel].name)


def _campaigns(bank: Bank) -> Iterator[tuple[str, TagUser]]:
    for code, campaign in bank.catalogue.campaigns.items():
        for tag in bank.segments[campaign.segment].rule.tags | _of_action(bank, campaign.action):
            yield tag, TagUser("campaign", code, campaign.name)


def _of_action(bank: Bank, action: str) -> frozenset[str]:
    """Return every tag that decides about an action."""
    catalogue = bank.catalogue
    rules = [catalogue.eligibility[action]]
    rules += [
        rule for _, rule in (*catalogue.suppressions.get(action, ()), *catalogue.phrases.get(action, ()))
    ]
    features = bank.estimators[catalogue.actions[action].response.model].features
    return frozenset(features).union(*(rule.tags for rule in rules))
