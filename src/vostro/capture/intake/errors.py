"""Intake's errors 接收错误: why could a body not be read, or nothing be taken in just now?

A message that breaks its contract is a reject, not an error. After an error nothing of the
request was kept; the same request may be sent again.
"""

from vostro.words import VostroError

__all__ = [
    "BodyEmptyError",
    "BodyJsonError",
    "BodyLargeError",
    "BodyManyError",
    "BodyShapeError",
    "BodyZippedError",
    "IntakeBusyError",
    "IntakeClosedError",
    "IntakeFailedError",
]


class BodyEmptyError(VostroError):
    """A request without any message."""

    code = "capture.body_empty"
    status = 400
    en = 'The body holds no message. Send one object, an array of them, or {{"events": [...]}}.'
    zh = '请求体中没有消息。请发送一个对象、对象数组，或 {{"events": [...]}}。'


class BodyJsonError(VostroError):
    """A body that is not JSON."""

    code = "capture.body_json"
    status = 400
    en = "The body is not JSON in UTF-8: {cause}."
    zh = "请求体不是 UTF-8 编码的 JSON：{cause}。"


class BodyShapeError(VostroError):
    """JSON, and neither a message nor a list of them."""

    code = "capture.body_shape"
    status = 422
    en = 'The body is {found}. Send one object, an array of objects, or {{"events": [...]}}.'
    zh = '请求体是 {found}。请发送一个对象、对象数组，或 {{"events": [...]}}。'


class BodyManyError(VostroError):
    """More messages than one request may hold."""

    code = "capture.body_many"
    status = 413
    en = "The body holds {count:,} messages; at most {max:,} are taken at a time. Send several requests."
    zh = "请求体含 {count:,} 条消息，每次最多 {max:,} 条。请分多次发送。"


class BodyLargeError(VostroError):
    """More bytes than one request may hold."""

    code = "capture.body_large"
    status = 413
    en = "The body is larger than {max_mb} MB. Send several requests."
    zh = "请求体超过 {max_mb} MB。请分多次发送。"


class BodyZippedError(VostroError):
    """A compressed body that cannot be unpacked."""

    code = "capture.body_zipped"
    status = 400
    en = "The body is said to be compressed with '{encoding}' and is not, or not whole. Only gzip is read."
    zh = "请求体声明为“{encoding}”压缩，但无法完整解压。仅支持 gzip。"


class IntakeBusyError(VostroError):
    """More messages wait than may."""

    code = "capture.intake_busy"
    status = 503
    en = "{waiting:,} messages wait to be written, which is as many as may. Send this request again in a moment."
    zh = "等待写入的消息已达上限（{waiting:,} 条）。请稍后重发本请求。"


class IntakeClosedError(VostroError):
    """The server is going down."""

    code = "capture.intake_closed"
    status = 503
    en = "The server is being stopped and takes no more messages. Send this request again in a moment."
    zh = "服务正在停止，不再接收消息。请稍后重发本请求。"


class IntakeFailedError(VostroError):
    """A fault of Vostro itself, in one request."""

    code = "capture.intake_failed"
    status = 500
    en = "The messages could not be written because of a fault in Vostro ({kind}); nothing of this request was kept."
    zh = "因 Vostro 内部故障（{kind}）未能写入，本请求未保留任何内容。"
