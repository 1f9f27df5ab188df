"""A rule's error points: line, column and carets, also beside letters two columns wide."""

import pytest

from vostro.portrait import RuleError, TagInfo, parse_rule
from vostro.words import Text

TAGS = {"city": TagInfo(type="text", name=Text(en="City", zh="城市"))}


def test_carets_stand_under_the_mistake_beside_chinese():
    with pytest.raises(RuleError) as caught:
        parse_rule("city = '上海' AND\n  (city = '北京' OR agee > 1)", TAGS)
    shown = str(caught.value).splitlines()
    assert (caught.value.line, caught.value.column) == (2, 19)
    assert shown[1] == "    (city = '北京' OR agee > 1)"
    assert shown[2] == " " * 22 + "^^^^"  # each Chinese letter is two columns wide
