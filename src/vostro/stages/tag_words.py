"""Words of tags 标签用语: how are tags and their values called where an estimator gives its reasons?"""

from vostro.bank import Bank
from vostro.words import Text

__all__ = ["tag_words"]


def tag_words(bank: Bank) -> dict[str, Text]:
    """Return the words of tags (``job``) and of those values that have words of their own (``job=retired``)."""
    infos = bank.tag_infos
    names = {tag: info.name for tag, info in infos.items()}
    for tag, info in infos.items():
        for value, said in info.value_names.items():
            words = Text(en=f"{info.name.en} {said.en}", zh=f"{info.name.zh}为{said.zh}")
            names[f"{tag}={value}"] = words
    return names
