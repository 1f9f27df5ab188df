"""Identity's definition 识别定义: which columns of which sources say who a customer is?

The file ``identity.yaml`` of a bank. A customer identifier means the same customer in every
source; identity finds which different identifiers are one person.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vostro.engine import Located, read_one
from vostro.portrait.identity.kinds import KINDS
from vostro.words import Fault, FaultsError, suggest

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = ["SURVIVORSHIP", "HouseholdRule", "IdentityDefinition", "read_identity"]

SURVIVORSHIP = ("newest", "most_frequent", "longest")
_FILE = "identity.yaml"
_RESERVED = frozenset({"source", "id", "customer", "person"})


class HouseholdRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """People who agree in all of these fields of their golden records live together."""

    same: list[str]


class IdentityDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file ``identity.yaml``."""

    sources: dict[str, dict[str, str]]  # contract -> {field: column}
    fields: dict[str, str]  # field -> kind
    keys: list[list[str]] = []  # fields that prove one person when all of them are equal
    threshold: float = 0.95  # from this probability on, a pair may connect two customers
    review: float = 0.5  # pairs between this and the threshold are for a person to look at
    survivorship: dict[str, str | list[str]] = {}  # field -> a rule, or sources in order; default: newest
    household: HouseholdRule | None = None
    seed: int = 7


def read_identity(bank: Path, contracts: "Mapping[str, Contract]") -> IdentityDefinition | None:
    """Read ``identity.yaml`` of a bank; None when it has none.

    Raises:
        FaultsError: every fault with its line: unknown contracts, columns, fields and kinds, numbers out of range.
    """
    path = bank / _FILE
    if not path.is_file():
        return None
    at = read_one(path, IdentityDefinition)
    faults = [*_source_faults(at, contracts), *_field_faults(at), *_number_faults(at)]
    if faults:
        raise FaultsError(faults)
    return at.value


def _source_faults(at: Located[IdentityDefinition], contracts: "Mapping[str, Contract]") -> Iterator[Fault]:
    for source, mapping in at.value.sources.items():
        contract = contracts.get(source)
        if contract is None or contract.customer is None:
            known = {name for name, each in contracts.items() if each.customer}
            why = ("has no customer column", "没有指定客户列") if contract else ("does not exist", "不存在")
            yield _fault(at, f"sources.{source}", "contract", "数据契约", source, why, known)
            continue
        for field, column in mapping.items():
            if field not in at.value.fields:
                why = ("is not among `fields`", "不在 fields 中")
                yield _fault(
                    at, f"sources.{source}.{field}", "field", "字段", field, why, set(at.value.fields)
                )
            if column not in contract.columns:
                why = (f"is not in contract '{source}'", f"不在数据契约“{source}”中")
                known = set(contract.columns)
                yield _fault(at, f"sources.{source}.{field}", "column", "列", column, why, known)


def _field_faults(at: Located[IdentityDefinition]) -> Iterator[Fault]:
    definition = at.value
    mapped = {field for mapping in definition.sources.values() for field in mapping}
    for field, kind in definition.fields.items():
        if field in _RESERVED or field.startswith("_"):
            why = ("is a word of identity's own; call it otherwise", "是客户识别的保留字，请改名")
            yield _fault(at, f"fields.{field}", "field", "字段", field, why, set())
        if kind not in KINDS:
            why = ("does not exist", "不存在")
            yield _fault(at, f"fields.{field}", "kind", "类型", kind, why, set(KINDS))
        if field not in mapped:
            why = ("comes from no source", "没有任何来源提供")
            yield _fault(at, f"fields.{field}", "field", "字段", field, why, set())
    used = [("keys", field) for key in definition.keys for field in key]
    used += [(f"survivorship.{field}", field) for field in definition.survivorship]
    used += [("household", field) for field in (definition.household.same if definition.household else [])]
    for path, field in used:
        if field not in definition.fields:
            why = ("is not among `fields`", "不在 fields 中")
            yield _fault(at, path, "field", "字段", field, why, set(definition.fields))
    for field, rule in definition.survivorship.items():
        yield from _rule_faults(at, field, rule)


def _rule_faults(at: Located[IdentityDefinition], field: str, rule: str | list[str]) -> Iterator[Fault]:
    path = f"survivorship.{field}"
    if isinstance(rule, str) and rule not in SURVIVORSHIP:
        why = ("does not exist; or give a list of sources", "不存在；也可写来源列表")
        yield _fault(at, path, "rule", "规则", rule, why, set(SURVIVORSHIP))
    for source in rule if isinstance(rule, list) else []:
        if source not in at.value.sources:
            why = ("is not among `sources`", "不在 sources 中")
            yield _fault(at, path, "source", "来源", source, why, set(at.value.sources))


def _number_faults(at: Located[IdentityDefinition]) -> Iterator[Fault]:
    if not 0.5 < at.value.threshold < 1:
        yield at.fault("threshold", "it must be above 0.5 and below 1", "应大于 0.5 且小于 1")
    if not 0 < at.value.review <= at.value.threshold:
        yield at.fault("review", "it must be above 0 and at most `threshold`", "应大于 0 且不超过 threshold")


def _fault(
    at: Located[IdentityDefinition],
    path: str,
    what_en: str,
    what_zh: str,
    name: str,
    why: tuple[str, str],
    known: set[str],
) -> Fault:
    close = suggest(name, known)
    more = (f"; did you mean '{close}'?", f"，是否想写“{close}”？") if close else ("", "")
    return at.fault(path, f"{what_en} '{name}' {why[0]}{more[0]}", f"{what_zh}“{name}”{why[1]}{more[1]}")
