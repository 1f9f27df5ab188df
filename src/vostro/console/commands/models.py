"""``vostro models`` 模型管理命令: which estimators speak for the bank, how are they, and who lets them?"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from vostro.console.commands.common import AsJson, BankFolder, SayIn, terminal_of

__all__ = ["models"]

models = App(name="models", help="Estimators: champions and challengers, their cards, drift and approval.")

Name = Annotated[str, Parameter(help="The estimator's code.")]
As = Annotated[str, Parameter(name="--as", help="The person who says so.")]
Reason = Annotated[str, Parameter(help="Why.")]
Version = Annotated[str, Parameter(help="The version, or the beginning of it.")]


@models.default
def list_all(bank: BankFolder = Path(), *, json: AsJson = False, language: SayIn = None) -> None:
    """List estimators: champion, what is proposed, drift since training, performance and age."""
    from vostro.console.model_views import show_models
    from vostro.stages.models import list_models

    show_models(list_models(bank, now=datetime.now(UTC)), terminal_of(language, bank, json=json))


@models.command
def show(
    name: Name,
    bank: BankFolder = Path(),
    *,
    version: Annotated[
        str | None, Parameter(help="Which version; by default what is proposed, else the champion.")
    ] = None,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Print the card of an estimator: data, test, calibration, drift, fairness, limits."""
    from vostro.console.model_views import show_card
    from vostro.stages.models import show_model

    show_card(show_model(bank, name, version=version), terminal_of(language, bank, json=json))


@models.command
def approve(
    name: Name,
    bank: BankFolder = Path(),
    *,
    by: As,
    version: Annotated[
        str | None, Parameter(help="The version that was read: refuse, if another is proposed by now.")
    ] = None,
    reason: Reason = "",
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Let what is proposed speak for the bank; not the person who proposed it."""
    from vostro.console.model_views import show_standing
    from vostro.stages.models import approve_model

    found = approve_model(bank, name, by=by, moment=datetime.now(UTC), version=version, reason=reason)
    show_standing(found, terminal_of(language, bank, json=json))


@models.command
def reject(
    name: Name,
    bank: BankFolder = Path(),
    *,
    by: As,
    reason: Reason = "",
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Refuse what is proposed; a build does not propose the same version again."""
    from vostro.console.model_views import show_standing
    from vostro.stages.models import reject_model

    found = reject_model(bank, name, by=by, moment=datetime.now(UTC), reason=reason)
    show_standing(found, terminal_of(language, bank, json=json))


@models.command
def rollback(
    name: Name,
    bank: BankFolder = Path(),
    *,
    by: As,
    reason: Reason = "",
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Go back to the champion before this one."""
    from vostro.console.model_views import show_standing
    from vostro.stages.models import roll_back_model

    found = roll_back_model(bank, name, by=by, moment=datetime.now(UTC), reason=reason)
    show_standing(found, terminal_of(language, bank, json=json))


@models.command
def propose(
    name: Name,
    version: Version,
    bank: BankFolder = Path(),
    *,
    by: As,
    reason: Reason = "",
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Propose a version by hand, also one that was refused or taken back."""
    from vostro.console.model_views import show_standing
    from vostro.stages.models import propose_model

    found = propose_model(bank, name, version, by=by, moment=datetime.now(UTC), reason=reason)
    show_standing(found, terminal_of(language, bank, json=json))
