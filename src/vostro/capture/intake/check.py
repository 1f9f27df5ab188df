"""Check 消息校验: which messages of one kind keep their contract, and which events are they?

The columns go through the very screen that files go through; what comes out are rows of the
event log, or reasons.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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
        undo = np.fromiter((each.operation == "delete" for each in messages), dtype=bool, count=len(messages))
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
        if _LOOKED_UP & set(screened.rejects["code"]) and self._references.refresh(contract):
            screen.references = self._references.of(contract)
            screened = screen.screen(block)
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
            {
                "_id": pl.Series(columns.ids, dtype=pl.String),
                "_operation": pl.Series(columns.operations, dtype=pl.String),
                "_customer": pl.Series(columns.customers, dtype=pl.String),
            }
        )
        accepted = screened.accepted
        if accepted.height < len(lines):
            said = said[np.searchsorted(lines, accepted["_line"].to_numpy())]
        frame = accepted.hstack(said)
        own, about, undone = self._identity(contract)
        source = self.view.contract.contract
        body = [name for name in contract.columns if name not in (self.view.customer, self.view.clock)]
        written = pl.struct(body).struct.json_encode() if body and not deletion else pl.lit("{}")
        operation = pl.when(undone).then(pl.lit("delete")).otherwise("_operation")
        place = pl.concat_str(pl.col("_load"), pl.lit(":"), pl.col("_line"))
        key = pl.concat_str(pl.lit(source + ":"), own)
        events = frame.select(
            pl.col(self.view.customer).cast(pl.String).alias("customer"),
            pl.lit(self.view.kind).alias("kind"),
            "event_time",
            "load_time",
            pl.when(pl.col("_operation") == "new")
            .then(key)
            .otherwise(key + "@" + place)
            .alias("idempotency_key"),
            written.alias("body"),
            about.alias("event_id"),
            operation.alias("operation"),
            pl.col("_load").alias("load_id"),
            pl.lit("api").alias("origin"),
            pl.col("_line").alias("line"),
            "_customer",
        )
        return self._refuse(events, contract, reasons).select(*EVENT_SCHEMA)

    def _identity(self, contract: Contract) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
        """Return what names a message's event, which event it is about, and whether it undoes that one."""
        place = pl.concat_str(pl.col("_load"), pl.lit(":"), pl.col("_line"))
        undone = pl.lit(False)
        if not self.view.key:
            own = pl.coalesce("_id", pl.when(pl.col("_operation") == "new").then(place))
            about = own
        elif set(self.view.key) <= contract.columns.keys():
            own = pl.coalesce(event_key(self.view.contract), "_id")
            about = own
        else:
            own = about = pl.col("_id")
        if contract.reverses is not None:
            reversed_, undone = event_version(self.view.contract)
            about = pl.when(undone).then(reversed_).otherwise(own)
        return own, about, undone

    def _refuse(self, events: pl.DataFrame, contract: Contract, reasons: dict[int, Reason]) -> pl.DataFrame:
        """Take out events without an id, with one that no index holds, or with another customer than was said."""
        nameless = pl.col("event_id").is_null()
        long = pl.col("event_id").str.len_chars() > 2 * ID_CHARACTERS_MAX
        other = (pl.col("_customer") != pl.col("customer")) if contract.looked_up else pl.lit(False)
        lengthy = pl.col("customer").str.len_chars() > ID_CHARACTERS_MAX
        wrong = events.select(
            nameless.alias("nameless"), long.fill_null(False).alias("long"),
            other.fill_null(False).alias("other"), lengthy.fill_null(False).alias("lengthy"), "line",
        )  # fmt: skip
        bad = wrong.filter(pl.any_horizontal("nameless", "long", "other", "lengthy"))
        if bad.is_empty():
            return events
        via = contract.looked_up.via if contract.looked_up else ""
        for name, _, differs, much, line in bad.iter_rows():
            if name:
                reasons[line] = message_reason("id_missing", "id", operation="correct or delete")
            elif differs:
                reasons[line] = message_reason("customer_differs", via)
            else:
                field = "customer" if much else "id"
                reasons[line] = message_reason("message_long", field, max=ID_CHARACTERS_MAX)
        return events.filter(~pl.col("line").is_in(bad["line"].implode()))


def _reasons(rejects: pl.DataFrame, personal: set[str]) -> dict[int, Reason]:
    names = ("line", "field", "code", "message_en", "message_zh", "value")
    return {
        line: Reason(field, code, Text(en=en, zh=zh), value, field is None or field in personal)
        for line, field, code, en, zh, value in rejects.select(names).iter_rows()
    }
