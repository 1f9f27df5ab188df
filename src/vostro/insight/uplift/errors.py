"""Errors of uplift 增量错误: why can the effect of an action not be learnt or measured?"""

from vostro.words import VostroError

__all__ = [
    "ActionProbabilityError",
    "ArmMissingError",
    "ArmOutcomesError",
    "ArmUnknownError",
    "ArmsFewError",
    "ControlUnknownError",
    "LearnerUnknownError",
    "MeasureError",
    "NoOverlapError",
    "OutcomeNumberError",
]


class ArmMissingError(VostroError):
    """Some rows do not say what was done to the customer."""

    code = "insight.uplift_arm_missing"
    status = 422
    en = (
        "The treatment is missing in {count} row(s), first in row {row} (counted from 0). Write the control arm "
        "where nothing was done, and leave out rows of which it is not known."
    )
    zh = "处理分组在 {count} 行中缺失，首个为第 {row} 行（从 0 起计）。未采取行动的行请填写对照组；无法确定的行请去掉。"


class ArmsFewError(VostroError):
    """There is nothing to compare."""

    code = "insight.uplift_arms"
    status = 422
    en = (
        "The treatment has {count} arm(s) ({arms}); an effect needs a control and 1 to {most} treated arms. "
        "Name the column that tells them apart with treatment=..."
    )
    zh = "处理分组共有 {count} 个（{arms}）；估计效应需要一个对照组和 1 至 {most} 个处理组。请用 treatment=... 指定分组列。"


class ControlUnknownError(VostroError):
    """It is not clear which arm is the control."""

    code = "insight.uplift_control"
    status = 422
    en = "Which of the arms {arms} is the control? Name it: fit(..., control='...'). Found: {found}."
    zh = "分组 {arms} 中哪一个是对照组？请用 fit(..., control='...') 指定。当前为：{found}。"


class ArmUnknownError(VostroError):
    """An arm was asked for, or came with new rows, that was not learnt from."""

    code = "insight.uplift_arm_unknown"
    status = 422
    en = "Arm '{arm}' was not learnt from; the arms are {arms}."
    zh = "未学习过分组“{arm}”；已学习的分组为 {arms}。"


class ArmOutcomesError(VostroError):
    """An arm has too few customers, or too few of an outcome."""

    code = "insight.uplift_arm_outcomes"
    status = 422
    en = (
        "Arm '{arm}' has {rows} rows, {count} of them with the rarer outcome; at least {rows_least} rows and "
        "{least} of either outcome are needed. Wait for more outcomes, or join arms."
    )
    zh = (
        "分组“{arm}”有 {rows} 行，其中较少的一种结果 {count} 行；至少需要 {rows_least} 行且每种结果 {least} 行。"
        "请积累更多结果或合并分组。"
    )


class OutcomeNumberError(VostroError):
    """A numeric outcome is missing or infinite."""

    code = "insight.uplift_outcome"
    status = 422
    en = "The outcome is missing or infinite in {count} row(s), first in row {row} (counted from 0). Leave such rows out."
    zh = "业务结果在 {count} 行中缺失或为无穷，首个为第 {row} 行（从 0 起计）。请去掉这些行。"


class ActionProbabilityError(VostroError):
    """A known action probability is no probability."""

    code = "insight.uplift_probability"
    status = 422
    en = (
        "The action probability of arm '{arm}' is {value} (row {row}, counted from 0); each must lie between 0 and 1, "
        "both excluded, and those of all treated arms must sum to less than 1. Give what the arms were drawn with."
    )
    zh = (
        "分组“{arm}”的行动概率为 {value}（第 {row} 行，从 0 起计）；应严格介于 0 与 1 之间，且各处理组之和小于 1。"
        "请提供实际抽样时的概率。"
    )


class NoOverlapError(VostroError):
    """Who was treated and who was not differ so much that nothing can be compared."""

    code = "insight.uplift_overlap"
    status = 422
    en = (
        "Arm '{arm}' and the control do not overlap: the chance of the arm runs from {low:.3f} to {high:.3f}, and {share:.0%} "
        "of the customers have one below {least} or above {most}. For them there is nobody to compare with. Keep a random "
        "control group, or restrict the frame to customers who could have had either."
    )
    zh = (
        "分组“{arm}”与对照组没有重叠：进入该组的概率从 {low:.3f} 到 {high:.3f}，{share:.0%} 的客户低于 {least} 或高于 {most}，"
        "无可比对象。请保留随机对照组，或只保留两种情形都可能发生的客户。"
    )


class LearnerUnknownError(VostroError):
    """A learner was named that does not exist."""

    code = "insight.uplift_learner"
    status = 422
    en = "There is no learner '{name}'; the learners are {known}."
    zh = "不存在学习器“{name}”；可用的学习器为 {known}。"


class MeasureError(VostroError):
    """An uplift cannot be measured on these values."""

    code = "insight.uplift_measure"
    status = 422
    en = "Cannot measure uplift: {name} is {value} in row {row} (counted from 0); it must be {wanted}."
    zh = "无法度量增量效应：第 {row} 行（从 0 起计）的 {name} 为 {value}，应为 {wanted}。"
