"""API's errors 接口错误: why was a request not answered?"""

from vostro.words import VostroError

__all__ = [
    "ApiKeysError",
    "BodyTypeError",
    "FaultError",
    "HostError",
    "KeyMissingError",
    "KeysMissingError",
    "MethodError",
    "PortTakenError",
    "PurposeMissingError",
    "RequestError",
    "RightMissingError",
]


class ApiKeysError(VostroError):
    """The setting ``api_keys`` cannot be read; it is not repeated."""

    code = "api.keys_setting"
    status = 422
    en = (
        "Setting 'api_keys', entry {number}: {problem_en}. Write NAME:RIGHTS:SHA256, such as shop:events:9f86...; "
        "'vostro key NAME' makes one."
    )
    zh = (
        "设置 api_keys 第 {number} 项：{problem_zh}。请写作 名称:权限:SHA256，例如 shop:events:9f86…；"
        "可用“vostro key 名称”生成。"
    )


class KeysMissingError(VostroError):
    """The API was to be served to other machines, and anybody could use it."""

    code = "api.keys_missing"
    status = 422
    en = "Without keys the API is served on this machine only, not on {host}. Set 'api_keys' ('vostro key NAME' makes one)."
    zh = "未配置密钥时 API 仅限本机访问，不能监听 {host}。请设置 api_keys（可用“vostro key 名称”生成）。"


class PortTakenError(VostroError):
    """Another program listens on the port."""

    code = "api.port_taken"
    status = 409
    en = "{host}:{port} cannot be served: {reason}. End the program that uses it, or choose another with --port."
    zh = "无法监听 {host}:{port}：{reason}。请结束占用该端口的程序，或用 --port 另选端口。"


class KeyMissingError(VostroError):
    """A request without a key that is known."""

    code = "api.key_missing"
    status = 401
    en = "The key is missing or not known. Send it as 'Authorization: Bearer KEY'."
    zh = "缺少密钥或密钥无效。请以“Authorization: Bearer 密钥”发送。"


class RightMissingError(VostroError):
    """The key may not do this."""

    code = "api.right_missing"
    status = 403
    en = "Key '{name}' may not do this; it needs the right '{right}'."
    zh = "密钥“{name}”无此权限，需要“{right}”权限。"


class PurposeMissingError(VostroError):
    """Personal data were asked for without saying what for."""

    code = "api.purpose_missing"
    status = 422
    en = "Personal data are shown for a purpose only. Add purpose=..., in a few words; it is written to the log."
    zh = "查看个人信息须说明目的。请添加 purpose=…（简短说明），该说明会写入日志。"


class HostError(VostroError):
    """A request by another name of this machine, which a page in a browser might have made."""

    code = "api.host"
    status = 403
    en = "Without keys only localhost is answered. Use http://localhost or http://127.0.0.1, or set 'api_keys'."
    zh = "未配置密钥时仅响应 localhost。请使用 http://localhost 或 http://127.0.0.1，或设置 api_keys。"


class BodyTypeError(VostroError):
    """A body of another type than is read."""

    code = "api.body_type"
    status = 415
    en = "A body of type '{type}' is not read. Send {wanted}, in UTF-8."
    zh = "不支持“{type}”类型的请求体。请以 UTF-8 发送 {wanted}。"


class RequestError(VostroError):
    """A request that the router or the reader of parameters refuses."""

    code = "api.request"
    status = 400
    en = "{detail}"
    zh = "请求有误：{detail}"


class FaultError(VostroError):
    """A fault of Vostro itself."""

    code = "api.fault"
    status = 500
    en = "A fault in Vostro ({kind}). What was acknowledged is safe; please report it."
    zh = "Vostro 内部故障（{kind}）。已确认的数据均已保存，请反馈。"


class MethodError(VostroError):
    """A path was asked in a way that it is not answered."""

    code = "api.method"
    status = 405
    en = "{path} takes POST only, not {method}."
    zh = "{path} 仅支持 POST，不支持 {method}。"
