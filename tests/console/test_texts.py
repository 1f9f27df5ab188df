"""Every word of the page stands in both languages, says the same figures, and is used."""

import re
import string
from pathlib import Path

import pytest

import vostro.console
from vostro.console.codes import CODES
from vostro.console.texts import TEXTS
from vostro.decide import VERDICTS

HERE = Path(vostro.console.__file__).parent
HAN = re.compile(r"[一-鿿]")
SAME = {"model.auc", "made.psi", "version.vostro", "version.python", "page.list", "page.separator"}
SAME |= {
    "watch.at_most",
    "watch.at_least",
    "watch.between",
    "value.recency",
    "value.frequency",
    "value.money",
}
WORDS = TEXTS | CODES
ENGLISH_IN_CHINESE = {"AUC", "PSI", "TGI", "RFM", "Vostro", "JavaScript"}
FAMILIES = {key.split(".")[0] for key in TEXTS}


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_the_same_figures(key: str) -> None:
    text = WORDS[key]
    assert text.en.strip() and text.zh.strip()
    assert _fields(text.en) == _fields(text.zh)
    assert not HAN.search(text.en)
    if key not in SAME:
        assert HAN.search(text.zh), "no Chinese words"


@pytest.mark.parametrize("key", TEXTS)
def test_chinese_keeps_its_own_signs_and_no_english(key: str) -> None:
    chinese = TEXTS[key].zh
    left = set(re.findall(r"[A-Za-z]{2,}", re.sub(r"\{\w+\}", "", chinese))) - ENGLISH_IN_CHINESE
    assert not left
    assert not re.search(r"[一-鿿][,;:?!()]|[,;:?!()][一-鿿]", chinese), (
        "a half-width sign beside a Chinese word"
    )


def test_every_text_is_used_and_every_used_key_exists() -> None:
    names = ("charts", "page", "report", "portrait_page", "portrait_view", "watch_charts", "watch_view")
    files = [*HERE.glob("templates/**/*.j2"), *(HERE / f"{name}.py" for name in names)]
    written = "\n".join(path.read_text(encoding="utf-8") for path in files)
    quoted = re.findall(r"""["']([a-z]+\.[a-z_]+)["']""", written)
    used = {key for key in quoted if key.split(".")[0] in FAMILIES and not key.endswith((".js", ".css"))}
    assert used <= set(TEXTS)
    families = set(re.findall(r'"(\w+\.)" ~', written)) | {"none."}
    unused = {key for key in set(TEXTS) - used if not key.startswith(tuple(families))}
    assert not {key for key in unused if not key.endswith(".title")}


def test_every_reason_for_a_dash_has_words() -> None:
    files = [*HERE.glob("templates/**/*.j2"), HERE / "page.py"]
    written = "\n".join(path.read_text(encoding="utf-8") for path in files)
    asked = set(re.findall(r'dash\("(\w+)"', written))
    assert {f"none.{reason}" for reason in asked} <= set(TEXTS)


def test_codes_of_the_engine_have_words() -> None:
    from vostro.loop import STAGES

    assert {f"step.{stage.__name__}" for stage in STAGES} <= set(CODES)
    assert {f"verdict.{verdict}" for verdict in VERDICTS} <= set(CODES)
    assert {f"meaning.{verdict}" for verdict in VERDICTS} <= set(CODES)
