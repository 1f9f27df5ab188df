"""A bank 银行定义: everything that its folder defines, read and checked as a whole.

The rooms own the shapes; this page only puts them together, in the order in which they
depend on each other: contracts, tags, segments, estimators, catalogue.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from vostro.capture import Contract, read_contracts
from vostro.decide import Campaign, Catalogue, read_catalogue
from vostro.engine import Located, read_definitions, read_one
from vostro.insight import ClusterDefinition, EstimatorDefinition, read_clusters, read_estimators
from vostro.portrait import (
    IdentityDefinition,
    Segment,
    Tag,
    TagInfo,
    read_identity,
    read_segments,
    read_tags,
    tag_infos,
)
from vostro.reach import read_script
from vostro.words import CODE, Fault, FaultsError, Text, VostroError, digest, parse_moment, suggest, zone

__all__ = ["Bank", "BankHeader", "CampaignUnknownError", "definition_files", "read_bank"]


RESERVED = frozenset({"customer", "event_time", "learnable", "success", "wave"})
TABLES = frozenset(  # of the lake, written by Vostro itself
    {
        "decision", "definitions", "estimate", "identity_frequency", "identity_household", "identity_pair",
        "identity_record", "message", "model", "portrait", "tag_history",
    }
)  # fmt: skip


class CampaignUnknownError(VostroError):
    """A campaign was asked for that the bank does not define."""

    code = "bank.campaign_unknown"
    status = 404
    en = "There is no campaign '{campaign}'. The bank defines: {known}."
    zh = "没有名为“{campaign}”的营销活动。已定义的有：{known}。"


class BankHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``bank.yaml``."""

    bank: str
    name: Text
    currency: str
    zone: str
    as_of: str | None = None  # the moment at which a bank of the past lives; default: the clock's
    settings: dict[str, Any] = {}


class _ContractCode(msgspec.Struct, frozen=True):
    """A contract's code alone, to find its place in the files."""

    contract: str


class _TagCode(msgspec.Struct, frozen=True):
    """A tag's code alone, to find its place in the files."""

    tag: str


class _ActionCode(msgspec.Struct, frozen=True):
    """An action's code alone, to find its place in the files."""

    action: str


class Bank(msgspec.Struct, frozen=True):
    """All definitions of a bank."""

    folder: Path
    header: BankHeader
    contracts: Mapping[str, Contract]
    tags: Mapping[str, Tag]
    segments: Mapping[str, Segment]
    estimators: Mapping[str, EstimatorDefinition]
    catalogue: Catalogue
    identity: IdentityDefinition | None  # who is who; None: every customer number is a person
    clusters: Mapping[str, ClusterDefinition]
    version: str  # digest of every definition file

    def moment(self, clock: datetime) -> datetime:
        """Return the moment at which the bank lives: that of ``bank.yaml``, or what the clock says."""
        return clock if self.header.as_of is None else parse_moment(self.header.as_of)

    def clock(self) -> datetime:
        """Return what time it is for the bank, now; for the doors, which alone may ask a clock."""
        return self.moment(datetime.now(UTC))

    @property
    def tag_infos(self) -> Mapping[str, TagInfo]:
        """What rules must know about each tag."""
        return tag_infos(self.tags)

    def campaign(self, code: str | None = None) -> Campaign:
        """Return the campaign of that code, or the only one.

        Raises:
            CampaignUnknownError: there is none of that code, or none or several to choose from.
        """
        campaigns = self.catalogue.campaigns
        if code is None and len(campaigns) == 1:
            return next(iter(campaigns.values()))
        if code is not None and code in campaigns:
            return campaigns[code]
        close = suggest(code or "", set(campaigns))
        known = ", ".join(sorted(campaigns, key=lambda name: name != close)) or "-"
        raise CampaignUnknownError(campaign=code or "", known=known)


def read_bank(folder: Path) -> Bank:
    """Read and check a bank's folder.

    Raises:
        BankFolderError: there is no ``bank.yaml``.
        FaultsError: faults of the first kind of definition that has any, all of them with file and line.
    """
    header = read_one(folder / "bank.yaml", BankHeader)
    _check_header(header)
    contracts = read_contracts(folder)
    tags = read_tags(folder, contracts)
    _check_awaited(folder, tags, contracts)
    _check_reserved(tags)
    _check_tables(folder, contracts)
    infos = tag_infos(tags)
    segments = read_segments(folder, tags)
    estimators = read_estimators(folder, tags=infos, contracts=contracts)
    catalogue = read_catalogue(
        folder,
        contracts=contracts,
        tags=infos,
        segments=segments,
        estimators=estimators,
        currency=header.value.currency,
    )
    _check_responses(folder, catalogue, estimators)
    _check_scripts(folder, catalogue)
    _check_knowledge(folder, infos)
    return Bank(
        folder=folder,
        header=header.value,
        contracts=contracts,
        tags=tags,
        segments=segments,
        estimators=estimators,
        catalogue=catalogue,
        identity=read_identity(folder, contracts),
        clusters=read_clusters(folder, tags=tags),
        version=definitions_digest(folder),
    )


