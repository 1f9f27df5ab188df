"""Requests made from the OpenAPI document by another library: every answer is one that the document tells."""

import pytest
from hypothesis import HealthCheck, settings

from .conftest import Running

schemathesis = pytest.importorskip("schemathesis", reason="the extra `test` brings schemathesis")


@pytest.fixture
def web_app_schema(server: Running):
    return schemathesis.openapi.from_url(f"{server.url}/openapi.json")


schema = schemathesis.pytest.from_fixture("web_app_schema")


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_described(case) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    case.call_and_validate(
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ]
    )
