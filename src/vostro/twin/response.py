"""Hidden response 隐藏响应: who buys when called, who buys anyway, whom does a call put off?

Two log-odds a customer: *own* (buys by themselves) comes from the need for a deposit and
from plans already made; *called* adds what a call changes. A call changes much for those
who like the telephone and whose money has just come in, little for those who have decided
already (sure things), and it does harm where calls have worn a customer out (sleeping dogs).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from vostro.twin.chance import BoolArray, FloatArray, sigmoid
from vostro.twin.people import People

__all__ = ["Response", "hidden_response"]

_OWN_LOG_ODDS = -3.8
_PERSUASION_LOG_ODDS = 1.3


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """Both hidden probabilities of every customer; each of shape (n_customers,), in (0, 1)."""

    called: FloatArray  # of buying within the attribution window if called
    own: FloatArray  # of buying within it if left alone

    @property
    def uplift(self) -> FloatArray:
        """What a call changes, shape (n_customers,), in (-1, 1)."""
        return self.called - self.own


def hidden_response(people: People, first_call: date, earlier: BoolArray, bought: BoolArray) -> Response:
    """Return the truth about a campaign whose first call is on ``first_call``.

    Args:
        people: the customers.
        first_call: the day of the month decides how soon the next salary comes.
        earlier: shape (n_customers,); called in an earlier campaign some weeks ago.
        bought: shape (n_customers,); bought then, so hardly buys again now.
    """
    own = _OWN_LOG_ODDS + _need(people) + 1.45 * np.minimum(people.minds.plan, 2.5) - 2.0 * bought
    change = _PERSUASION_LOG_ODDS + 0.5 * people.minds.phone_liking + _payday(people, first_call)
    change += 0.75 * (people.facts["previous_result"] == "bought").fill_null(value=False).to_numpy()
    change -= _fatigue(people) + 0.08 * earlier
    change = np.where(change > 0, change * np.exp(-0.9 * people.minds.plan), change)
    return Response(called=sigmoid(own + change), own=sigmoid(own))


def _need(people: People) -> FloatArray:
    """Return the need for a deposit in log-odds: idle money, age, what is held already."""
    money = (np.log1p(people.number("balance_cny")) - 10.2) / 1.3
    age = people.number("age")
    need = 0.55 * money - 0.09 * np.maximum(money - 0.5, 0) ** 2 - 0.10 * np.maximum(-money - 2, 0)
    need += 0.38 * np.tanh((age - 48) / 12) - 0.4 * (age < 25)
    need += 0.25 * (people.facts["job"] == "retired").to_numpy()
    need -= 0.55 * people.flag("holds_mortgage") + 0.45 * people.flag("holds_fund")
    need += 0.35 * people.flag("holds_term_deposit") - 0.8 * people.flag("in_arrears")
    need += 0.15 * np.minimum(people.number("branch_visits_90d"), 4)
    return np.clip(need, -4.0, 2.6)


def _payday(people: People, first_call: date) -> FloatArray:
    """Return the pull of fresh money: the salary arrives in the first nine days of the calls."""
    day = np.nan_to_num(people.number("salary_day"), nan=-1.0)
    wait_days = np.mod(day - first_call.day, 30)
    return np.where((day > 0) & (wait_days <= 9), 0.65, 0.0)


def _fatigue(people: People) -> FloatArray:
    """Return what earlier calls cost: many of them, recent ones, and a clear wish not to be called."""
    contacts = people.number("previous_contacts")
    days = np.nan_to_num(people.number("last_contact_days"), nan=9_999.0)
    refused = (people.facts["previous_result"] == "refused").fill_null(value=False).to_numpy()
    recent = np.exp(-days / 75.0)
    worn: FloatArray = 0.28 * contacts + 1.3 * recent * (1 + 0.8 * refused) + 0.35 * refused
    return worn + 2.0 * people.flag("opted_out_of_calls")
