"""Health 健康状况: does the server answer, and can it write?"""

import msgspec
import sqlalchemy as sa
from litestar import Response, get
from litestar.datastructures import State

from vostro import __version__
from vostro.words import VostroError

__all__ = ["Health", "health"]


class Health(msgspec.Struct, frozen=True):
    """How the server is."""

    status: str  # ok, or degraded when the store does not answer
    store: str  # ok, or the code of its error
    waiting: int  # events that wait to be written
    version: str


@get("/health", summary="Health", tags=["operation"], sync_to_thread=True, security=[{}])
def health(state: State) -> Response[Health]:
    """Tell how the server is: 200, or 503 when the store does not answer. Needs no key."""
    service = state["service"]
    store = "ok"
    try:
        with service.workspace.store.begin() as connection:
            connection.execute(sa.text("SELECT 1"))
    except VostroError as error:
        store = error.code
    fine = store == "ok"
    body = Health("ok" if fine else "degraded", store, service.group.waiting, __version__)
    return Response(body, status_code=200 if fine else 503)
