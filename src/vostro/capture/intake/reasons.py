"""Reasons of messages 消息拒收原因: why was a message refused before its contract was even asked?

The reasons of contracts are in ``capture.reasons``; these are about the message around them.
"""

from typing import Any, NamedTuple

from vostro.words import Text

__all__ = ["MESSAGE_REASONS", "Reason", "message_reason"]

MESSAGE_REASONS: dict[str, tuple[str, str]] = {
    "message_shape": (
        "the message is {found}; it must be an object with kind, customer and event_time",
        "消息是 {found}；应为含 kind、customer、event_time 的对象",
    ),
    "message_field": (
        "a message has no field '{field}'{hint}; what the contract declares goes under `properties`",
        "消息没有“{field}”字段{hint}；契约声明的列请放在 properties 中",
    ),
    "message_type": (
        "{field} must be {wanted}",
        "{field} 应为{wanted}",
    ),
    "message_required": (
        "{field} is missing; every message needs it",
        "缺少 {field}；每条消息都必须提供",
    ),
    "message_long": (
        "{field} is longer than {max} characters",
        "{field} 超过 {max} 个字符",
    ),
    "kind_unknown": (
        "no contract has `event: {kind}`{hint}; define one and replay this reject, or mend the kind",
        "没有契约声明 event: {kind}{hint}；请定义契约后重放，或修正 kind",
    ),
    "operation_unknown": (
        "operation must be new, correct or delete",
        "operation 只能是 new、correct 或 delete",
    ),
    "id_missing": (
        "{operation} needs the `id` of the event that it is about",
        "{operation} 操作必须用 id 指明所针对的事件",
    ),
    "customer_differs": (
        "customer is not the one that {field} belongs to; leave it out, or mend it",
        "customer 与 {field} 所属客户不一致；请省略或改正",
    ),
    "event_unknown": (
        "a deletion without `customer` needs an event that is known; name the customer, or send it later",
        "未提供 customer 的删除操作要求该事件已存在；请补充 customer，或稍后再发",
    ),
    "property_unknown": (
        "contract '{source}' does not know '{field}'{hint}; declare it, or leave it out",
        "契约“{source}”中没有“{field}”{hint}；请在契约中声明，或不要发送",
    ),
    "property_nested": (
        "{field} holds a list or an object; a contract's columns hold single values",
        "{field} 是列表或对象；契约的列只能是单个值",
    ),
    "other_customer": (
        "this event is another customer's; a correction cannot move it. Delete it there, and send it as new here",
        "该事件属于另一位客户，更正不能改变归属。请先删除原事件，再以新事件发送",
    ),
}


class Reason(NamedTuple):
    """Why a message became a reject."""

    field: str | None
    code: str
    say: Text
    value: str | None = None  # masked when shown
    personal: bool = True


def message_reason(code: str, field: str | None, value: object = None, **data: Any) -> Reason:
    """Return a reason; data named ``x_zh`` stand for ``x`` in the Chinese sentence.

    >>> message_reason("message_required", "customer").say.en
    'customer is missing; every message needs it'
    """
    en, zh = MESSAGE_REASONS[code]
    english = {key: each for key, each in data.items() if not key.endswith("_zh")}
    chinese = english | {key.removesuffix("_zh"): each for key, each in data.items() if key.endswith("_zh")}
    english.setdefault("field", field)
    chinese.setdefault("field", field)
    shown = None if value is None else str(value)
    return Reason(field, code, Text(en=en.format(**english), zh=zh.format(**chinese)), shown)


def hint(close: str | None) -> dict[str, str]:
    """Return the words that suggest a likely name, as data of a reason."""
    return {
        "hint": f" (did you mean '{close}'?)" if close else "",
        "hint_zh": f"（是否指“{close}”？）" if close else "",
    }
