"""Reasons 拒收原因: why was a record refused, and how is it mended?

A reason never repeats the value, so that it can be shown and logged while the value of a
personal column stays masked. ``{field}`` and what was expected are filled in once per contract.
"""

from typing import Any

from vostro.words import Text

__all__ = ["NAMES", "REASONS", "reason", "reason_name"]

NAMES: dict[str, tuple[str, str]] = {
    "required": ("value missing", "缺少必填值"),
    "not_integer": ("not a whole number", "不是整数"),
    "integer_fraction": ("fraction in a whole number", "整数列带小数"),
    "integer_large": ("number too large", "数字过大"),
    "not_number": ("not a number", "不是数字"),
    "not_decimal": ("not an amount", "不是金额"),
    "decimal_digits": ("too many decimals", "小数位过多"),
    "decimal_large": ("amount too large", "金额过大"),
    "thousands": ("thousands separators", "带千分位分隔符"),
    "decimal_sign": ("other decimal sign", "小数点写法不符"),
    "not_boolean": ("neither yes nor no", "不是布尔值"),
    "not_date": ("not a date", "不是日期"),
    "date_impossible": ("impossible date", "日期不存在"),
    "not_moment": ("not a moment", "不是时间"),
    "moment_impossible": ("impossible moment", "时间不存在"),
    "moment_zone": ("no time zone", "缺少时区"),
    "below_min": ("below the minimum", "低于下限"),
    "above_max": ("above the maximum", "高于上限"),
    "not_allowed": ("value not allowed", "取值不允许"),
    "pattern": ("wrong form", "格式不符"),
    "nul": ("NUL character", "含空字符"),
    "month": ("not a month", "不是月份"),
    "late": ("too late", "超过允许的延迟"),
    "in_future": ("in the future", "时间在未来"),
    "reference": ("reference not found", "引用不存在"),
    "customer_unknown": ("no customer found", "找不到所属客户"),
    "customer_ambiguous": ("several customers found", "所属客户不唯一"),
    "key_repeated": ("key repeated", "主键重复"),
    "fields_count": ("wrong number of fields", "字段数不符"),
    "quote_open": ("quote not closed", "引号未闭合"),
    "quote_stray": ("text after a quote", "引号后有多余文字"),
    "nul_bytes": ("NUL bytes", "含 NUL 字节"),
    "json_line": ("not a JSON object", "不是 JSON 对象"),
    "json_key": ("unknown JSON key", "未知的 JSON 键"),
    "cell_error": ("error in a cell", "单元格报错"),
    "cell_unnamed": ("value without a header", "有值无表头"),
}

REASONS: dict[str, tuple[str, str]] = {
    "required": (
        "{field} is empty; every record needs a value. Fill it in",
        "{field} 为空；每条记录都必须有值，请补录",
    ),
    "not_integer": (
        "{field} is not a whole number; write digits only, such as 42",
        "{field} 不是整数；请只写数字，例如 42",
    ),
    "integer_fraction": (
        "{field} has digits after the point; a whole number is expected",
        "{field} 带小数；此列应为整数",
    ),
    "integer_large": (
        "{field} has too many digits for a number; if it is an identifier, declare it as text",
        "{field} 位数过多，超出整数范围；若为编号，请在契约中声明为 text",
    ),
    "not_number": (
        "{field} is not a number; write such as {example}",
        "{field} 不是数字；请按 {example} 的写法填写",
    ),
    "not_decimal": (
        "{field} is not an amount; write such as {example}",
        "{field} 不是金额；请按 {example} 的写法填写",
    ),
    "decimal_digits": (
        "{field} has more than {scale} digits after the point; round it or widen `decimal` in the contract",
        "{field} 的小数超过 {scale} 位；请按位数填写，或在契约中放宽 decimal",
    ),
    "decimal_large": (
        "{field} has more than {whole} digits before the point",
        "{field} 的整数部分超过 {whole} 位",
    ),
    "thousands": (
        "{field} is written with thousands separators; write it without them, or declare `format: {{thousands: ...}}`",
        "{field} 带有千分位分隔符；请去掉，或在契约的 format 中声明 thousands",
    ),
    "decimal_sign": (
        "{field} has another decimal sign than '{sign}'; write it with '{sign}', or declare `format: {{decimal: ...}}`",
        "{field} 的小数点不是“{sign}”；请改写，或在契约的 format 中声明 decimal",
    ),
    "not_boolean": (
        "{field} is neither yes nor no; write true or false",
        "{field} 不是布尔值；请写 true 或 false",
    ),
    "not_date": (
        "{field} is not a date written as {layout}",
        "{field} 不是 {layout} 格式的日期",
    ),
    "date_impossible": (
        "{field} is a day that no calendar has; look it up at the source",
        "{field} 是日历上不存在的日期；请向来源系统核实",
    ),
    "not_moment": (
        "{field} is not a moment written as {layout}",
        "{field} 不是 {layout} 格式的时间",
    ),
    "moment_impossible": (
        "{field} is a day or hour that no clock there shows; look it up at the source",
        "{field} 是不存在的日期或时刻；请向来源系统核实",
    ),
    "moment_zone": (
        "{field} states no time zone; add one (+08:00), or declare `zone` in the contract",
        "{field} 没有时区；请补上（如 +08:00），或在契约中声明 zone",
    ),
    "below_min": ("{field} is below {min}", "{field} 小于下限 {min}"),
    "above_max": ("{field} is above {max}", "{field} 大于上限 {max}"),
    "not_allowed": (
        "{field} is none of the allowed values: {allowed}",
        "{field} 不在允许取值内：{allowed}",
    ),
    "pattern": ("{field} does not match the pattern {pattern}", "{field} 不符合格式 {pattern}"),
    "nul": (
        "{field} holds a NUL character; remove it",
        "{field} 含有空字符（NUL）；请删除",
    ),
    "month": (
        "{field} is not a month; write may, 5 or 05",
        "{field} 不是月份；请写 may、5 或 05",
    ),
    "late": (
        "{field} is more than {lateness} before the load; load older events with a wider `lateness`",
        "{field} 早于入库时间超过 {lateness}；如需补录历史事件，请放宽 lateness",
    ),
    "in_future": (
        "{field} is after the moment of the load; look at the clock or the zone of the source",
        "{field} 晚于入库时间；请检查来源系统的时钟或时区",
    ),
    "reference": (
        "{field} is not found in {to}; add it there first, or mend the value",
        "{field} 在 {to} 中不存在；请先补录被引用的数据，或修正此值",
    ),
    "customer_unknown": (
        "{field} belongs to no customer in {to}; load who owns it first, or mend the value",
        "按 {to} 找不到 {field} 所属的客户；请先加载归属关系，或修正此值",
    ),
    "customer_ambiguous": (
        "{field} belongs to several customers in {to}; one must be named there, or narrow `where`",
        "按 {to}，{field} 对应多个客户；请在来源中确定唯一归属，或收紧 where 条件",
    ),
    "key_repeated": (
        "the key ({field}) was already used by an earlier record of this file; keep one of them",
        "主键（{field}）与本文件前面的记录重复；请只保留一条",
    ),
}


def reason(code: str, **expected: Any) -> Text:
    """Return the sentence of a reason with what was expected.

    >>> reason("below_min", field="age", min=17).say("en")
    'age is below 17'
    """
    en, zh = REASONS[code]
    return Text(en=en.format(**expected), zh=zh.format(**expected))


def reason_name(code: str) -> Text:
    """Return a reason in a few words, for counts and boards; an unknown code names itself."""
    en, zh = NAMES.get(code, (code.replace("_", " "), code))
    return Text(en=en, zh=zh)
