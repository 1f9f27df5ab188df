"""Product knowledge as definitions 产品知识定义: what is each product, what does it need, whom does it suit?

``knowledge/*.yaml`` holds the products and the kinds they belong to; ``knowledge/life_events/*.yaml`` the
turns of a life that call for some of them. Every condition is a rule over tags.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from vostro.engine import Located, read_definitions
from vostro.portrait import Rule, RuleError, TagInfo, parse_rule
from vostro.words import Fault, FaultsError, Text, suggest

__all__ = ["Condition", "Fit", "LifeEvent", "Product", "read_product_knowledge", "rules_of"]

Rules = dict[tuple[str, str], Rule]  # (code, path of the condition) -> rule


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What must be so before a product may be proposed; unknown is not so."""

    when: str
    why: Text | None = None  # without it, the rule says itself in words


class Fit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What speaks for a product: a rule over tags, or a life event."""

    when: str | None = None
    life_event: str | None = None
    weight: float = 1.0
    why: Text | None = None


class Product(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of ``knowledge/*.yaml``: a product, or a kind of products."""

    product: str
    name: Text
    kinds: tuple[str, ...] = ()  # what it is one of
    sold: bool = True  # False: a kind only
    needs: tuple[str, ...] = ()  # of each of these, one must be held
    excludes: tuple[str, ...] = ()  # none of these may be held
    suitable: tuple[Condition, ...] = ()  # all must hold
    fits: tuple[Fit, ...] = ()


class LifeEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of ``knowledge/life_events/*.yaml``."""

    life_event: str
    name: Text
    when: str


def read_product_knowledge(
    bank: Path, tags: Mapping[str, TagInfo]
) -> tuple[dict[str, Located[Product]], dict[str, Located[LifeEvent]], Rules]:
    """Read and check a bank's product knowledge.

    Raises:
        FaultsError: unknown products, life events or tags, circles, rules that cannot be read or that use
            tags that may not be used to decide; all with file and line, all at once.
    """
    products = read_definitions(bank / "knowledge", "product", Product)
    events = read_definitions(bank / "knowledge" / "life_events", "life_event", LifeEvent)
    return products, events, rules_of(products, events, tags)


def rules_of(
    products: Mapping[str, Located[Product]],
    events: Mapping[str, Located[LifeEvent]],
    tags: Mapping[str, TagInfo],
) -> Rules:
    """Return every condition as a rule.

    Raises:
        FaultsError: whatever is wrong, all at once.
    """
    rules: Rules = {}
    faults: list[Fault] = []
    for code, event in events.items():
        faults += _read_rule(rules, event, (code, "when"), event.value.when, tags)
    for code, at in products.items():
        faults += _product_faults(at, products, events)
        conditions = [(f"suitable[{i}].when", each.when) for i, each in enumerate(at.value.suitable)]
        conditions += [(f"fits[{i}].when", each.when) for i, each in enumerate(at.value.fits) if each.when]
        for path, text in conditions:
            faults += _read_rule(rules, at, (code, path), text, tags)
    for field in ("kinds", "needs"):
        faults += _circles(products, field)
    if faults:
        raise FaultsError(faults)
    return rules


def _read_rule(
    rules: Rules,
    at: Located[Product] | Located[LifeEvent],
    key: tuple[str, str],
    text: str,
    tags: Mapping[str, TagInfo],
) -> Iterator[Fault]:
    try:
        rules[key] = parse_rule(text, tags, use="decide")
    except RuleError as error:
        yield at.fault(key[1], error.say("en"), error.say("zh"))


def _product_faults(
    at: Located[Product], products: Mapping[str, Located[Product]], events: Mapping[str, Located[LifeEvent]]
) -> Iterator[Fault]:
    for field in ("kinds", "needs", "excludes"):
        for i, code in enumerate(getattr(at.value, field)):
            if code not in products:
                yield _unknown(at, f"{field}[{i}]", code, set(products), Text(en="product", zh="产品"))
    for i, fit in enumerate(at.value.fits):
        if (fit.when is None) == (fit.life_event is None):
            message = "write either when or life_event", "when 与 life_event 须且只能写一个"
            yield at.fault(f"fits[{i}]", *message)
        elif fit.life_event is not None and fit.life_event not in events:
            known = Text(en="life event", zh="人生事件")
            yield _unknown(at, f"fits[{i}].life_event", fit.life_event, set(events), known)
        if not 0 < fit.weight < float("inf"):
            yield at.fault(f"fits[{i}].weight", "a weight is a number above 0", "weight 须为大于 0 的数")


def _circles(products: Mapping[str, Located[Product]], field: str) -> Iterator[Fault]:
    """Tell products that are kinds of, or need, themselves by way of others."""
    for code, at in products.items():
        seen: set[str] = set()
        ahead = list(getattr(at.value, field))
        while ahead:
            each = ahead.pop()
            if each in products and each not in seen:
                seen.add(each)
                ahead += getattr(products[each].value, field)
        if code in seen:
            yield at.fault(field, f"'{code}' leads back to itself", f"“{code}”绕回了自身")


def _unknown(at: Located[Product], path: str, code: str, known: set[str], kind: Text) -> Fault:
    close = suggest(code, known)
    hint = (f"; did you mean '{close}'?", f"，是否想写“{close}”？") if close else ("", "")
    return at.fault(path, f"there is no {kind.en} '{code}'{hint[0]}", f"没有名为“{code}”的{kind.zh}{hint[1]}")
