"""Sheet 网页文件: how does a page become one HTML file that needs nothing else?

The file holds both languages, the chart library and the figures. Its content security policy
names the digests of its own scripts, so no other script can run in it, even if a value
of the bank's data should look like one.
"""

import base64
import hashlib
import re
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

__all__ = ["render_sheet", "write_sheet"]

HERE = Path(__file__).parent
_ECHARTS = HERE / "vendor" / "echarts" / "echarts.common.min.js"


def render_sheet(template: str, scripts: list[str], styles: list[str], **values: Any) -> str:
    """Return a page as text.

    Args:
        template: a file in ``templates``; it gets ``policy``, ``css`` and ``scripts`` beside the values.
        scripts: files in ``templates`` that run after the chart library, in order.
        styles: style sheets in ``templates``, in order.
        **values: what the template shows; ``figures`` is plain data for the scripts, which the template
            itself gets as ``drawn``.
    """
    texts = [_ECHARTS.read_text(encoding="utf-8"), *(_template_text(name) for name in scripts)]
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src {' '.join(_digest(text) for text in texts)}"
    )
    given = values | {"figures": _data(values["figures"]), "drawn": values["figures"]}
    return (
        _environment()
        .get_template(template)
        .render(
            policy=policy,
            css=Markup("\n".join(_template_text(name) for name in styles)),  # noqa: S704  our own files
            scripts=[Markup(text) for text in texts],  # noqa: S704  our own files
            **given,
        )
    )


def write_sheet(text: str, path: Path) -> None:
    """Write a page, replacing the file as a whole; its folder is made when it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False) as file:
        try:
            file.write(text)
        except BaseException:
            Path(file.name).unlink()
            raise
    try:
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)
    except OSError:
        Path(file.name).unlink()
        raise


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
