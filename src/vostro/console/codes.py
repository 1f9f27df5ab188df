"""Codes 代码用语: which words stand for a verdict, a type, a step or another code of the engine?

A code without words here is shown as it is, marked as a code.
"""

from vostro.words import Text

__all__ = ["CODES"]

CODES: dict[str, Text] = {
    "verdict.chosen": Text("Chosen", "选中"),
    "verdict.explored": Text("Explored", "探索"),
    "verdict.control": Text("Control", "对照留白"),
    "verdict.not_chosen": Text("Not chosen", "未选中"),
    "verdict.ineligible": Text("Not eligible", "不符合准入"),
    "verdict.suppressed": Text("Suppressed", "被抑制"),
    "verdict.not_worth": Text("Not worth a contact", "不值得接触"),
    "meaning.chosen": Text("among the best, within the capacity", "价值居前，且在容量之内"),
    "meaning.explored": Text("contacted by chance, to keep learning", "随机接触，用于持续学习"),
    "meaning.control": Text(
        "left alone by the draw, to measure the effect", "抽签留白、不予接触，用于计量成效"
    ),
    "meaning.not_chosen": Text("worth a contact, but others were better", "值得接触，但其他客户更优"),
    "meaning.ineligible": Text("the eligibility rule says no", "不满足准入规则"),
    "meaning.suppressed": Text("allowed in general, not now", "原则上可以接触，但当前不宜"),
    "meaning.not_worth": Text("the contact would cost more than it brings", "接触成本高于预期收益"),
    "type.text": Text("text", "文本"),
    "type.integer": Text("integer", "整数"),
    "type.number": Text("number", "数值"),
    "type.decimal": Text("decimal", "小数"),
    "type.boolean": Text("yes or no", "是/否"),
    "type.date": Text("date", "日期"),
    "type.moment": Text("moment", "时刻"),
    "personal.basic": Text("personal", "个人基本信息"),
    "personal.contact": Text("contact data", "联系方式"),
    "personal.identity": Text("identity", "身份信息"),
    "personal.sensitive": Text("sensitive", "敏感信息"),
    "personal.financial": Text("financial", "财务信息"),
    "dimension.basic": Text("basic", "基本信息"),
    "dimension.interest": Text("interest", "兴趣偏好"),
    "dimension.social": Text("social", "社交特征"),
    "dimension.consumption": Text("consumption", "消费行为"),
    "dimension.credit": Text("credit", "信用"),
    "dimension.behaviour": Text("behaviour", "行为"),
    "dimension.experience": Text("experience", "体验"),
    "version.vostro": Text("Vostro", "Vostro"),
    "version.python": Text("Python", "Python"),
    "version.estimator": Text("Estimator", "响应模型"),
    "version.definitions": Text("Definitions", "定义文件"),
    "step.capture": Text("Capture", "采集"),
    "step.portrait": Text("Portrait", "画像"),
    "step.insight": Text("Insight", "洞察"),
    "step.decide": Text("Decide", "决策"),
    "step.reach": Text("Reach", "触达"),
    "step.listen": Text("Listen", "倾听"),
    "step.learn": Text("Learn", "学习"),
}
