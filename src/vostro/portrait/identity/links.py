"""Links 关联结果: who is who, with the evidence for it.

``pairs`` is the evidence, ``people`` the answer, ``explain`` says one pair in words, ``card``
what was estimated and how.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import polars as pl

from vostro.portrait.identity.errors import PersonUnknownError
from vostro.portrait.identity.explaining import Explanation, explain_levels
from vostro.portrait.identity.matcher import Matcher
from vostro.portrait.identity.matching import Matched, match_one
from vostro.portrait.identity.parameters import Model
from vostro.portrait.identity.prepared import ROW

__all__ = ["Links", "Record", "make_links"]

Record = str | tuple[str, str]  # an identifier, or source and identifier


@dataclass(frozen=True)
class Links:
    """Records linked to people."""

    pairs: (
        pl.DataFrame
    )  # source_a, id_a, source_b, id_b, probability, match_weight, key, linked, level of each field
    people: pl.DataFrame  # source, id, person; in the order of the records
    model: Model
    _prepared: pl.DataFrame = field(repr=False)
    _facts: Mapping[str, Any] = field(repr=False)

    def explain(self, a: Record, b: Record) -> Explanation:
        """Say in words why two records are, or are not, one person.

        Args:
            a, b: identifiers, or (source, identifier) where several sources use the same one.

        Raises:
            PersonUnknownError: there is no such record.
        """
        places = sorted((self._place(a), self._place(b)))
        person = self.people["person"]
        two = self._prepared[places].with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW))
        with Matcher(two, self.model.fields, threads=1) as matcher:
            pair = match_one(matcher, self.model)
        group = int((person == person[places[0]]).sum())
        return explain_levels(self.model, pair, linked=person[places[0]] == person[places[1]], group=group)

    def card(self) -> dict[str, Any]:
        """Return what was settled and how, as plain values that JSON can hold; no person's data are in it."""
        plain: dict[str, Any] = msgspec.to_builtins(self.model.parameters)
        plain["kinds"] = dict(plain["kinds"])
        for rule in plain["rules"]:
            rule["stopped"] = len(rule["stopped"])
            rule["parts"] = [_said(part, self.model) for part in rule["parts"]]
        return {**_METHOD, **self._facts, **plain}

    def _place(self, record: Record) -> int:
        match = pl.col("id") == (record if isinstance(record, str) else record[1])
        if not isinstance(record, str):
            match &= pl.col("source") == record[0]
        found = self.people.with_row_index("_place").filter(match)["_place"]
        if len(found) == 0:
            raise PersonUnknownError(id=record if isinstance(record, str) else "/".join(record))
        return int(found[0])


_METHOD = {
    "estimated_by": "expectation-maximisation on pairs that share one field's value, field by field; no truth was used",
    "u_counted_on": "random pairs, sampled by a hash of seed and record",
    "grouped_by": "components at the threshold, then average linkage: groups join while their mean weight is not "
    "negative; one pair counts at most 10 bits",
}


def make_links(prepared: pl.DataFrame, model: Model, matched: Matched, one_source: bool) -> Links:
    """Name what was matched by the records' own identifiers; a person is named after its first record."""
    name = pl.col("id") if one_source else pl.concat_str("source", "id", separator="/")
    names = prepared.select(name.alias("name"))["name"]
    people = prepared.select("source", "id").with_columns(names.gather(matched.groups).alias("person"))
    ends = {
        f"{column}_{side}": people[column].gather(matched.pairs[end])
        for side, end in (("a", "l"), ("b", "r"))
        for column in ("source", "id")
    }
    linked = matched.groups[matched.pairs["l"].to_numpy()] == matched.groups[matched.pairs["r"].to_numpy()]
    pairs = matched.pairs.select(
        *[column.alias(name) for name, column in ends.items()],
        "probability",
        pl.col("weight").alias("match_weight"),
        "key",
        pl.Series("linked", linked),
        *[pl.col(each.column).alias(_free(each.name)) for each in model.fields],
    )
    sizes = np.unique(matched.groups, return_counts=True)[1]
    facts = {
        "pairs_remembered": pairs.height,
        "pairs_linked": int(linked.sum()),
        "people": len(sizes),
        "records_a_person_max": int(sizes.max()) if len(sizes) else 0,
    }
    return Links(pairs, people, model, prepared, facts)


def _free(name: str) -> str:
    taken = ("source_a", "id_a", "source_b", "id_b", "probability", "match_weight", "key", "linked")
    return f"{name}_level" if name in taken else name


def _said(part: str, model: Model) -> str:
    by_column = {each.column: each.name for each in model.fields}
    if part.startswith("names+"):
        return " and ".join(by_column[each] for each in part.split("+")[1:]) + " in any order"
    column, _, cut = part.partition("_")
    return f"{by_column[column]}: {cut}" if cut else by_column[column]
