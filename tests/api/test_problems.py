"""Errors as answers: code, status, one sentence in the reader's language; a fault of ours tells nothing inside."""

import pytest

from vostro.api.problems import language_of, problem_of
from vostro.capture.intake import IntakeBusyError


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"), ("", "en"), ("zh", "zh"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-US,zh;q=0.9", "en"),
        ("zh;q=0.2, en;q=0.9", "en"), ("de", "en"), ("zh;q=x", "zh"), (b"zh-Hans", "zh"), (",;q=1,,", "en"),
    ],
)  # fmt: skip
def test_language(header: str | bytes | None, language: str) -> None:
    assert language_of(header) == language


def test_busy_says_when_to_come_again() -> None:
    problem, headers = problem_of(IntakeBusyError(waiting=7), "zh")
    assert (problem.status, problem.code, headers["retry-after"]) == (503, "capture.intake_busy", "1")
    assert "7" in problem.detail
    assert headers["content-language"] == "zh"


def test_a_fault_of_ours_does_not_tell_what_was_inside() -> None:
    problem, _ = problem_of(ValueError("the customer's secret"), "en")
    assert (problem.status, problem.code) == (500, "api.fault")
    assert "secret" not in problem.detail
