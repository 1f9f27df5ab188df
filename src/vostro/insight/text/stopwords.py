"""Stop words 停用词: words that say nothing about a topic; used for names of topics, never by a text model."""

__all__ = ["CHINESE", "ENGLISH", "stop_words"]

_ENGLISH = """
a about after again all also am an and any are as at back be because been before being but by can cannot
could did do does doesn don down each even ever few for from further get getting go going got had has
have having he her here hers him his how i if in into is it its itself just know like ll made make me
more most much my myself need no nor not now of off on once one only or other our ours out over own
please put re really s said same say says see she should since so some still such t take tell than that
the their theirs them then there these they thing this those through to told too try trying under until
up us use ve very want was way we well went were what when where which while who whom why will with would
xx xxx xxxx you your yours won isn wasn didn couldn wouldn aren haven hasn hadn let one two im ive dont
cant
"""
_CHINESE = """
我们 你们 他们 她们 它们 自己 这个 那个 这些 那些 这样 那样 这么 那么 什么 怎么 怎样 为什么 因为 所以
但是 不过 而且 或者 还是 就是 不是 没有 没 一个 一下 一些 一样 可以 可能 应该 已经 还有 只有 如果
虽然 然后 现在 时候 以后 之后 之前 以前 起来 出来 下来 一直 真的 觉得 感觉 知道 看到 看看 不能 不会
不要 不用 需要 的话 这里 那里 这种 那种 大家 有点 比较 非常 特别 其实 反正 还要 都是 也是 只能 只是
直接 不知道 问题 一次 几个 很多 多少 怎么样 到底 居然 竟然 终于 总是 每次 是不是 有没有 能不能 请问
谢谢 哈哈 哈哈哈
"""
ENGLISH = frozenset(_ENGLISH.split())
CHINESE = frozenset(_CHINESE.split())


def stop_words() -> list[str]:
    """Return the words of both languages, sorted."""
    return sorted(ENGLISH | CHINESE)
