"""Stop words: small, sorted, and no word of banking among them."""

from vostro.insight.text.stopwords import CHINESE, ENGLISH, stop_words


def test_they_are_small_letters_and_different() -> None:
    words = stop_words()
    assert words == sorted(set(words))
    assert len(words) == len(ENGLISH) + len(CHINESE)
    assert all(word == word.lower().strip() for word in words)


def test_no_word_of_banking_is_among_them() -> None:
    banking = {"card", "fee", "bank", "account", "credit", "loan", "额度", "手续费", "银行", "信用卡", "申请"}
    assert not banking & set(stop_words())
