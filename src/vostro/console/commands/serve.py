"""``vostro serve`` and ``vostro key`` 服务命令: how is a bank's API started, and who may use it?"""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from vostro.console.commands.common import BankFolder, SayIn, terminal_of

__all__ = ["key", "serve"]


def serve(
    bank: BankFolder = Path(),
    *,
    host: Annotated[
        str, Parameter(help="The address to listen on; others than this machine's need keys.")
    ] = "127.0.0.1",
    port: Annotated[
        int, Parameter(help="0: any that is free.", validator=validators.Number(gte=0, lte=65535))
    ] = 8642,
    language: SayIn = None,
) -> None:
    """Serve the bank's API: events in, portraits and audiences out; until Ctrl-C."""
    from vostro.api import Served
    from vostro.api import serve as run

    terminal = terminal_of(language, bank)

    def started(served: Served) -> None:
        terminal.say(f"Serving {served.url} (Ctrl-C ends)", f"服务地址：{served.url}（按 Ctrl-C 结束）")
        if not served.keys:
            terminal.say(
                "No keys are set: only this machine is answered, and may do everything ('vostro key' makes keys).",
                "未配置密钥：仅响应本机请求，且拥有全部权限（可用“vostro key”生成密钥）。",
            )

    run(bank, host=host, port=port, started=started)


def key(
    name: Annotated[str, Parameter(help="Whose key it is, such as shop.")],
    *,
    rights: Annotated[str, Parameter(help="What it may do: events, read, unmask, joined by +.")] = "events",
    language: SayIn = None,
) -> None:
    """Make a key for the API: print it once, and the entry of the setting api_keys that lets it in."""
    from vostro.api import new_key

    terminal = terminal_of(language, Path())
    secret, entry = new_key(name, rights.split("+"))
    terminal.say(f"Key, shown once: {secret}", f"密钥（仅显示一次）：{secret}")
    terminal.say(f"Entry of api_keys: {entry}", f"写入 api_keys：{entry}")
