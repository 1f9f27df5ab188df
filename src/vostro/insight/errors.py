"""Errors of insight 洞察错误: why can an estimator not be trained, used or read?"""

from vostro.words import VostroError

__all__ = [
    "ClassMissingError",
    "ClusterNumberError",
    "ClusterRowsError",
    "FeatureMissingError",
    "FeatureTypeError",
    "FeaturesEmptyError",
    "FrameKindError",
    "LengthMismatchError",
    "LookalikeSizeError",
    "ModelFileError",
    "NotFittedError",
    "OutcomeError",
    "OutcomesAlikeError",
    "OutcomesFewError",
    "PredictionError",
    "SeedError",
    "TagsFlatError",
    "TargetTypeError",
    "TargetUnknownError",
    "WeightError",
]


class ClusterRowsError(VostroError):
    """There are too few customers to find clusters among them."""

    code = "insight.clusters_rows"
    status = 422
    en = "{rows} customers are too few to find clusters: at least {least} are needed, and {each} for each cluster."
    zh = "{rows} 位客户太少，无法聚类：至少需要 {least} 位，且每个聚类至少 {each} 位。"


class ClusterNumberError(VostroError):
    """A number of clusters was asked for that cannot be had."""

    code = "insight.clusters_number"
    status = 422
    en = "{k} clusters cannot be made of {rows} customers; ask for 2 to {most}, or for auto."
    zh = "{rows} 位客户无法分成 {k} 个聚类；请指定 2 至 {most}，或用 auto。"


class TagsFlatError(VostroError):
    """No tag tells one customer from another."""

    code = "insight.tags_flat"
    status = 422
    en = (
        "All {count} tags are the same for all {rows} customers, so none tells them apart. Choose other tags."
    )
    zh = "所选 {count} 个标签在 {rows} 位客户中取值全部相同，无法区分客户。请选择其他标签。"


class SeedError(VostroError):
    """The seed of a lookalike audience has too few customers, or leaves too few others."""

    code = "insight.seed"
    status = 422
    en = "The seed has {seed} customers and leaves {others} others; at least {least} of both are needed."
    zh = "种子客户 {seed} 位，其余客户 {others} 位；两者均须至少 {least} 位。"


class LookalikeSizeError(VostroError):
    """More lookalikes were asked for than there are customers outside of the seed."""

    code = "insight.lookalike_size"
    status = 422
    en = "{size} lookalikes were asked for; there are {others} customers outside of the seed. Ask for 1 to {others}."
    zh = "需要 {size} 位相似客户，而种子以外的客户只有 {others} 位。请指定 1 至 {others}。"


class FrameKindError(VostroError):
    """What was handed in is not a table, or a column of it mixes kinds of values."""

    code = "insight.frame_kind"
    status = 422
    en = (
        "{kind} cannot be read as a table ({reason}). "
        "Give a Polars, pandas or Arrow frame whose columns hold one kind of value each."
    )
    zh = "无法将 {kind} 读作数据表（{reason}）。请提供 Polars、pandas 或 Arrow 数据表，且每列只含一种类型的值。"


class FeaturesEmptyError(VostroError):
    """There is no column to learn from."""

    code = "insight.features_empty"
    status = 422
    en = "No column is left to learn from besides the target. Add columns, or name them with features=[...]."
    zh = "除目标变量外没有可用于训练的列。请增加列，或用 features=[...] 指定。"


class FeatureMissingError(VostroError):
    """A column that the estimator needs is not in the frame."""

    code = "insight.feature_missing"
    status = 422
    en = "Column '{column}' is not in the frame (nearest name: {nearest}). Give every column that is asked for."
    zh = "数据表中缺少列“{column}”（最接近的列名：{nearest}）。请提供所需的全部列。"


class FeatureTypeError(VostroError):
    """A column holds another kind of value than it should."""

    code = "insight.feature_type"
    status = 422
    en = "Column '{column}' holds {found}, expected {wanted}. Convert the column, or leave it out of the features."
    zh = "列“{column}”的类型为 {found}，应为 {wanted}。请转换该列的类型，或不将其作为特征。"


