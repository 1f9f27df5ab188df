"""A small bank's folder for tests of tags and segments."""

from pathlib import Path

from vostro.capture import Contract, ContractColumn
from vostro.portrait import check_rules
from vostro.words import Text

MEANING = Text(en="a", zh="甲")
COLUMNS = {
    "customer_id": ContractColumn(type="text", meaning=MEANING, personal_data="identity"),
    "age": ContractColumn(type="integer", meaning=MEANING, personal_data="basic"),
    "aum": ContractColumn(type="decimal", meaning=MEANING, decimal=(38, 2), personal_data="financial"),
    "job": ContractColumn(type="text", meaning=MEANING, allowed=["student", "retired"]),
    "in_default": ContractColumn(type="boolean", meaning=MEANING),
}
CONTRACTS = {
    "clients": Contract(
        contract="clients",
        meaning=MEANING,
        file="c.csv",
        columns=COLUMNS,
        key=["customer_id"],
        customer="customer_id",
    ),
    "market": Contract(contract="market", meaning=MEANING, file="m.csv", columns={"age": COLUMNS["age"]}),
}
ATTRIBUTES = """\
- {tag: age, name: {en: Age, zh: 年龄}, dimension: basic, attribute: clients.age}
- {tag: aum, name: {en: Assets, zh: 资产}, dimension: consumption, attribute: clients.aum}
- {tag: job, name: {en: Job, zh: 职业}, dimension: basic, attribute: clients.job, uses: [show]}
"""


def bank(tmp_path: Path, tags: str = "", segments: str = "") -> Path:
    for name, text in (("tags", ATTRIBUTES), ("segments", "")):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "a.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "tags" / "b.yaml").write_text(tags, encoding="utf-8")
    (tmp_path / "segments" / "b.yaml").write_text(segments, encoding="utf-8")
    return tmp_path


def tag(code: str, rest: str) -> str:
    return f"- tag: {code}\n  name: {{en: A, zh: 甲}}\n  dimension: basic\n  {rest}\n"


def faults_of(folder: Path) -> list[str]:
    return [str(fault).split("\n")[0] for fault in check_rules(folder, CONTRACTS)]
