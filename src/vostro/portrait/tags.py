"""Tags 标签: which facts does the bank state about a customer, and where do they come from?

An *attribute* is a column of a captured table; an *aggregate* is a measure over a customer's
events; a *rule* tag is either one condition (yes or no) or tiers, of which the first that holds
gives the value. Rule tags may read other tags, in any order in the files, but not in a circle.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vostro.engine import Located, read_definitions
from vostro.portrait.aggregate.definition import UTC, Aggregate, Clock
from vostro.portrait.aggregate.reading import (
    AggregateDefinition,
    AggregateReader,
    aggregate_columns,
    bank_clock,
    result_info,
)
from vostro.portrait.columns import column_info
from vostro.portrait.errors import RuleError
from vostro.portrait.rule import Rule, parse_rule
from vostro.portrait.tag_order import order_tags, words_of
from vostro.portrait.types import Dimension, TagInfo, Use
from vostro.words import Fault, FaultsError, Text, suggest

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = ["OTHERWISE", "Tag", "TagDefinition", "column_info", "read_tags", "rule_fault", "tag_infos"]

OTHERWISE = "otherwise"
_USES: tuple[Use, ...] = ("segment", "decide", "show")
_SENSITIVE = ("sensitive", "identity", "contact", "financial", "basic")  # a rule tag inherits the first found


class TagDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of ``tags/*.yaml``; exactly one of ``attribute``, ``aggregate``, ``tiers`` and ``rule``."""

    tag: str
    name: Text
    dimension: Dimension
    attribute: str | None = None  # contract.column
    aggregate: AggregateDefinition | None = None  # a measure over events
    tiers: dict[str, str] | None = None  # value -> rule, or "otherwise" as the last
    rule: str | None = None
    values: dict[str, Text] = {}  # how values are said in both languages
    unit: Text | None = None  # said after a number: {en: years, zh: 岁}
    sensitivity: str | None = None  # default: the personal data class of the column
    uses: tuple[Use, ...] | None = None  # default: segment, decide, show; of a rule tag, what its tags allow


class Tag(TagInfo, frozen=True, kw_only=True):
    """A named fact about a customer as of a moment."""

    tag: str
    dimension: Dimension
    attribute: tuple[str, str] | None = None  # contract and column
    aggregate: Aggregate | None = None
    tiers: tuple[tuple[str, Rule | None], ...] = ()  # None: otherwise
    rule: Rule | None = None
    sensitivity: str = "none"
    columns: frozenset[str] = frozenset()  # lineage: every contract.column it is made from
    file: str = ""
    line: int = 0

    @property
    def kind(self) -> str:
        """``attribute``, ``aggregate`` or ``rule``."""
        if self.aggregate is not None:
            return "aggregate"
        return "attribute" if self.attribute else "rule"

    @property
    def depends(self) -> frozenset[str]:
        """The tags that this tag reads itself."""
        rules = [self.rule, *(rule for _, rule in self.tiers)]
        return frozenset(code for rule in rules if rule for code in rule.tags)


def read_tags(bank: Path, contracts: "Mapping[str, Contract]") -> dict[str, Tag]:
    """Read ``tags/*.yaml`` of a bank, each tag after the tags that it reads.

    Raises:
        FaultsError: every fault with file and line: unknown columns and tags, rules that cannot be
            read, circles, names that SQL keeps for itself.
    """
    located = read_definitions(bank / "tags", "tag", TagDefinition)
    tags, faults = build_tags(located, contracts, bank_clock(bank))
    if faults:
        raise FaultsError(faults)
    return tags


def build_tags(
    located: Mapping[str, Located[TagDefinition]],
    contracts: "Mapping[str, Contract]",
    clock: Clock = UTC,
) -> tuple[dict[str, Tag], list[Fault]]:
    """Make tags of their definitions; what cannot be made is a fault, in the order of the files.

    Args:
        located: the definitions with their places.
        contracts: what attributes and aggregates may read.
        clock: of the bank's zone: where the days of windows begin.
    """
    order, faults = order_tags(located)
    tags: dict[str, Tag] = {}
    broken: set[str] = set(located) - set(order)
    for code in order:
        at = located[code]
        found = list(_form_faults(at))
        if not found:
            try:
                tags[code] = _build(at, tags, contracts, clock, broken)
                continue
            except FaultsError as error:
                found = error.faults
        broken.add(code)
        faults += found
    places = {at.file: i for i, at in enumerate(located.values())}
    return tags, sorted(faults, key=lambda f: (places.get(f.data["file"], 0), f.data["line"]))


