"""Sparks 迷你图: figures over time and small distributions as drawings of a few hundred bytes.

They repeat what stands beside them in words; a drawing without figures is empty text.
"""

from collections.abc import Sequence

from markupsafe import Markup

from vostro.console.forms import there

__all__ = ["bars", "line", "strip"]

_WIDTH, _HEIGHT = 120.0, 26.0
_HEIGHTS = {"ok": 8, "too_little_history": 4, "watch": 14, "alert": 22}


def bars(values: Sequence[float], label: str) -> Markup:
    """Draw one bar a figure, from zero; the last one stands out."""
    if len(values) < 2:
        return Markup("")
    most, step = max(values) or 1.0, _WIDTH / len(values)
    drawn = [
        f"M{i * step:.1f} {_HEIGHT:.0f}v-{max(_HEIGHT * value / most, 0.7):.1f}h{max(step * 0.8, 0.8):.1f}V{_HEIGHT:.0f}z"
        for i, value in enumerate(values)
    ]
    return _svg(
        Markup('<path d="{}"/><path class="last" d="{}"/>').format("".join(drawn[:-1]), drawn[-1]), label
    )


def line(values: Sequence[float | None], label: str, limit: float | None = None) -> Markup:
    """Draw figures as a line from zero, with gaps where there is none, and what is expected as a dashed one."""
    known = [value for value in values if there(value) and value is not None]
    if len(known) < 2:
        return Markup("")
    top = max([*known, limit or 0.0]) or 1.0
    step = _WIDTH / max(len(values) - 1, 1)
    path, pen = "", "M"
    for i, value in enumerate(values):
        if value is None or not there(value):
            pen = "M"
            continue
        path += f"{pen}{i * step:.1f} {_y(value, top):.1f}"
        pen = "L"
    last = values[-1]
    parts = [Markup('<path class="line" d="{}"/>').format(path)]
    if limit is not None and limit > 0:
        parts.append(Markup('<path class="limit" d="M0 {0:.1f}H{1:.0f}"/>').format(_y(limit, top), _WIDTH))
    if last is not None and there(last):
        parts.append(Markup('<circle cx="{:.1f}" cy="{:.1f}" r="2.2"/>').format(_WIDTH - 1, _y(last, top)))
    return _svg(Markup("").join(parts), label)


def strip(verdicts: Sequence[str], titles: Sequence[str], label: str) -> Markup:
    """Draw one mark a load: the higher, the more there is to look at."""
    if not verdicts:
        return Markup("")
    marks = Markup("").join(
        Markup(
            '<rect class="{}" x="{}" y="{}" width="6" height="{}" rx="1"><title translate="no">{}</title></rect>'
        ).format(verdict, i * 8, 24 - _HEIGHTS[verdict], _HEIGHTS[verdict], title)
        for i, (verdict, title) in enumerate(zip(verdicts, titles, strict=True))
    )
    return Markup(
        '<svg class="strip" viewBox="0 0 {w} 24" width="{w}" height="24" role="img" aria-label="{label}">{marks}</svg>'
    ).format(w=8 * len(verdicts), label=label, marks=marks)


def _y(value: float, top: float) -> float:
    return _HEIGHT - 2 - (_HEIGHT - 4) * value / top


def _svg(inside: Markup, label: str) -> Markup:
    return Markup(
        '<svg class="spark over-time" viewBox="0 0 {w:.0f} {h:.0f}" width="{w:.0f}" height="{h:.0f}" role="img" '
        'aria-label="{label}">{inside}</svg>'
    ).format(w=_WIDTH, h=_HEIGHT, label=label, inside=inside)
