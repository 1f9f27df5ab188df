"""The catalogue 目录: which products, actions, channels and campaigns does the bank have?

Each is a YAML definition in the folder of its name. ``read_catalogue`` reads them all,
checks every rule and reference, and tells all faults at once with file and line.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from vostro.capture import Contract
from vostro.decide.amounts import Capacity, parse_share
from vostro.engine import Located, read_definitions
from vostro.insight import EstimatorDefinition
from vostro.portrait import Rule, Segment, TagInfo, parse_rule
from vostro.words import Fault, FaultsError, Money, Text, VostroError, parse_span, suggest

__all__ = [
    "Action",
    "Campaign",
    "Catalogue",
    "Channel",
    "Product",
    "Response",
    "SpokenReason",
    "Suppression",
    "Waves",
    "read_catalogue",
]

T = TypeVar("T")


class Product(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something the bank sells."""

    product: str
    name: Text
    goal: str = "cross_sell"


class Suppression(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Allowed in general, not now: customers for whom ``rule`` is true are left out."""

    suppression: str
    name: Text
    rule: str


class SpokenReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an agent may say to a customer for whom ``when`` holds and ``tag`` speaks for the action."""

    tag: str
    when: str
    say: Text


class Response(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a response is worth: value = response_probability x margin - contact_cost."""

    model: str  # an estimator's code
    margin: str  # money earned when the customer responds
    contact_cost: str  # money spent on each contact
    within: str = "90 days"  # attribution window


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing the bank may do to or for a customer."""

    action: str
    name: Text
    product: str
    response: Response
    channels: dict[str, str]  # channel -> script file
    eligibility: str = "TRUE"
    suppressions: tuple[Suppression, ...] = ()
    goal: str = "cross_sell"
    limits: dict[str, str] = {}  # channel -> capacity
    reasons: tuple[SpokenReason, ...] = ()  # what may be said to the customer

    @property
    def margin(self) -> Money:
        """Money earned by one response."""
        return Money.parse(self.response.margin)

    @property
    def contact_cost(self) -> Money:
        """Money spent on one contact."""
        return Money.parse(self.response.contact_cost)


class Channel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A medium, and the file in which it takes its messages."""

    channel: str
    name: Text
    file: str  # such as call_list.csv, in the run's folder
    reachable: str | None = None  # rule: whom this medium can reach at all


class Waves(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A campaign that is decided in waves of customers who come in order of time."""

    size: int
    first: int  # the first customer that is decided on; those before are only learnt from
    order: str  # contract whose event_time orders the customers


class Campaign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bounded effort with a goal, a capacity and a control group."""

    campaign: str
    name: Text
    segment: str
    action: str
    holdout: str = "10 %"
    explore: str = "0 %"  # share of the capacity that is drawn at random, to learn from
    seed: int = 0
    waves: Waves | None = None
    replays_history: bool = False

    @property
    def holdout_share(self) -> float:
        """Share of contactable customers left alone, in [0, 1]."""
        return parse_share(self.holdout)

    @property
    def explore_share(self) -> float:
        """Share of the capacity drawn at random, in [0, 1]."""
        return parse_share(self.explore)


class Catalogue(msgspec.Struct, frozen=True):
    """All that can be decided, with its rules parsed."""

    products: Mapping[str, Product]
    actions: Mapping[str, Action]
    channels: Mapping[str, Channel]
    campaigns: Mapping[str, Campaign]
    eligibility: Mapping[str, Rule]  # action -> rule
    suppressions: Mapping[str, tuple[tuple[Suppression, Rule], ...]]  # action -> rules
    phrases: Mapping[str, tuple[tuple[SpokenReason, Rule], ...]] = {}  # action -> what may be said
    reachable: Mapping[str, Rule] = {}  # channel -> whom it can reach; channels without a rule are left out


class _Reader:
    """Collects definitions and the faults between them."""

    def __init__(self, bank: Path) -> None:
        self.bank = bank
        self.faults: list[Fault] = []

    def read(self, folder: str, kind: str, shape: type[T]) -> dict[str, Located[T]]:
        try:
            return read_definitions(self.bank / folder, kind, shape)
        except FaultsError as error:
            self.faults.extend(error.faults)
            return {}

    def known(self, at: Located[T], path: str, code: str, known: Mapping[str, object], kind: Text) -> None:
        if code in known:
            return
        close = suggest(code, set(known))
        hint_en = f"; did you mean '{close}'?" if close else ""
        hint_zh = f"，是否想写“{close}”？" if close else ""
        self.faults.append(
            at.fault(
                path, f"there is no {kind.en} '{code}'{hint_en}", f"没有名为“{code}”的{kind.zh}{hint_zh}"
            )
        )

    def attempt(self, at: Located[T], path: str, check: object, text: str) -> None:
        assert callable(check)
        try:
            check(text)
        except VostroError as error:
            self.faults.append(at.fault(path, error.say("en"), error.say("zh")))

    def rule(self, at: Located[T], path: str, text: str, tags: Mapping[str, TagInfo]) -> Rule | None:
        try:
            return parse_rule(text, tags, use="decide")
        except VostroError as error:
            self.faults.append(at.fault(path, error.say("en"), error.say("zh")))
            return None


def read_catalogue(
    bank: Path,
    *,
    contracts: Mapping[str, Contract],
    tags: Mapping[str, TagInfo],
    segments: Mapping[str, Segment],
    estimators: Mapping[str, EstimatorDefinition],
    currency: str,
) -> Catalogue:
    """Read and check ``products/``, ``actions/``, ``channels/`` and ``campaigns/``.

    Raises:
        FaultsError: every fault of every file, with file and line.
    """
    reader = _Reader(bank)
    products = reader.read("products", "product", Product)
    actions = reader.read("actions", "action", Action)
    channels = reader.read("channels", "channel", Channel)
    campaigns = reader.read("campaigns", "campaign", Campaign)
    eligibility: dict[str, Rule] = {}
    suppressions: dict[str, tuple[tuple[Suppression, Rule], ...]] = {}
    phrases: dict[str, tuple[tuple[SpokenReason, Rule], ...]] = {}
    for code, at in actions.items():
        _check_action(reader, at, products, channels, estimators, currency)
        rule = reader.rule(at, "eligibility", at.value.eligibility, tags)
        found = [
            (each, reader.rule(at, f"suppressions[{i}].rule", each.rule, tags))
            for i, each in enumerate(at.value.suppressions)
        ]
        if rule is not None:
            eligibility[code] = rule
        suppressions[code] = tuple((each, parsed) for each, parsed in found if parsed is not None)
        phrases[code] = _phrases(reader, at, tags)
    reachable = _reachable(reader, channels, tags)
    for campaign in campaigns.values():
        _check_campaign(reader, campaign, segments, actions)
        _check_waves(reader, campaign, actions, contracts)
    if reader.faults:
        raise FaultsError(reader.faults)
    return Catalogue(
        {code: at.value for code, at in products.items()},
        {code: at.value for code, at in actions.items()},
        {code: at.value for code, at in channels.items()},
        {code: at.value for code, at in campaigns.items()},
        eligibility,
        suppressions,
        phrases,
        reachable,
    )


def _check_action(
    reader: _Reader,
    at: Located[Action],
    products: Mapping[str, object],
    channels: Mapping[str, object],
    estimators: Mapping[str, object],
    currency: str,
) -> None:
    action = at.value
    reader.known(at, "product", action.product, products, Text(en="product", zh="产品"))
    reader.known(at, "response.model", action.response.model, estimators, Text(en="estimator", zh="模型"))
    reader.attempt(at, "response.margin", Money.parse, action.response.margin)
    reader.attempt(at, "response.contact_cost", Money.parse, action.response.contact_cost)
    reader.attempt(at, "response.within", parse_span, action.response.within)
    for path, text in (("margin", action.response.margin), ("contact_cost", action.response.contact_cost)):
        if text.strip()[-3:] != currency:
            message = f"{text} is not in the bank's currency {currency}", f"{text} 不是本行币种 {currency}"
            reader.faults.append(at.fault(f"response.{path}", *message))
    for channel, script in action.channels.items():
        reader.known(at, f"channels.{channel}", channel, channels, Text(en="channel", zh="渠道"))
        if not (reader.bank / script).is_file():
            message = f"the script {script} is missing", f"缺少话术文件 {script}"
            reader.faults.append(at.fault(f"channels.{channel}", *message))
        elif not _kept(script):
            message = (
                f"the script {script} is not kept with a run; put it into one folder of the bank, "
                "as a Markdown file: scripts/call.md",
                f"话术文件 {script} 不会随批次留存；请放在本行目录的一级子目录下并用 Markdown 格式：scripts/call.md",
            )
            reader.faults.append(at.fault(f"channels.{channel}", *message))
        if channel not in action.limits:
            message = (
                f"channel '{channel}' needs a capacity: write 'limits: {{{channel}: 400 a wave}}'",
                f"渠道“{channel}”缺少容量：请写“limits: {{{channel}: 400 a wave}}”",
            )
            reader.faults.append(at.fault("limits", *message))
    if len(action.channels) != 1:
        message = "an action of a campaign has exactly one channel", "营销活动的动作须恰好有一个渠道"
        reader.faults.append(at.fault("channels", *message))
    for channel, text in action.limits.items():
        reader.attempt(at, f"limits.{channel}", Capacity.parse, text)


def _kept(script: str) -> bool:
    """Tell whether the file is among the definitions that a run keeps: ``folder/name.md``."""
    folder, _, name = script.partition("/")
    return (
        folder not in {"", "..", "."}
        and not folder.startswith(".")
        and "/" not in name
        and name.endswith(".md")
    )


def _phrases(
    reader: _Reader, at: Located[Action], tags: Mapping[str, TagInfo]
) -> tuple[tuple[SpokenReason, Rule], ...]:
    found = []
    for i, each in enumerate(at.value.reasons):
        reader.known(at, f"reasons[{i}].tag", each.tag, tags, Text(en="tag", zh="标签"))
        rule = reader.rule(at, f"reasons[{i}].when", each.when, tags)
        if rule is not None:
            found.append((each, rule))
    return tuple(found)


def _reachable(
    reader: _Reader, channels: Mapping[str, Located[Channel]], tags: Mapping[str, TagInfo]
) -> dict[str, Rule]:
    found = {}
    for code, at in channels.items():
        if at.value.reachable is not None:
            rule = reader.rule(at, "reachable", at.value.reachable, tags)
            if rule is not None:
                found[code] = rule
    return found


def _check_campaign(
    reader: _Reader,
    at: Located[Campaign],
    segments: Mapping[str, object],
    actions: Mapping[str, object],
) -> None:
    campaign = at.value
    reader.known(at, "segment", campaign.segment, segments, Text(en="segment", zh="客群"))
    reader.known(at, "action", campaign.action, actions, Text(en="action", zh="动作"))
    reader.attempt(at, "holdout", parse_share, campaign.holdout)
    reader.attempt(at, "explore", parse_share, campaign.explore)
    if campaign.waves is not None and (campaign.waves.size < 1 or campaign.waves.first < 1):
        message = "'size' and 'first' of waves must be 1 or more", "waves 的 size 与 first 须不小于 1"
        reader.faults.append(at.fault("waves", *message))


def _check_waves(
    reader: _Reader,
    at: Located[Campaign],
    actions: Mapping[str, Located[Action]],
    contracts: Mapping[str, Contract],
) -> None:
    waves = at.value.waves
    if waves is None:
        return
    reader.known(at, "waves.order", waves.order, contracts, Text(en="contract", zh="契约"))
    order = contracts.get(waves.order)
    if order is not None and (order.event_time is None or order.key != [order.customer]):
        message = (
            f"contract '{waves.order}' cannot order the customers: it needs an event_time and one row a customer, "
            "its key being the column named under 'customer'",
            f"契约“{waves.order}”无法为客户排序：须有 event_time，且每位客户一行（key 即 customer 所指的列）",
        )
        reader.faults.append(at.fault("waves.order", *message))
    action = actions.get(at.value.action)
    limits = action.value.limits.values() if action is not None else ()
    if any(text.rstrip().endswith("campaign") for text in limits):
        message = (
            f"a campaign in waves needs a capacity 'a wave', but action '{at.value.action}' has one 'a campaign'",
            f"分批次的活动须按“a wave”设容量，而动作“{at.value.action}”的容量按“a campaign”设定",
        )
        reader.faults.append(at.fault("action", *message))
