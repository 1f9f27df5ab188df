"""Report 营销活动报告: how does one run become one HTML file that needs nothing else?

The file holds both languages, the chart library and the figures. Its content security policy
names the digests of its own two scripts, so no other script can run in it, even if a value
of the bank's data should look like one.
"""

import base64
import hashlib
import re
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from vostro.console.charts import by_size, charts, effect_groups
from vostro.console.page import Page
from vostro.learn import RunReport
from vostro.words import LANGUAGES, Language

__all__ = ["render_report", "write_report"]

HERE = Path(__file__).parent
_ECHARTS = HERE / "vendor" / "echarts" / "echarts.common.min.js"
_PORTRAIT_SHOWN = 6  # tags of the portrait that are open; the others fold away
_CALIBRATED = 0.02  # an average gap under two points: a probability may be calculated with


def write_report(report: RunReport, path: Path, language: Language = "en") -> None:
    """Write the report of a run as one HTML file, replacing the file as a whole.

    Args:
        report: the figures of the run; nothing is computed from them.
        path: where the page goes; its folder is made when it is not there.
        language: the language that the page opens in; a reader can switch.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False) as file:
        try:
            file.write(render_report(report, language))
        except BaseException:
            Path(file.name).unlink()
            raise
    try:
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)
    except OSError:
        Path(file.name).unlink()
        raise


def render_report(report: RunReport, language: Language = "en") -> str:
    """Return the report of a run as the text of one HTML page.

    Args:
        report: the figures of the run; nothing is computed from them.
        language: the language that the page opens in.
    """
    pages = {code: Page(code, report.zone) for code in LANGUAGES}
    figures = {code: charts(report, page) for code, page in pages.items()}
    scripts = [_ECHARTS.read_text(encoding="utf-8"), _template_text("report.js")]
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src {' '.join(_digest(script) for script in scripts)}"
    )
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            pages=pages,
            figures=_data(figures),
            language=language,
            policy=policy,
            css=Markup(_template_text("report.css")),  # noqa: S704  our own file
            scripts=[Markup(script) for script in scripts],  # noqa: S704  our own files
            importance=by_size(report.importance),
            drift=by_size(report.drift_psi),
            effect_groups=effect_groups(report.effect),
            actual=next((point for point in report.capacity if point.actual), None),
            calibrated=_CALIBRATED,
            portrait_shown=_PORTRAIT_SHOWN,
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("vostro.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["tight"] = _tight
    return environment


def _tight(text: str) -> Markup:
    """Leave out the indentation of the templates, a tenth of the page."""
    return Markup(re.sub(r"\n\s*", "\n", text))  # noqa: S704  escaped before


def _template_text(name: str) -> str:
    return (HERE / "templates" / name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _data(figures: object) -> Markup:
    """Return JSON that no HTML parser can mistake for markup.

    >>> _data({"name": "</script>"})
    Markup('{"name":"\\\\u003c/script\\\\u003e"}')
    """
    text = msgspec.json.encode(figures).decode()
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  escaped above
