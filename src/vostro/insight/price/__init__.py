"""Prices 价格: acceptance as a function of the price, where prices varied by chance."""

from vostro.insight.price.model import PriceModel
from vostro.insight.price.slope import Slope

__all__ = ["PriceModel", "Slope"]
