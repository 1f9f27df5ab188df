"""Reach, as a stage 触达阶段: decisions and promised messages in one transaction, then the call list."""

from dataclasses import replace

import msgspec
import polars as pl

from vostro.engine import append_events
from vostro.lap import Lap
from vostro.learn import ChannelResult, DecisionsResult
from vostro.reach import promise_messages, read_script, write_call_list
from vostro.stages.runs import keep_definitions, keep_run
from vostro.words import Text, canonical_json, digest

__all__ = ["reach"]


def reach(lap: Lap) -> Lap:
    """Keep decisions and messages, log that the campaign was decided, write the channel's file."""
    assert lap.decisions is not None and lap.estimates is not None, "decide comes before reach"
    assert lap.decisions["customer"].equals(lap.estimates.population["customer"]), "rows stay in order"
    (channel, script), *_ = lap.action.channels.items()
    definition = lap.bank.catalogue.channels[channel]
    script_words = read_script(lap.bank.folder / script)
    messages = promise_messages(
        lap.decisions,
        lap.estimates.population,
        channel=channel,
        script=script_words,
        phrases=lap.bank.catalogue.phrases[lap.action.action],
    )
    _keep(lap, lap.decisions.drop("reasons"), messages)
    path = lap.folder / definition.file
    count = write_call_list(messages, path)
    lap.progress("reach", 1, 1)
    result = ChannelResult(channel=channel, name=definition.name, file=str(path), messages=count)
    return replace(lap, channels=(result,), decided=_with_scripts(lap.decided, messages))


def _with_scripts(decided: DecisionsResult | None, messages: pl.DataFrame) -> DecisionsResult:
    """Add what the agent says to the examples of decisions."""
    assert decided is not None, "decide comes before reach"
    wanted = [each.decision_id for each in decided.examples]
    rows = messages.filter(pl.col("decision_id").is_in(wanted)).iter_rows(named=True)
    said = {row["decision_id"]: Text(en=row["script_en"], zh=row["script_zh"]) for row in rows}
    examples = [msgspec.structs.replace(each, script=said.get(each.decision_id)) for each in decided.examples]
    return msgspec.structs.replace(decided, examples=examples)


def _keep(lap: Lap, decisions: pl.DataFrame, messages: pl.DataFrame) -> None:
    lake, store = lap.workspace.lake, lap.workspace.store
    with store.begin() as connection:
        lake.write("decision", lap.run_id, decisions, connection)
        lake.write("message", lap.run_id, messages, connection)
        append_events(connection, _decided_event(lap, decisions))
        keep_definitions(lake, connection, lap.bank.folder, lap.bank.version)
        keep_run(connection, lap)


def _decided_event(lap: Lap, decisions: pl.DataFrame) -> pl.DataFrame:
    """Return the event that names every decision record by one digest."""
    assert lap.estimates is not None, "insight comes before reach"
    as_of = max(lap.estimates.as_of.values())
    body = {
        "run": lap.run_id,
        "campaign": lap.campaign.campaign,
        "decisions": decisions.height,
        "records_digest": digest(decisions["record"].str.join("\n").item()),
    }
    return pl.DataFrame(
        {
            "customer": [""],
            "kind": ["campaign_decided"],
            "event_time": [as_of],
            "load_time": [lap.options.load_time],
            "idempotency_key": [f"campaign_decided:{lap.run_id}"],
            "body": [canonical_json(body).decode()],
        }
    )
