"""Making tags 生成标签: is a definition sound, and which tag does it state?

The tags that a definition reads are made already, or broken: then they have a fault of their own.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from vostro.engine import Located
from vostro.portrait.aggregate.definition import Clock
from vostro.portrait.aggregate.reading import AggregateReader, aggregate_columns, result_info
from vostro.portrait.columns import column_info
from vostro.portrait.errors import RuleError
from vostro.portrait.rule import Rule, parse_rule
from vostro.portrait.tag import Tag
from vostro.portrait.tag_definition import KINDS, TagDefinition
from vostro.portrait.tag_order import words_of
from vostro.portrait.types import TagInfo, Use
from vostro.words import Fault, FaultsError, MomentFormatError, Text, parse_span, suggest

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = ["OTHERWISE", "form_faults", "make_tag", "rule_fault"]

OTHERWISE = "otherwise"
_USES: tuple[Use, ...] = ("segment", "decide", "show")
_SENSITIVE = ("sensitive", "identity", "contact", "financial", "basic")  # a rule tag inherits the first found
_EXPIRING = ("attribute", "model", "manual")


def form_faults(at: Located[TagDefinition]) -> Iterator[Fault]:
    """Yield what is wrong with a definition before any rule is read."""
    definition = at.value
    kinds = [name for name in KINDS if getattr(definition, name) is not None]
    if len(kinds) != 1:
        shown, wanted = ", ".join(kinds) or "none", f"{', '.join(KINDS[:-1])} and {KINDS[-1]}"
        yield at.fault(
            kinds[-1] if kinds else "tag",
            f"tag '{definition.tag}' needs exactly one of {wanted}; it has {shown}",
            f"标签“{definition.tag}”须且仅须有 {'、'.join(KINDS)} 之一；现有：{shown}",
        )
    if _is_sql_word(definition.tag):
        yield at.fault(
            "tag",
            f"'{definition.tag}' is a word of SQL; call the tag '{definition.tag}_tag' or the like",
            f"“{definition.tag}”是 SQL 关键字，请改名，例如“{definition.tag}_tag”",
        )
    if definition.tiers is not None:
        yield from _tier_faults(at, list(definition.tiers.items()))
    yield from _span_faults(at, kinds)


def _span_faults(at: Located[TagDefinition], kinds: list[str]) -> Iterator[Fault]:
    for field in ("refresh", "expires"):
        text = getattr(at.value, field)
        try:
            if text is not None and not parse_span(text):
                yield at.fault(field, f"'{text}' is no time at all", f"“{text}”的时间长度为零")
        except MomentFormatError as error:
            yield at.fault(field, error.say("en"), error.say("zh"))
    if at.value.expires is not None and kinds and kinds[0] not in _EXPIRING:
        yield at.fault(
            "expires",
            "only attribute, model and manual tags expire: an aggregate has its window, others follow what they read",
            "仅 attribute、model、manual 标签可设失效期：aggregate 由窗口决定，其余随其引用的标签",
        )


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


def make_tag(
    at: Located[TagDefinition],
    tags: Mapping[str, Tag],
    contracts: "Mapping[str, Contract]",
    clock: Clock,
    broken: AbstractSet[str],
) -> Tag:
    """Make one tag.

    Args:
        at: a definition without form faults.
        tags: those that are made; among them what it reads, unless that is broken.
        contracts: what attributes and aggregates may read.
        clock: of the bank's zone.
        broken: codes of tags with faults of their own.

    Raises:
        FaultsError: what it says cannot be; empty when only a tag that it reads is broken.
    """
    definition = at.value
    same: dict[str, Any] = {
        "tag": definition.tag,
        "name": definition.name,
        "dimension": definition.dimension,
        "value_names": definition.values,
        "unit": definition.unit,
        "uses": definition.uses or _USES,
        "owner": definition.owner,
        "purpose": definition.purpose,
        "refresh": definition.refresh,
        "expires": definition.expires,
        "file": at.file,
        "line": at.line("tag"),
    }
    if definition.attribute is not None:
        return _attribute(at, definition.attribute, contracts, same)
    if definition.aggregate is not None:
        return _aggregate(at, contracts, clock, same)
    if definition.model is not None or definition.manual is not None or definition.identity is not None:
        return _told(at, same)
    if definition.household is not None:
        return _household(at, tags, broken, same)
    return _rule_tag(at, tags, broken, same)


def _told(at: Located[TagDefinition], same: dict[str, Any]) -> Tag:
    """Make a tag that an estimator, a person or identity tells."""
    definition = at.value
    if definition.model is not None:
        kind, scale = ("number", 4) if definition.model.value == "probability" else ("integer", 0)
        sensitivity = definition.sensitivity or "basic"
        return Tag(type=kind, scale=scale, model=definition.model, sensitivity=sensitivity, **same)  # type: ignore[arg-type]
    if definition.identity is not None:
        sensitivity = definition.sensitivity or "identity"
        return Tag(type="text", identity=definition.identity, sensitivity=sensitivity, **same)
    assert definition.manual is not None
    closed = tuple(definition.values) if definition.manual == "text" and definition.values else None
    sensitivity = definition.sensitivity or "basic"
    return Tag(type=definition.manual, values=closed, manual=True, sensitivity=sensitivity, **same)


def rule_fault(at: Located[Any], path: str, error: RuleError) -> Fault:
    """Return a rule's error as a fault at its line of the YAML file, with the place below it."""
    en, zh = error.reason.en, error.reason.zh
    shown = error.data["caret"].replace("\n", "\n    ")
    return at.fault(path, f"{en}\n    {shown}", f"{zh}\n    {shown}")


