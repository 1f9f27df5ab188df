"""Lifecycle 生命周期阶段: is a customer new, growing, active, at risk, dormant or lost?

Told from the first event, the last event, and the number of events in a window against the
window before. The first tier that holds is the stage.
"""

from collections.abc import Mapping

from vostro.engine import Located
from vostro.portrait.aggregate.reading import AggregateDefinition
from vostro.portrait.catalogue.templates.definition import TemplateDefinition
from vostro.portrait.catalogue.templates.made import Maker
from vostro.portrait.tag_definition import TagDefinition
from vostro.words import Text, parse_span

__all__ = ["expand_lifecycle", "share"]

WINDOW = "90 days"
_PLACES = {"aggregate.of": "of", "aggregate.where": "where", "aggregate.window": "window"}
_STAGES: Mapping[str, tuple[Text, str]] = {
    "none": (Text("no event yet", "尚无交易"), "{last} IS NULL"),
    "lost": (Text("lost", "流失"), "{last} >= {lost_days}"),
    "dormant": (Text("dormant", "沉睡"), "{last} >= {dormant_days}"),
    "new": (Text("new", "新客"), "{first} < {new_days}"),
    "at_risk": (Text("at risk", "流失风险"), "{trend} <= -{fewer}"),
    "growing": (Text("growing", "成长"), "{trend} >= {more}"),
    "active": (Text("active", "活跃"), "otherwise"),
}


def expand_lifecycle(at: Located[TemplateDefinition]) -> list[Located[TagDefinition]]:
    """Return the tags of a lifecycle template: first and last event, trend, and the stage."""
    template, maker = at.value, Maker(at, _PLACES)

    def measure(text: str, window: str | None = None, *, trend: bool = False) -> AggregateDefinition:
        of = template.of or ""
        return AggregateDefinition(of=of, measure=text, where=template.where, window=window, trend=trend)

    days = Text("days", "天")
    first, last = measure("days_since_first"), measure("days_since_last")
    trend = measure("count", template.window or WINDOW, trend=True)
    maker.add(
        "first_days",
        Text("Days since the first event", "距首笔天数"),
        "behaviour",
        aggregate=first,
        unit=days,
    )
    maker.add(
        "last_days",
        Text("Days since the last event", "距最近一笔天数"),
        "behaviour",
        aggregate=last,
        unit=days,
    )
    maker.add("trend", Text("Change in the number of events", "笔数变化比例"), "behaviour", aggregate=trend)
    values = {
        "last": maker.code("last_days"),
        "first": maker.code("first_days"),
        "trend": maker.code("trend"),
        "lost_days": parse_span(template.lost).days,
        "dormant_days": parse_span(template.dormant).days,
        "new_days": parse_span(template.new).days,
        "fewer": share(template.at_risk),
        "more": share(template.growing),
    }
    maker.add(
        "",
        Text("Lifecycle stage", "生命周期阶段"),
        "behaviour",
        tiers={stage: rule.format(**values) for stage, (_, rule) in _STAGES.items()},
        values={stage: said for stage, (said, _) in _STAGES.items()},
    )
    return maker.made


def share(text: str) -> str:
    """Read a percentage as the decimal number that a rule writes.

    >>> share("20 %"), share("12.5 %")
    ('0.2', '0.125')

    Raises:
        ValueError: not a number of 0 or more followed by %.
    """
    number, sign, rest = text.partition("%")
    value = float(number)
    if sign != "%" or rest.strip() or not 0 <= value < float("inf"):
        raise ValueError(text)
    return f"{value / 100:.10g}"
