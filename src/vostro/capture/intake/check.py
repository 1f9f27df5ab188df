"""Check 消息校验: which messages of one kind keep their contract, and which events are they?

The columns go through the very screen that files go through; what comes out are rows of the
event log, or reasons.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.capture.contracts import Contract
from vostro.capture.histories import event_key, event_version
from vostro.capture.intake.columns import ID_CHARACTERS_MAX, MessageColumns, message_columns
from vostro.capture.intake.messages import Message
from vostro.capture.intake.reasons import Reason, message_reason
from vostro.capture.intake.references import References
from vostro.capture.intake.view import MessageContract
from vostro.capture.readers import Block
from vostro.capture.screening import Screen, Screened
from vostro.words import Text

__all__ = ["AHEAD_MAX", "EVENT_SCHEMA", "Checked", "KindCheck"]

AHEAD_MAX = timedelta(minutes=5)  # clocks differ; an event later than this has not happened
_MOMENT = pl.Datetime("us", "UTC")
EVENT_SCHEMA = pl.Schema(
    {
        "customer": pl.String(),
        "kind": pl.String(),
        "event_time": _MOMENT,
        "load_time": _MOMENT,
        "idempotency_key": pl.String(),
        "body": pl.String(),
        "event_id": pl.String(),
        "operation": pl.String(),
        "load_id": pl.Int64(),
        "origin": pl.String(),
        "line": pl.Int64(),  # the message's place in the flush
    }
)
_SAID = pl.Schema({"_id": pl.String(), "_operation": pl.String(), "_customer": pl.String()})
_PLACE = pl.concat_str(pl.col("_load"), pl.lit(":"), pl.col("_line"))  # names a message for ever
_OPERATION = attrgetter("operation")
_LOOKED_UP = frozenset({"reference", "customer_unknown", "customer_ambiguous"})


@dataclass(frozen=True)
class Checked:
    """Messages after checking; every one is in one of the two."""

    events: pl.DataFrame  # as EVENT_SCHEMA, in the order of lines
    reasons: dict[int, Reason]  # by line


class KindCheck:
    """The contract of one kind at work on messages, flush after flush."""

    def __init__(self, view: MessageContract, references: References) -> None:
        self.view = view
        self._references = references
        self._screens: dict[bool, Screen] = {}
        self._rows: dict[bool, list[pl.Expr]] = {}

    def check(
        self, messages: Sequence[Message], lines: NDArray[np.int64], *, load_id: int, load_time: datetime
    ) -> Checked:
        """Check messages of this kind.

        Args:
            messages: shape (n,).
            lines: shape (n,); each message's place in the flush, rising.
            load_id: of the flush.
            load_time: with a zone; when the messages came in.
        """
        operations = list(map(_OPERATION, messages))
        if "delete" not in operations:
            return self._part(messages, lines, load_id, load_time, deletion=False)
        undo = np.fromiter((each == "delete" for each in operations), dtype=bool, count=len(messages))
        parts = []
        for deletion in (False, True):
            mine = np.flatnonzero(undo == deletion)
            if len(mine):
                given = messages if len(mine) == len(messages) else [messages[i] for i in mine.tolist()]
                parts.append(self._part(given, lines[mine], load_id, load_time, deletion=deletion))
        if len(parts) == 1:
            return parts[0]
        events = pl.concat([part.events for part in parts]).sort("line")
        return Checked(events, parts[0].reasons | parts[1].reasons)

    def _part(
        self,
        messages: Sequence[Message],
        lines: NDArray[np.int64],
        load_id: int,
        load_time: datetime,
        *,
        deletion: bool,
    ) -> Checked:
        contract = self.view.deletion if deletion else self.view.whole
        columns = message_columns(self.view, contract, messages, load_time)
        reasons = {int(lines[i]): reason for i, reason in columns.reasons.items()}
        if not len(columns.places):
            return Checked(pl.DataFrame(schema=EVENT_SCHEMA), reasons)
        mine = lines[columns.places]
        screen = self._screen(contract, load_id, load_time, deletion=deletion)
        block = Block(columns.frame, mine, mine)
        screened = screen.screen(block)
        if (
            screened.rejects.height
            and _LOOKED_UP & set(screened.rejects["code"])
            and self._references.refresh(contract)
        ):
            screen.references = self._references.of(contract)
            screened = screen.screen(block)
        if screened.rejects.height:
            reasons |= _reasons(screened.rejects, screen.personal)
        events = self._events(contract, screened, columns, mine, reasons, deletion=deletion)
        return Checked(events, reasons)

    def _screen(self, contract: Contract, load_id: int, load_time: datetime, *, deletion: bool) -> Screen:
        screen = self._screens.get(deletion)
        if screen is None:
            references = self._references.of(contract)
            screen = Screen(
                contract, file="api", load_id=load_id, load_time=load_time, references=references, seen=None
            )
            screen.known = None  # a message comes now, whatever is said of the contract's files
            self._screens[deletion] = screen
        screen.load_id, screen.load_time = load_id, load_time
        assert screen.clock is not None, "contracts of messages have an event time"
        screen.clock.load_time = load_time
        screen.clock.ahead = AHEAD_MAX
        return screen

    def _events(
        self,
        contract: Contract,
        screened: Screened,
        columns: MessageColumns,
        lines: NDArray[np.int64],
        reasons: dict[int, Reason],
        *,
        deletion: bool,
    ) -> pl.DataFrame:
        """Return accepted records as rows of the event log."""
        said = pl.DataFrame(
            {"_id": columns.ids, "_operation": columns.operations, "_customer": columns.customers},
            schema=_SAID,
        )
        accepted = screened.accepted
        if accepted.height < len(lines):
            said = said[np.searchsorted(lines, accepted["_line"].to_numpy())]
        if deletion not in self._rows:
            self._rows[deletion] = self._row(contract, deletion=deletion)
        events = accepted.hstack(said).select(self._rows[deletion])
        if events["_wrong"].any():
            events = self._refuse(events, contract, reasons)
        return events.drop("_wrong", "_customer")

    def _row(self, contract: Contract, *, deletion: bool) -> list[pl.Expr]:
        """Return the expressions of a row of the log, as ``EVENT_SCHEMA``; and whether it is none after all."""
        own, about, undone = self._identity(contract)
        inside = [name for name in contract.columns if name not in (self.view.customer, self.view.clock)]
        body = pl.struct(inside).struct.json_encode() if inside and not deletion else pl.lit("{}")
        key = pl.concat_str(pl.lit(self.view.contract.contract + ":"), own)
        version = pl.when(pl.col("_operation") == "new").then(key).otherwise(key + "@" + _PLACE)
        customer = pl.col(self.view.customer).cast(pl.String)
        wrong = (
            about.is_null()
            | (about.str.len_chars() > 2 * ID_CHARACTERS_MAX)
            | (customer.str.len_chars() > ID_CHARACTERS_MAX).fill_null(False)
        )
        if contract.looked_up:
            wrong = wrong | (pl.col("_customer") != customer).fill_null(False)
        found = {
            "customer": customer,
            "kind": pl.lit(self.view.kind),
            "event_time": pl.col("event_time"),
            "load_time": pl.col("load_time"),
            "idempotency_key": version,
            "body": body,
            "event_id": about,
            "operation": pl.when(undone).then(pl.lit("delete")).otherwise("_operation"),
            "load_id": pl.col("_load"),
            "origin": pl.lit("api"),
            "line": pl.col("_line"),
        }
        return [found[name].alias(name) for name in EVENT_SCHEMA] + [
            pl.col("_customer"),
            wrong.alias("_wrong"),
        ]

    def _identity(self, contract: Contract) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
        """Return what names a message's event, which event it is about, and whether it undoes that one."""
        undone = pl.lit(False)
        if not self.view.key:
            own = pl.coalesce("_id", pl.when(pl.col("_operation") == "new").then(_PLACE))
        elif set(self.view.key) <= contract.columns.keys():
            own = pl.coalesce(event_key(self.view.contract), "_id")
        else:
            own = pl.col("_id")
        if contract.reverses is None:
            return own, own, undone
        reversed_, undone = event_version(self.view.contract)
        return own, pl.when(undone).then(reversed_).otherwise(own), undone

    def _refuse(self, events: pl.DataFrame, contract: Contract, reasons: dict[int, Reason]) -> pl.DataFrame:
        """Take out events without an id, with one that no index holds, or with another customer than was said."""
        via = contract.looked_up.via if contract.looked_up else ""
        wrong = events.filter("_wrong").select("line", "event_id", "customer", "_customer")
        for line, event, customer, said in wrong.iter_rows():
            if event is None:
                reasons[line] = message_reason("id_missing", "id", operation="correct or delete")
            elif via and said is not None and said != customer:
                reasons[line] = message_reason("customer_differs", via)
            else:
                field = "id" if len(event) > 2 * ID_CHARACTERS_MAX else "customer"
                reasons[line] = message_reason("message_long", field, max=ID_CHARACTERS_MAX)
        return events.filter(~pl.col("_wrong"))


def _reasons(rejects: pl.DataFrame, personal: set[str]) -> dict[int, Reason]:
    names = ("line", "field", "code", "message_en", "message_zh", "value")
    return {
        line: Reason(field, code, Text(en=en, zh=zh), value, field is None or field in personal)
        for line, field, code, en, zh, value in rejects.select(names).iter_rows()
    }