def _rule_tag(
    at: Located[TagDefinition], tags: Mapping[str, Tag], broken: AbstractSet[str], same: dict[str, Any]
) -> Tag:
    """Make a tag of a condition, or of tiers of which the first that holds gives the value."""
    definition = at.value
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
    _inherit(at, tags, {code for _, rule in rules if rule for code in rule.tags}, same)
    if definition.tiers is None:
        return Tag(type="boolean", rule=rules[0][1], **same)
    return Tag(type="text", values=tuple(value for value, _ in rules), tiers=tuple(rules), **same)


def _household(
    at: Located[TagDefinition], tags: Mapping[str, Tag], broken: AbstractSet[str], same: dict[str, Any]
) -> Tag:
    """Make a tag that counts or sums over the customers with the same value of another."""
    household = at.value.household
    assert household is not None
    read = {"by": household.by} | ({"sum": household.sum} if household.sum is not None else {})
    faults = []
    for field, code in read.items():
        if code in tags or code in broken:
            continue
        close = suggest(code, set(tags))
        hint = (f"; did you mean '{close}'?", f"，是否想写“{close}”？") if close else ("", "")
        en, zh = f"there is no tag '{code}'{hint[0]}", f"没有标签“{code}”{hint[1]}"
        faults.append(at.fault(f"household.{field}", en, zh))
    if faults or set(read.values()) & broken:
        raise FaultsError(faults)
    _inherit(at, tags, set(read.values()), same)
    # How many share a value says less than the value itself: which household it is may be identity data.
    told = {"basic"} | ({tags[household.sum].sensitivity} if household.sum is not None else set())
    same["sensitivity"] = at.value.sensitivity or _most(told)
    if household.sum is None:
        return Tag(type="integer", household=household, **same)
    summed = tags[household.sum]
    if summed.type not in ("integer", "number", "decimal"):
        en, zh = (
            f"tag '{household.sum}' is no number and cannot be summed",
            f"标签“{household.sum}”不是数值，不能求和",
        )
        raise FaultsError([at.fault("household.sum", en, zh)])
    same["unit"] = same["unit"] or summed.unit
    return Tag(type=summed.type, digits=summed.digits, scale=summed.scale, household=household, **same)


def _inherit(
    at: Located[TagDefinition], tags: Mapping[str, Tag], read: AbstractSet[str], same: dict[str, Any]
) -> None:
    """Take over lineage, sensitivity and allowed uses from the tags that a tag reads."""
    same["columns"] = frozenset().union(*(tags[code].columns for code in read))
    same["sensitivity"] = at.value.sensitivity or _most({tags[code].sensitivity for code in read})
    same["uses"] = _allowed_uses(at, [tags[code] for code in sorted(read)])


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
    at: Located[TagDefinition], source: str, contracts: "Mapping[str, Contract]", same: dict[str, Any]
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
        **same,
    )


def _aggregate(
    at: Located[TagDefinition], contracts: "Mapping[str, Contract]", clock: Clock, same: dict[str, Any]
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
        **same,
    )


def _most(found: AbstractSet[str]) -> str:
    """Return the most sensitive class of those that were found."""
    return next((each for each in _SENSITIVE if each in found), "none")


def _refusal(at: Located[TagDefinition], en: str, zh: str, close: str | None) -> FaultsError:
    if close:
        en, zh = f"{en}; did you mean '{close}'?", f"{zh}，是否想写“{close}”？"
    return FaultsError([at.fault("attribute", en, zh)])
