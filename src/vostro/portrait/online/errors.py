"""Errors of online portraits 在线画像错误: what can go wrong between an event and its portrait?"""

from vostro.words import VostroError

__all__ = ["DefinitionsChangedError", "EventUnseenError"]


class DefinitionsChangedError(VostroError):
    """The records were rebuilt for other definitions than this process has."""

    code = "portrait.definitions_changed"
    status = 409
    en = "The online portraits were rebuilt for other tag definitions (these are {version}). Start this process again."
    zh = "在线画像已按另一版标签定义重建（当前进程为 {version}）。请重新启动该进程。"


class EventUnseenError(VostroError):
    """An event that a reader waits for does not come."""

    code = "portrait.event_unseen"
    status = 504
    en = "Event {sequence} is not in the log after {seconds} s: it was never committed. Send it again."
    zh = "等待 {seconds} 秒后，日志中仍没有事件 {sequence}：该事件未提交成功，请重新发送。"
