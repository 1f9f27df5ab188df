"""Requests made from the OpenAPI document by another library: every answer is one that the document tells."""

import pytest
from hypothesis import HealthCheck, given, settings

from .conftest import Running

schemathesis = pytest.importorskip("schemathesis", reason="the extra `test` brings schemathesis")


OPERATIONS = [
    ("/events", "POST"), ("/v1/track", "POST"), ("/v1/batch", "POST"), ("/v1/identify", "POST"), ("/health", "GET"),
    ("/asyncapi.json", "GET"), ("/customers/{customer}", "GET"), ("/customers/{customer}/events", "GET"),
    ("/audiences/count", "POST"), ("/audiences/portrait", "POST"), ("/audiences/extract", "POST"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_described(server: Running, path: str, method: str) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
    ]
    operation = schemathesis.openapi.from_url(f"{server.url}/openapi.json")[path][method]

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(operation.as_strategy())
    def check(case) -> None:
        case.call_and_validate(base_url=server.url, checks=checks)

    check()
