"""App 接口应用: which routes does the API have?

Litestar describes and guards them; the routes that take events in are written against ASGI
itself (``posting``) and described by hand (``described``).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response, asgi, get
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from vostro import __version__
from vostro.api.asyncapi import asyncapi
from vostro.api.audiences import ROUTES as AUDIENCES
from vostro.api.customers import customer_events
from vostro.api.described import describe_posting
from vostro.api.health import health
from vostro.api.keys import check_host, read_keys
from vostro.api.portraits import customer_portrait
from vostro.api.problems import PROBLEM, language_of, problem_of
from vostro.api.service import Service
from vostro.bank import Bank
from vostro.capture.intake import CALLS
from vostro.engine import Workspace
from vostro.words import VostroError

__all__ = ["create_app"]

_LOOK_SECONDS = 1.0


def create_app(workspace: Workspace, bank: Bank) -> Litestar:
    """Return the API of a bank as an ASGI application.

    Args:
        workspace: open; it stays so when the application ends.
        bank: the bank's definitions. The keys are those of the workspace's settings.

    Raises:
        ApiKeysError: the setting ``api_keys`` cannot be read.
    """
    ring = read_keys(workspace.settings.api_keys)
    service = Service(workspace, bank, ring, local=not ring.keys)

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        service.posting.bind(asyncio.get_running_loop())
        service.group.start()
        keeper = asyncio.create_task(_keep_store(workspace))
        try:
            yield
        finally:
            keeper.cancel()
            await asyncio.to_thread(service.close)

    posts = [asgi("/events", copy_scope=False)(service.posting.events)]
    posts += [asgi(f"/v1/{call}", copy_scope=False)(service.posting.segment(call)) for call in CALLS]
    app = Litestar(
        route_handlers=[
            *posts,
            *AUDIENCES,
            health,
            customer_portrait,
            customer_events,
            _asyncapi,
            _openapi_json,
        ],
        lifespan=[running],
        state=State({"service": service}),
        exception_handlers={Exception: _problem},
        openapi_config=_openapi(bank),
        before_request=_check_host if service.local else None,
        logging_config=None,
        request_max_body_size=1_000_000,
    )
    describe_posting(app, service)
    return app


async def _keep_store(workspace: Workspace) -> None:
    """Start our own PostgreSQL again when it was killed, even if nobody sends events."""
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        with contextlib.suppress(VostroError):
            await asyncio.to_thread(workspace.revive)


@get("/openapi.json", include_in_schema=False, sync_to_thread=True)
def _openapi_json(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return request.app.openapi_schema.to_schema()


@get("/asyncapi.json", summary="AsyncAPI description of the events", sync_to_thread=True)
def _asyncapi(state: State) -> dict[str, Any]:
    """Return the AsyncAPI 3 document of the bank's contracts."""
    return asyncapi(state["service"].bank)


def _openapi(bank: Bank) -> OpenAPIConfig:
    schemes: dict[str, Any] = {
        "bearer": SecurityScheme(
            type="http", scheme="bearer", description="A key of the setting `api_keys`."
        ),
        "basic": SecurityScheme(
            type="http", scheme="basic", description="The key as user name, as Segment does."
        ),
    }
    return OpenAPIConfig(
        title=f"Vostro: {bank.header.name.en}",
        version=__version__,
        path="/description",  # Litestar answers all else below it with a page of its own
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        components=Components(security_schemes=schemes),
        security=[{"bearer": []}, {"basic": []}, {}],
        use_handler_docstrings=True,
    )


def _problem(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    problem, headers = problem_of(error, language_of(request.headers.get("accept-language")))
    return Response(problem, status_code=problem.status, headers=headers, media_type=PROBLEM)


def _check_host(request: Request[Any, Any, Any]) -> None:
    check_host(request.headers.get("host", ""))
