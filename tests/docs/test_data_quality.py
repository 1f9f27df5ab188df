"""docs/data-quality.md names every code under which a file is refused or a record is rejected."""

import msgspec
import pages

from vostro.capture import ColumnQuality, SourceQuality
from vostro.capture.quality import SAMPLE_ROWS
from vostro.capture.reasons import NAMES, REASONS
from vostro.capture.rejects import EXPORT_COLUMNS
from vostro.capture.watch import ALERT, CHECKS, RESOLVED

PAGE = pages.read("data-quality.md")


def _codes(heading: str) -> list[str]:
    return [pages.codes(row[1])[0] for row in pages.rows(pages.section(PAGE, heading))]


def test_every_refusal_of_a_file_or_a_message_is_told() -> None:
    import error_page

    ours = {each.code for each in error_page.coded_errors() if each.code.startswith("capture.")}
    told = _codes("Files that are refused") + _codes("Messages that are refused")
    assert len(told) == len(set(told))
    assert set(told) == ours


def test_every_reason_of_a_reject_is_told() -> None:
    told = _codes("Codes of rejects")
    assert len(told) == len(set(told))
    assert set(REASONS) <= set(NAMES)
    assert set(told) == set(NAMES)


def test_figures_are_those_of_the_code() -> None:
    told = {
        name
        for row in pages.rows(pages.section(PAGE, "What the quality figures mean"))
        for name in pages.codes(row[0])
    }
    fields = {f.name for shape in (ColumnQuality, SourceQuality) for f in msgspec.structs.fields(shape)}
    assert told <= fields | {"freshness"}
    assert f"{2 * SAMPLE_ROWS:,} records" in PAGE


def test_columns_of_an_export_are_told() -> None:
    assert ", ".join(f"`{name}`" for name in EXPORT_COLUMNS) in PAGE


def test_every_check_over_time_is_told() -> None:
    told = {pages.codes(row[0])[0] for row in pages.rows(pages.section(PAGE, "Over time"))}
    assert told == set(CHECKS)
    assert f"kind `{ALERT}`" in PAGE and f"`{RESOLVED}`" in PAGE