def tag_infos(tags: Mapping[str, Tag]) -> Mapping[str, TagInfo]:
    """Return what rules must know about each tag: a tag is such information itself."""
    return tags


def rule_fault(at: Located[Any], path: str, error: RuleError) -> Fault:
    """Return a rule's error as a fault at its line of the YAML file, with the place below it."""
    en, zh = error.reason.en, error.reason.zh
    shown = error.data["caret"].replace("\n", "\n    ")
    return at.fault(path, f"{en}\n    {shown}", f"{zh}\n    {shown}")


def _form_faults(at: Located[TagDefinition]) -> Iterator[Fault]:
    """Yield what is wrong with a definition before any rule is read."""
    definition = at.value
    kinds = [
        name for name in ("attribute", "aggregate", "tiers", "rule") if getattr(definition, name) is not None
    ]
    if len(kinds) != 1:
        shown = ", ".join(kinds) or "none"
        yield at.fault(
            kinds[-1] if kinds else "tag",
            f"tag '{definition.tag}' needs exactly one of attribute, aggregate, tiers and rule; it has {shown}",
            f"标签“{definition.tag}”须且仅须有 attribute、aggregate、tiers、rule 之一；现有：{shown}",
        )
    if _is_sql_word(definition.tag):
        yield at.fault(
            "tag",
            f"'{definition.tag}' is a word of SQL; call the tag '{definition.tag}_tag' or the like",
            f"“{definition.tag}”是 SQL 关键字，请改名，例如“{definition.tag}_tag”",
        )
    if definition.tiers is not None:
        yield from _tier_faults(at, list(definition.tiers.items()))


def _is_sql_word(code: str) -> bool:
    """Tell whether SQL reads this word as its own: ``not``, ``case``, ``current_date``."""
    info = TagInfo(type="boolean", name=Text(en=code, zh=code))
    try:
        return not parse_rule(f"{code} AND {code} = {code} OR NOT {code} IS NULL", {code: info}).tags
    except RuleError:
        return True


def _tier_faults(at: Located[TagDefinition], tiers: list[tuple[str, str]]) -> Iterator[Fault]:
    if not tiers:
        yield at.fault("tiers", "there is no tier", "没有任何分层")
    for value, text in tiers[:-1]:
        if text.strip() == OTHERWISE:
            yield at.fault(
                f"tiers.{value}",
                "'otherwise' must be the last tier: those below it are never reached",
                "“otherwise”必须是最后一层，其后的分层永远不会命中",
            )


def _build(
    at: Located[TagDefinition],
    tags: Mapping[str, Tag],
    contracts: "Mapping[str, Contract]",
    clock: Clock,
    broken: set[str],
) -> Tag:
    """Make one tag; the tags that it reads are made already, or broken."""
    definition = at.value
    same = {
        "tag": definition.tag,
        "name": definition.name,
        "dimension": definition.dimension,
        "value_names": definition.values,
        "unit": definition.unit,
        "uses": definition.uses or _USES,
        "file": at.file,
        "line": at.line("tag"),
    }
    if definition.attribute is not None:
        return _attribute(at, definition.attribute, contracts, same)
    if definition.aggregate is not None:
        return _aggregate(at, contracts, clock, same)
    texts = definition.tiers if definition.tiers is not None else {"": definition.rule or ""}
    rules: list[tuple[str, Rule | None]] = []
    faults: list[Fault] = []
    for value, text in texts.items():
        path = f"tiers.{value}" if value else "rule"
        if value and text.strip() == OTHERWISE:
            rules.append((value, None))
            continue
        try:
            rules.append((value, parse_rule(text, tags)))
        except RuleError as error:
            if not words_of(text) & broken:  # else the tag that it reads has its own fault already
                faults.append(rule_fault(at, path, error))
    if faults or len(rules) < len(texts):
        raise FaultsError(faults)
    read = {code for _, rule in rules if rule for code in rule.tags}
    same["columns"] = frozenset().union(*(tags[code].columns for code in read))
    same["sensitivity"] = definition.sensitivity or _most({tags[code].sensitivity for code in read})
    same["uses"] = _allowed_uses(at, [tags[code] for code in sorted(read)])
    if definition.tiers is None:
        return Tag(type="boolean", rule=rules[0][1], **same)  # type: ignore[arg-type]
    return Tag(type="text", values=tuple(value for value, _ in rules), tiers=tuple(rules), **same)  # type: ignore[arg-type]