class TargetUnknownError(VostroError):
    """The target is missing in some rows."""

    code = "insight.target_unknown"
    status = 422
    en = (
        "The target is missing in {count} row(s), first in row {row} (counted from 0). "
        "Leave rows without an outcome out of the training."
    )
    zh = "目标变量在 {count} 行中缺失，首个为第 {row} 行（从 0 起计）。训练时请去掉没有结果的行。"


class TargetTypeError(VostroError):
    """The target is not a yes or a no."""

    code = "insight.target_type"
    status = 422
    en = "The target must be true/false, 1/0 or yes/no; found {found}. Convert it before training."
    zh = "目标变量应为 true/false、1/0 或 yes/no，实际为 {found}。请先转换再训练。"


class ClassMissingError(VostroError):
    """Every row has the same outcome."""

    code = "insight.class_missing"
    status = 422
    en = (
        "All {rows} rows have the same outcome ({value}); nothing can be told apart. "
        "Train on rows with both outcomes."
    )
    zh = "全部 {rows} 行的结果相同（{value}），无法学习差别。请使用同时含有两种结果的数据训练。"


class OutcomesFewError(VostroError):
    """There are too few responses, or too few refusals, to learn from."""

    code = "insight.outcomes_few"
    status = 422
    en = "Only {count} of {rows} rows have outcome {value}; at least {least} are needed. Gather more outcomes first."
    zh = "{rows} 行中结果为 {value} 的仅 {count} 行，至少需要 {least} 行。请先积累更多结果。"


class WeightError(VostroError):
    """A weight is negative or not a number, or an outcome has no weight at all."""

    code = "insight.weight"
    status = 422
    en = "Weights must be finite, at least 0, and above 0 for some rows of either outcome. Mend or omit the weights."
    zh = "权重应为有限的非负数，且两种结果都要有正权重的行。请修正权重，或不使用权重。"


class LengthMismatchError(VostroError):
    """An array does not have one value a row."""

    code = "insight.length_mismatch"
    status = 422
    en = "{name} has {found} values where {wanted} are needed. Give one value a row."
    zh = "{name} 有 {found} 个值，需要 {wanted} 个。每行应对应一个值。"


class NotFittedError(VostroError):
    """The estimator has not been trained yet."""

    code = "insight.not_fitted"
    status = 409
    en = "This estimator is not trained yet. Call fit(frame, target=...) or load(path) first."
    zh = "该模型尚未训练。请先调用 fit(frame, target=...) 或 load(path)。"


class ModelFileError(VostroError):
    """A file does not hold an estimator that this version of Vostro can read."""

    code = "insight.model_file"
    status = 422
    en = (
        "{path} does not hold an estimator that can be read: it is absent, damaged or changed, or of another "
        "version ({reason}). Restore the file, or train the estimator again."
    )
    zh = "{path} 不是可读取的模型文件：不存在、已损坏或被改动，或版本不符（{reason}）。请恢复该文件，或重新训练模型。"


class OutcomeError(VostroError):
    """An observed outcome is not 0 or 1."""

    code = "insight.outcome"
    status = 422
    en = "Cannot measure: the outcome in row {row} (counted from 0) is {value}. Give 0 or 1."
    zh = "无法计算指标：第 {row} 行（从 0 起计）的结果为 {value}，应为 0 或 1。"


class OutcomesAlikeError(VostroError):
    """All observed outcomes are the same."""

    code = "insight.outcomes_alike"
    status = 422
    en = "Cannot measure: all {rows} outcomes are alike. Measure on rows with both outcomes."
    zh = "无法计算指标：全部 {rows} 个结果相同。请使用同时含有两种结果的数据。"


class PredictionError(VostroError):
    """A prediction is missing, infinite, or no probability where one is needed."""

    code = "insight.prediction"
    status = 422
    en = "Cannot measure: the prediction in row {row} (counted from 0) is {value}. Give {wanted}."
    zh = "无法计算指标：第 {row} 行（从 0 起计）的预测值为 {value}，应符合：{wanted}。"


class BenchFileError(VostroError):
    """A benchmark on real data lacks its file."""

    code = "insight.bench_file"
    status = 404
    en = "{file} is not in {folder}. Give the folder that holds the data set: --data FOLDER."
    zh = "{folder} 中没有 {file}。请用 --data 指定数据集所在目录。"
