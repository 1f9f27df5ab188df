"""Decide 决策: the catalogue, the gates, the choice within a capacity, and its record."""

from vostro.decide.amounts import Capacity, CapacityFormatError, ShareFormatError, parse_share
from vostro.decide.board import VERDICTS, Board, Context
from vostro.decide.catalogue import (
    Action,
    Campaign,
    Catalogue,
    Channel,
    Product,
    Response,
    SpokenReason,
    Suppression,
    Waves,
    read_catalogue,
)
from vostro.decide.decide import STEPS, EstimateMissingError, decide
from vostro.decide.record import VERDICT_WORDS, decision_records
from vostro.portrait import draw

__all__ = [
    "STEPS",
    "VERDICTS",
    "VERDICT_WORDS",
    "Action",
    "Board",
    "Campaign",
    "Capacity",
    "CapacityFormatError",
    "Catalogue",
    "Channel",
    "Context",
    "EstimateMissingError",
    "Product",
    "Response",
    "ShareFormatError",
    "SpokenReason",
    "Suppression",
    "Waves",
    "decide",
    "decision_records",
    "draw",
    "parse_share",
    "read_catalogue",
]
