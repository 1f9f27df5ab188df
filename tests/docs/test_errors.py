"""docs/errors.md is what the error family says."""

import error_page
import pages


def test_the_page_is_made_from_the_family() -> None:
    assert pages.read("errors.md") == error_page.errors_page(), "run: python tests/docs/error_page.py"


def test_every_code_is_told_once() -> None:
    told = [pages.codes(row[0])[0] for row in pages.rows(pages.read("errors.md"))]
    assert sorted(told) == sorted(each.code for each in error_page.coded_errors())
