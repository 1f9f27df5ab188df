"""Errors of off-policy value 离线策略评估错误: why can another policy not be valued from this log?"""

from vostro.words import VostroError

__all__ = [
    "MethodError",
    "NoOverlapError",
    "PolicyLengthError",
    "PredictionsMissingError",
    "ProbabilityError",
    "RewardError",
]


class ProbabilityError(VostroError):
    """A probability is missing or outside its range."""

    code = "learn.probability"
    status = 422
    en = "{name} is {p} in row {row} (counted from 0); it must be a probability {wanted}."
    zh = "第 {row} 行（从 0 起计）的 {name} 为 {p}，应为概率值（{wanted}）。"


class RewardError(VostroError):
    """A reward, or a predicted one, is missing or infinite."""

    code = "learn.reward"
    status = 422
    en = "{name} is {value} in row {row} (counted from 0); it must be a finite number. Leave out decisions without an outcome."
    zh = "第 {row} 行（从 0 起计）的 {name} 为 {value}，应为有限的数值。请去掉尚无业务结果的决策记录。"


class NoOverlapError(VostroError):
    """The target policy never does what the log holds."""

    code = "learn.no_overlap"
    status = 422
    en = (
        "The target policy would have taken none of the {decisions} logged actions, so the log says nothing of it. "
        "Let the logged policy explore the actions that the target policy takes."
    )
    zh = "目标策略不会采取这 {decisions} 条决策记录中的任何行动，日志无法评估该策略。请让线上策略对这些行动保留探索。"


class PolicyLengthError(VostroError):
    """The arrays do not have one value for each decision."""

    code = "learn.policy_length"
    status = 422
    en = "{name} has {found} values, the log {wanted} decisions (at least 2 are needed). Give one value a decision."
    zh = "{name} 有 {found} 个值，而日志有 {wanted} 条决策（至少需要 2 条）。每条决策应对应一个值。"


class PredictionsMissingError(VostroError):
    """A method needs predicted rewards and has none."""

    code = "learn.predictions_missing"
    status = 422
    en = (
        "Method '{method}' needs a model of the reward: give predicted (of the logged action) and predicted_target (mean "
        "over the target policy's actions), or use method='snips'."
    )
    zh = (
        "方法“{method}”需要收益模型：请提供 predicted（已采取行动的预测收益）与 predicted_target（目标策略下的平均预测收益），"
        "或使用 method='snips'。"
    )


class MethodError(VostroError):
    """There is no such method."""

    code = "learn.policy_method"
    status = 422
    en = "There is no method '{method}' to value a policy; the methods are {known}."
    zh = "不存在名为“{method}”的策略评估方法；可用方法为 {known}。"
