"""The command line 命令行: what does a person type?

Each command is thin: it reads arguments, calls one front door and prints. Rooms are
imported inside the commands, so that ``vostro --help`` answers at once.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter, validators

from vostro import __version__
from vostro.words import Language, VostroError

if TYPE_CHECKING:
    from vostro.engine import Workspace

__all__ = ["app", "main"]

app = App(
    name="vostro",
    version=__version__,
    help="Portrait, decide, reach, listen, prove: an engagement engine for retail banks.\n\n"
    "A bank is a folder of definitions; its state lives in the folder .vostro inside it.",
)
rejects = App(name="rejects", help="Records that broke their contract: list, export, mend and replay them.")
app.command(rejects)

_COMMANDS = "vostro.console.commands"
_LAZY: tuple[tuple[str, str, str], ...] = (  # imported when they are typed
    ("audience", "audience:audience", "Count an audience exactly: each condition, reach, portrait; list it."),
    ("clusters", "groups:clusters", "Find groups of customers who are alike, and say what sets them apart."),
    ("customer", "customer:customer", "Show one customer as known at a moment."),
    ("identity", "identity:identity", "Who is who: link records, show, merge, unmerge and review people."),
    ("key", "serve:key", "Make a key for the API."),
    ("lookalikes", "groups:lookalikes", "Find the customers who look most like those of a rule or a list."),
    ("models", "models:models", "Estimators: champions and challengers, cards, drift, approval."),
    ("needs", "groups:needs", "Find which products customers lack that others like them hold."),
    ("serve", "serve:serve", "Serve the bank's API: events in, portraits and audiences out."),
    ("tags", "tags:tags", "The tag catalogue: list, show, history, lineage, set, clear, cuts."),
    ("watch", "watch:watch", "Data quality of every source over time, and open alerts."),
)
for _name, _place, _help in _LAZY:
    app.command(f"{_COMMANDS}.{_place}", name=_name, help=_help)

BenchName = Literal[
    "as-of",
    "audience",
    "audience-portrait",
    "events",
    "insight",
    "link",
    "link-settings",
    "load",
    "portraits",
    "rules",
    "tags",
    "tags-spark",
    "waves",
]
BankFolder = Annotated[Path, Parameter(help="The bank's folder of definitions.")]
DataFolder = Annotated[Path | None, Parameter(name="--data", help="The folder that holds the source files.")]
SayIn = Annotated[Language | None, Parameter(name="--language", help="Language of messages: en or zh.")]
AsJson = Annotated[
    bool, Parameter(name="--json", negative="", help="Print one JSON object instead of tables.")
]


@app.command
def run(
    bank: BankFolder,
    *,
    data: DataFolder = None,
    campaign: Annotated[str | None, Parameter(help="Which campaign, where the bank has several.")] = None,
    out: Annotated[Path | None, Parameter(help="Folder for call list and report.")] = None,
    as_of: Annotated[str | None, Parameter(help="Decide as of this moment (ISO 8601 with zone).")] = None,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Take the whole loop once: load, portray, estimate, decide, reach, listen, learn; then report."""
    from vostro.console import Terminal, write_report
    from vostro.lap import Options
    from vostro.loop import run_loop
    from vostro.words import parse_moment

    terminal = Terminal(_language(language, bank), quiet=json)
    options = Options(
        data=data,
        campaign=campaign,
        out=out,
        as_of=None if as_of is None else parse_moment(as_of),
        load_time=datetime.now(UTC),
    )
    with terminal.progress() as progress:
        result = run_loop(bank, options, progress=progress)
    write_report(result.report, result.page, language=terminal.language)
    terminal.show_run(result.report)