def _allowed_uses(at: Located[TagDefinition], read: list[Tag]) -> tuple[Use, ...]:
    """Return what a rule tag may be used for: no rule makes a forbidden tag allowed."""
    wanted = at.value.uses or _USES
    for tag in read:
        beyond = [use for use in wanted if use not in tag.uses]
        if beyond and at.value.uses is not None:
            en = f"use '{beyond[0]}' is not allowed: tag '{tag.tag}', which it reads, may not be used so"
            zh = f"不允许用途“{beyond[0]}”：其引用的标签“{tag.tag}”不得作此用途"
            raise FaultsError([at.fault("uses", en, zh)])
        wanted = tuple(use for use in wanted if use in tag.uses)
    return wanted


def _attribute(
    at: Located[TagDefinition], source: str, contracts: "Mapping[str, Contract]", same: dict[str, object]
) -> Tag:
    """Make a tag of a contract's column."""
    name, _, column_name = source.partition(".")
    contract = contracts.get(name)
    if contract is None or contract.customer is None:
        why = ("has no customer column", "没有指定客户列") if contract else ("does not exist", "不存在")
        known = {each for each, contract in contracts.items() if contract.customer}
        close = suggest(name, known)
        raise _refusal(at, f"contract '{name}' {why[0]}", f"数据契约“{name}”{why[1]}", close)
    column = contract.columns.get(column_name)
    if column is None:
        close = suggest(column_name, set(contract.columns))
        raise _refusal(
            at,
            f"contract '{name}' has no column '{column_name}'",
            f"数据契约“{name}”没有列“{column_name}”",
            f"{name}.{close}" if close else None,
        )
    info = column_info(column, at.value.name)
    return Tag(
        type=info.type,
        values=info.values,
        digits=info.digits,
        scale=info.scale,
        attribute=(name, column_name),
        columns=frozenset({f"{name}.{column_name}"}),
        sensitivity=at.value.sensitivity or column.personal_data,
        **same,  # type: ignore[arg-type]
    )


def _aggregate(
    at: Located[TagDefinition], contracts: "Mapping[str, Contract]", clock: Clock, same: dict[str, object]
) -> Tag:
    """Make a tag of a measure over events."""
    aggregate = AggregateReader(at, contracts, clock).read()
    contract = contracts[aggregate.of]
    info = result_info(aggregate, contract, at.value.name)
    columns = aggregate_columns(aggregate)
    when = contract.event_time.source_column if contract.event_time else ""
    found = {contract.columns[column].personal_data for column in columns}
    return Tag(
        type=info.type,
        values=info.values,
        digits=info.digits,
        scale=info.scale,
        aggregate=aggregate,
        columns=frozenset(f"{contract.contract}.{column}" for column in {*columns, when}),
        sensitivity=at.value.sensitivity or _most(found),
        **same,  # type: ignore[arg-type]
    )


def _most(found: AbstractSet[str]) -> str:
    """Return the most sensitive class of those that were found."""
    return next((each for each in _SENSITIVE if each in found), "none")


def _refusal(at: Located[TagDefinition], en: str, zh: str, close: str | None) -> FaultsError:
    if close:
        en, zh = f"{en}; did you mean '{close}'?", f"{zh}，是否想写“{close}”？"
    return FaultsError([at.fault("attribute", en, zh)])