def _check_knowledge(folder: Path, tags: Mapping[str, TagInfo]) -> None:
    """Refuse product knowledge that cannot be read; see ``vostro.insight.Knowledge``."""
    if (folder / "knowledge").is_dir():
        from vostro.insight import Knowledge

        Knowledge.read(folder, tags=tags)


def definition_files(folder: Path) -> list[Path]:
    """Return the files that define a bank, in order of their names; hidden folders hold state."""
    found = [
        path
        for pattern in ("*.yaml", "*/*.yaml", "knowledge/*/*.yaml", "*/*.md")
        for path in folder.glob(pattern)
    ]
    return sorted(path for path in found if not path.relative_to(folder).parts[0].startswith("."))


def definitions_digest(folder: Path) -> str:
    """Return the digest of the definition files, of their names and content."""
    parts: list[bytes | str] = []
    for path in definition_files(folder):
        parts += [path.relative_to(folder).as_posix(), path.read_bytes()]
    return digest(*parts)


def _check_header(header: Located[BankHeader]) -> None:
    faults = []
    if not CODE.match(header.value.bank):
        faults.append(
            header.fault("bank", "use a-z, 0-9 and _, a letter first", "只用 a-z、0-9 与下划线，以字母开头")
        )
    if not (len(header.value.currency) == 3 and header.value.currency.isupper()):
        faults.append(
            header.fault("currency", "write an ISO 4217 code such as EUR", "请写 ISO 4217 币种代码，如 CNY")
        )
    for name, read in (("zone", zone), ("as_of", parse_moment)):
        written = getattr(header.value, name)
        try:
            if written is not None:
                read(written)
        except VostroError as error:
            faults.append(header.fault(name, error.say("en"), error.say("zh")))
    if faults:
        raise FaultsError(faults)


def _check_reserved(tags: Mapping[str, Tag]) -> None:
    """Refuse tags whose name the loop itself gives to a column."""
    taken = [tag for code, tag in tags.items() if code in RESERVED]
    if taken:
        words = "the loop uses this name itself; choose another", "此名称由系统占用，请换一个"
        raise FaultsError(
            [
                Fault(
                    file=tag.file,
                    line=tag.line,
                    message_en=f"'{tag.tag}': {words[0]}",
                    message_zh=f"“{tag.tag}”：{words[1]}",
                )
                for tag in taken
            ]
        )


def _check_tables(folder: Path, contracts: Mapping[str, Contract]) -> None:
    """Refuse contracts that are named like a table of the lake that Vostro writes itself."""
    taken = [code for code in contracts if code in TABLES or code.startswith("by_customer_")]
    if taken:
        places = read_definitions(folder / "contracts", "contract", _ContractCode)
        en, zh = "Vostro has a table of this name itself; choose another", "系统自身使用此表名，请换一个"
        raise FaultsError(
            [places[code].fault("contract", f"'{code}': {en}", f"“{code}”：{zh}") for code in taken]
        )


def _check_responses(
    folder: Path, catalogue: Catalogue, estimators: Mapping[str, EstimatorDefinition]
) -> None:
    """Refuse actions whose response is reckoned with an estimate that may not decide, or is no response."""
    wrong: dict[str, tuple[str, str]] = {}
    for code, action in catalogue.actions.items():
        model = estimators[action.response.model]
        if "decide" not in model.uses:
            en, zh = (
                f"estimates of '{model.estimator}' may not decide",
                f"模型“{model.estimator}”不得用于决策",
            )
            wrong[code] = en, zh
        elif model.kind != "response":
            en, zh = f"'{model.estimator}' is no estimator of responses", f"“{model.estimator}”不是响应模型"
            wrong[code] = en, zh
        elif model.horizon is not None:
            en = f"'{model.estimator}' foresees what happens, not who answers a contact; use it as a model tag in a rule"
            zh = f"“{model.estimator}”预测事件发生，而非对触达的响应；请以模型标签用于规则"
            wrong[code] = en, zh
    if wrong:
        places = read_definitions(folder / "actions", "action", _ActionCode)
        raise FaultsError([places[code].fault("response.model", *words) for code, words in wrong.items()])


def _check_scripts(folder: Path, catalogue: Catalogue) -> None:
    """Read every script once, so that a missing language is told before anything is estimated.

    Raises:
        ScriptError: a script lacks a language or is not UTF-8.
    """
    for action in catalogue.actions.values():
        for script in action.channels.values():
            read_script(folder / script)


def _check_awaited(folder: Path, tags: Mapping[str, Tag], contracts: Mapping[str, Contract]) -> None:
    """Refuse tags of sources that answer a campaign: run again, it would know its own outcome."""
    awaited = {
        code: each.attribute[0]
        for code, each in tags.items()
        if each.attribute and contracts[each.attribute[0]].awaited
    }
    if not awaited:
        return
    places = read_definitions(folder / "tags", "tag", _TagCode)
    raise FaultsError(
        [
            places[code].fault(
                "attribute",
                f"contract '{contract}' is awaited: it comes after the decision, so no tag may read it",
                f"契约“{contract}”标记为 awaited，其数据晚于决策到达，标签不得引用",
            )
            for code, contract in awaited.items()
        ]
    )