@app.command
def demo(
    *,
    folder: Annotated[Path, Parameter(help="Where the generated bank lives.")] = Path("out/demo"),
    customers: Annotated[int, Parameter(help="How many customers.")] = 20_000,
    seed: Annotated[int, Parameter(help="Another seed, another bank.")] = 7,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Generate a bank, run its campaign, let its customers answer, and compare with the truth."""
    from vostro.console import Terminal, run_demo

    terminal = Terminal(_language(language), quiet=json)
    run_demo(folder, customers=customers, seed=seed, terminal=terminal, load_time=datetime.now(UTC))


@app.command
def init(folder: Path, *, language: SayIn = None) -> None:
    """Make a new bank's folder, with a small example to start from."""
    from vostro.console import Terminal, make_bank

    make_bank(folder, Terminal(_language(language)))


@app.command
def check(bank: BankFolder = Path(), *, language: SayIn = None) -> None:
    """Check every definition; tell each fault with file and line."""
    from vostro.bank import read_bank
    from vostro.console import Terminal, show_bank

    show_bank(read_bank(bank), Terminal(_language(language)))


@app.command
def load(
    bank: BankFolder = Path(), *, data: DataFolder = None, json: AsJson = False, language: SayIn = None
) -> None:
    """Load source files under their contracts; the same file twice adds nothing."""
    from vostro.console import Terminal
    from vostro.stages import load_sources

    terminal = Terminal(_language(language, bank), quiet=json)
    with terminal.progress() as progress:
        sources = load_sources(bank, data, load_time=datetime.now(UTC), progress=progress)
    terminal.show_sources(sources)
    terminal.show_quality(sources)


@app.command
def build(
    bank: BankFolder = Path(),
    *,
    data: DataFolder = None,
    as_of: Annotated[str | None, Parameter(help="Build as of this moment (ISO 8601 with zone).")] = None,
    out: Annotated[Path | None, Parameter(help="Where to write the portrait report.")] = None,
    by: Annotated[
        str | None,
        Parameter(name="--as", help="Who proposes new versions of estimators; default: this user."),
    ] = None,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Build portraits, segments, estimators and the audience index; with --data, load first."""
    from vostro.console import Terminal, show_built, write_portrait_report
    from vostro.stages import build_bank
    from vostro.words import parse_moment

    terminal = Terminal(_language(language, bank), quiet=json)
    with terminal.progress() as progress:
        built, found = build_bank(
            bank,
            moment=datetime.now(UTC),
            data=data,
            as_of=None if as_of is None else parse_moment(as_of),
            by=by,
            progress=progress,
        )
    page = out or built.state / "portrait.html"
    write_portrait_report(found, page, terminal.language)
    show_built(built, terminal, page)


@app.command
def report(
    bank: BankFolder = Path(),
    *,
    run: Annotated[str | None, Parameter(help="Which run; the last one by default.")] = None,
    out: Annotated[Path, Parameter(help="Where to write the page.")] = Path("report.html"),
    language: SayIn = None,
) -> None:
    """Write the HTML report of an earlier run again."""
    from vostro.console import Terminal, write_report
    from vostro.replay import read_run

    terminal = Terminal(_language(language, bank))
    write_report(read_run(bank, run), out, language=terminal.language)
    terminal.say(f"Report: {out}", f"报告：{out}")


@app.command
def replay(
    bank: BankFolder = Path(),
    *,
    run: Annotated[str | None, Parameter(help="Which run; the last one by default.")] = None,
    decision: Annotated[str | None, Parameter(help="Show this decision's record, too.")] = None,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Decide an earlier run again from its record, and compare byte for byte."""
    from vostro.console import Terminal, show_replay
    from vostro.replay import replay_run

    terminal = Terminal(_language(language, bank), quiet=json)
    with terminal.progress() as progress:
        result = replay_run(bank, run, decision=decision, progress=progress)
    show_replay(result, terminal)
    if result.differences:
        sys.exit(1)


@rejects.command(name="list")
def list_rejects(
    bank: BankFolder = Path(),
    *,
    source: Annotated[str | None, Parameter(help="Only rejects of this contract.")] = None,
    limit: Annotated[int, Parameter(help="At most this many.", validator=validators.Number(gte=1))] = 50,
    unmask: Annotated[bool, Parameter(negative="", help="Show personal values.")] = False,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """List open rejects: file, line, field, value and reason."""
    from vostro.capture import list_rejects as found
    from vostro.console import Terminal, show_rejects
    from vostro.engine import Workspace

    terminal = Terminal(_language(language, bank), quiet=json)
    with Workspace.open(bank) as workspace:
        _check_source(bank, workspace, source)
        rows = found(workspace.store, source=source, unmask=unmask, limit=limit)
    show_rejects(rows, terminal)


@rejects.command(name="export")
def export_rejects(
    bank: BankFolder,
    path: Annotated[Path, Parameter(help="The CSV file to write.")],
    *,
    source: Annotated[str, Parameter(help="Rejects of which contract.")],
    language: SayIn = None,
) -> None:
    """Write rejects as CSV that can be mended and replayed; it holds personal data unmasked."""
    from vostro.capture import export_rejects as export
    from vostro.console import Terminal
    from vostro.engine import Workspace

    with Workspace.open(bank) as workspace:
        _check_source(bank, workspace, source)
        count = export(workspace.store, path, source)
    Terminal(_language(language, bank)).say_exported(count, path, bank)


@rejects.command(name="replay")
def replay_rejects(
    bank: BankFolder = Path(),
    *,
    source: Annotated[str | None, Parameter(help="Only rejects of this contract.")] = None,
    mended: Annotated[Path | None, Parameter(help="The exported CSV after mending.")] = None,
    language: SayIn = None,
) -> None:
    """Check rejects again, mended or under a changed contract; what passes is loaded."""
    from vostro.capture import read_contracts
    from vostro.capture import replay_rejects as again
    from vostro.console import Terminal, show_reject_replay
    from vostro.engine import Workspace

    contracts = read_contracts(bank)
    with Workspace.open(bank) as workspace:
        outcome = again(
            workspace.store,
            workspace.lake,
            contracts,
            source=source,
            mended=mended,
            load_time=datetime.now(UTC),
        )
    show_reject_replay(outcome, Terminal(_language(language, bank)))


@app.command
def doctor(bank: BankFolder = Path(), *, json: AsJson = False, language: SayIn = None) -> None:
    """Say how the bank's store, lake and this machine are, and how to mend what is not well."""
    from vostro.console import Terminal, show_findings
    from vostro.engine import diagnose, load_settings

    terminal = Terminal(_language(language), quiet=json)
    findings = diagnose(bank, load_settings(bank, os.environ))
    show_findings(findings, terminal)
    if any(finding.state == "bad" for finding in findings):
        sys.exit(1)


@app.command
def bench(
    name: Annotated[BenchName, Parameter(help="Which benchmark.")],
    *,
    rows: Annotated[
        int | None, Parameter(help="Records, events or customers, as the benchmark counts; default: its own.")
    ] = None,
    data: DataFolder = None,
    row: Annotated[str | None, Parameter(help="Of the bench 'insight', only this row.")] = None,
) -> None:
    """Measure now, on this machine, and print one JSON object."""
    from vostro.console import run_bench

    run_bench(name, rows=rows, data=data, row=row)


def _check_source(bank: Path, workspace: "Workspace", source: str | None) -> None:
    """Refuse a source that nothing is named after: an empty list would hide a slip of the keyboard."""
    from vostro.capture import read_contracts, reject_sources, unknown_source

    known = set(read_contracts(bank)) | reject_sources(workspace.store)
    if source is not None and source not in known:
        raise unknown_source(source, known)


def main() -> None:
    """Run a command; errors become a sentence and exit code 1, never a stack trace."""
    from vostro.console import path_error, tell_error, tell_failure

    try:
        app()
    except VostroError as error:
        sys.exit(tell_error(error, _language(_asked(sys.argv))))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        mendable = path_error(error) if isinstance(error, OSError) else None
        if mendable:
            sys.exit(tell_error(mendable, _language(_asked(sys.argv))))
        sys.exit(tell_failure(error, _language(_asked(sys.argv))))


def _language(asked: str | None, bank: Path | None = None) -> Language:
    """Return the language asked for, else that of the bank's settings, else the locale's, else English."""
    found = asked or os.environ.get("VOSTRO_LANGUAGE") or _set_language(bank)
    found = found or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "zh" if found.lower().startswith("zh") else "en"


def _set_language(bank: Path | None) -> str | None:
    from vostro.engine import load_settings

    if bank is None:
        return None
    try:
        return load_settings(bank, os.environ).language
    except VostroError:
        return None  # the command itself will tell what is wrong with the settings


def _asked(arguments: list[str]) -> str | None:
    """Return what follows ``--language``, for errors that stop a command before it could read it."""
    for i, word in enumerate(arguments):
        if word.startswith("--language="):
            return word.partition("=")[2]
        if word == "--language" and i + 1 < len(arguments):
            return arguments[i + 1]
    return None
