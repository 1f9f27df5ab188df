"""Page 页面: which words and figures does a template put on the page, in one language?

A template asks for words by key and for figures by form; whatever is not measured becomes a
dash that says why. All values are escaped on the way, the templates hold no ``|safe``.
"""

from collections.abc import Callable
from typing import Any

from markupsafe import Markup, escape

from vostro.console.codes import CODES
from vostro.console.forms import Forms, there
from vostro.console.texts import TEXTS
from vostro.learn import ColumnResult, PortraitBin
from vostro.words import Language, Text

__all__ = ["Page"]

_DASH = "–"
_TOGETHER = "\N{NO-BREAK SPACE}"  # a number and its unit stay on one line
_VALUE_MAX = 120  # characters
_DIGEST_SHOWN = 12  # characters, as elsewhere in Vostro
_SPARK_WIDTH, _SPARK_HEIGHT = 96, 22


class Page:
    """One language's view of a report.

    >>> page = Page("zh")
    >>> page.say("page.interval", span="1.9 至 2.1")
    Markup('95% 置信区间 1.9 至 2.1')
    """

    def __init__(self, language: Language, zone: str = "UTC") -> None:
        self.language = language
        self.form = Forms(language, zone)

    def say(self, key: str, **figures: object) -> Markup:
        """Return the words of ``key`` with the figures filled in and escaped."""
        return escape(TEXTS[key].say(self.language)).format(**figures)

    def words(self, key: str) -> str:
        """Return the words of ``key`` as plain text, for a chart that escapes for itself."""
        return TEXTS[key].say(self.language)

    def text(self, text: Text | None, code: str = "") -> str:
        """Return a name in this language, or its code when it has no name."""
        return text.say(self.language) if text is not None else code

    def word(self, family: str, code: str) -> Markup:
        """Return the word for a code such as a type or a verdict, or the code itself, marked as one.

        >>> Page("en").word("verdict", "not_worth"), Page("zh").word("step", "sieve")
        (Markup('Not worth a contact'), Markup('<code>sieve</code>'))
        """
        known = CODES.get(f"{family}.{code}")
        return escape(known.say(self.language)) if known else self.code(code)

    def plain(self, family: str, code: str) -> str:
        """Return the word for a code without markup, for charts and labels."""
        known = CODES.get(f"{family}.{code}")
        return known.say(self.language) if known else code

    def knows(self, family: str, code: str) -> bool:
        """Tell whether there are words for a code."""
        return f"{family}.{code}" in CODES

    def value(self, value: str) -> Markup:
        """Return a value of the bank's own data, which is not translated; a very long one is cut."""
        shown = value if len(value) <= _VALUE_MAX else value[: _VALUE_MAX - 1] + "…"
        return Markup('<span class="value" translate="no">{}</span>').format(shown)

    def bound(self, value: str | None, column: ColumnResult) -> Markup:
        """Return the least or greatest value of a column in the form of its type, or a dash with the reason."""
        if value is None:
            return self.dash("personal" if column.personal_data in ("identity", "contact") else "range")
        if column.type in ("date", "moment"):
            return Markup('<span title="{}">{}</span>').format(value, self.form.day(value))
        return self.value(self.form.digits(value))

    def digest(self, version: str) -> Markup:
        """Return a version, a digest by its first digits; the whole one is in the table of versions."""
        return self.code(version[:_DIGEST_SHOWN])

    def label(self, text: Text) -> Markup:
        """Return the name of a value; one that is the same in both languages is the bank's own data."""
        return self.value(text.en) if text.en == text.zh else escape(text.say(self.language))

    def code(self, value: object) -> Markup:
        """Return a thing that has one form in all languages."""
        return Markup("<code>{}</code>").format(value)

    def dash(self, why: str) -> Markup:
        """Return a dash for a figure that is not there, with the reason."""
        reason = self.say(f"none.{why}")
        return Markup(
            '<span class="none" title="{reason}"><span aria-hidden="true">{dash}</span>'
            '<span class="unseen">{reason}</span></span>'
        ).format(reason=reason, dash=_DASH)

    def figure(self, value: Any, form: str, why: str = "unmeasured", **options: Any) -> Markup:
        r"""Return a figure in its local form, or a dash with the reason.

        >>> Page("en").figure(0.123, "share"), Page("zh").figure(2.4, "times")
        (Markup('12.3%'), Markup('2.40\xa0倍'))
        """
        if not there(value):
            return self.dash(why)
        write: Callable[..., str] = getattr(self.form, form)
        return escape(write(value, **options).replace(" ", _TOGETHER))

    def interval(self, low: float | None, high: float | None, form: str, why: str = "unmeasured") -> Markup:
        """Return both ends of an interval in one form, or a dash with the reason."""
        if low is None or high is None or not (there(low) and there(high)):
            return self.dash(why)
        span = self.form.span(low, high, getattr(self.form, form))
        return Markup('<span class="num">{}</span>').format(span)

    def days(self, first: str, last: str) -> str:
        """Return a span of days."""
        return f"{self.form.day(first)} – {self.form.day(last)}"

    def ruler(self, ratio: float, low: float, high: float) -> Markup:
        """Draw a ratio with its interval on a rule that begins at 0 and marks 1, which is chance."""
        end = 1.12 * max(high, 1.0)
        place = {
            name: 100 * value / end
            for name, value in {"one": 1.0, "low": low, "high": high, "at": ratio}.items()
        }
        span = self.form.span(low, high, self.form.times)
        return Markup(
            '<svg class="ruler" viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label="{label}">'
            '<line class="axis" x1="0" x2="100" y1="6" y2="6"/><line class="one" x1="{one:.2f}" x2="{one:.2f}" y1="1" y2="11"/>'
            '<line class="span" x1="{low:.2f}" x2="{high:.2f}" y1="6" y2="6"/>'
            '<line class="at" x1="{at:.2f}" x2="{at:.2f}" y1="1" y2="11"/></svg>'
            '<span class="ruler-one" style="--at:{one:.2f}%" aria-hidden="true">{random}</span>'
        ).format(
            label=self.say("headline.ratio_image", ratio=self.form.times(ratio), span=span),
            random=self.say("headline.random_mark"),
            **place,
        )

    def tag(self, code: str, names: dict[str, Text]) -> str:
        """Return the name of a tag, or its code when it has none."""
        return self.text(names.get(code), code)

    def listed(self, pairs: list[tuple[object, object]]) -> Markup:
        """Return ``name: value; name: value``."""
        return self.say("page.separator").join(self.say("page.list", name=n, value=v) for n, v in pairs)

    def longest(self, bins: list[PortraitBin]) -> float:
        """Return the share whose bar fills the track."""
        return (
            max([share for one in bins for share in (one.base_share, one.audience_share)], default=0.0) or 1.0
        )

    def sparkline(self, distribution: list[tuple[str, int]], column: str) -> Markup:
        """Draw records by value as a small SVG of bars; every bar's height is a share of the tallest."""
        if not distribution:
            return self.dash("personal")
        most = max(count for _, count in distribution) or 1
        step = _SPARK_WIDTH / len(distribution)
        bars = "".join(
            f"M{i * step:.1f} {_SPARK_HEIGHT}v-{max(_SPARK_HEIGHT * count / most, 0.6):.1f}"
            f"h{max(step - 1.5, 1):.1f}V{_SPARK_HEIGHT}z"
            for i, (_, count) in enumerate(distribution)
        )
        return Markup(
            '<svg class="spark" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{label}">'
            '<path d="{bars}"/></svg>'
        ).format(w=_SPARK_WIDTH, h=_SPARK_HEIGHT, label=self.say("quality.spark", column=column), bars=bars)
