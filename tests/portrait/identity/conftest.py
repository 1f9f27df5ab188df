"""A bank in a fresh workspace, matched once; and one settled model for the session, since EM takes seconds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vostro.engine import Workspace
from vostro.portrait import run_identity
from vostro.portrait.identity.evidence import read_model, write_model
from vostro.portrait.identity.parameters import Model

from .banks import CONTRACTS, DEFINITION, MOMENT, again, people, put

MODEL: list[Model] = []


@pytest.fixture
def bank(workspace: Workspace) -> Workspace:
    """400 customers of the CRM, of whom 150 are in the core system, too; the parameters are settled."""
    all_people = people(400)
    put(workspace.lake, "crm", all_people, 1)
    put(workspace.lake, "core", again(all_people.head(150)), 2)
    if MODEL:
        with workspace.store.begin() as connection:
            write_model(workspace.lake, connection, MODEL[0], MOMENT)
        return workspace
    run_identity(workspace.lake, DEFINITION, CONTRACTS, moment=MOMENT)
    with workspace.store.begin() as connection:
        model = read_model(workspace.lake, connection)
    assert model is not None
    MODEL.append(model)
    return workspace


@pytest.fixture
def matched(bank: Workspace) -> Iterator[Workspace]:
    """The bank after a run."""
    run_identity(bank.lake, DEFINITION, CONTRACTS, moment=MOMENT)
    yield bank


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of definitions."""
    folder = tmp_path / "definitions"
    folder.mkdir()
    return folder
