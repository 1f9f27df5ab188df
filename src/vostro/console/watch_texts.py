"""Texts of the watch 质量监测文字: what does the section on data quality over time say, in both languages?"""

from vostro.words import Text

__all__ = ["WATCH_TEXTS"]

WATCH_TEXTS: dict[str, Text] = {
    "watch.title": Text("Data quality over time", "数据质量趋势"),
    "watch.lede": Text(
        "{well} of {sources} sources are as they should be; open alerts: {alerts}.",
        "{sources} 个来源中有 {well} 个一切如常；未解除的告警 {alerts} 条。",
    ),
    "watch.lede_young": Text(
        "{young} have too little history to be judged by.", "另有 {young} 个来源历史尚短，暂不评判。"
    ),
    "watch.alerts": Text("Open alerts", "未解除的告警"),
    "watch.no_alerts": Text("None. Nothing needs a look.", "无。没有需要处理的问题。"),
    "watch.resolved": Text("Alerts that are well again: {count}", "已解除的告警：{count} 条"),
    "watch.since": Text("since {day}", "自 {day}"),
    "watch.spell": Text("{first} to {last}", "{first}至{last}"),
    "watch.checks": Text("Checks of {source}", "{source}：检查项"),
    "watch.check": Text("Check", "检查项"),
    "watch.now": Text("Now", "当前值"),
    "watch.expected": Text("Expected", "预期"),
    "watch.over_time": Text("Over the loads", "历次走势"),
    "watch.verdict": Text("Verdict", "结论"),
    "watch.at_most": Text("≤ {high}", "≤ {high}"),
    "watch.at_least": Text("≥ {low}", "≥ {low}"),
    "watch.between": Text("{low} – {high}", "{low} – {high}"),
    "watch.loads": Text("Loads", "入库次数"),
    "watch.newest": Text("Newest data", "最新数据"),
    "watch.strip": Text("Loads, oldest to newest", "历次入库（由旧到新）"),
    "watch.strip_image": Text("Loads of {source}: {list}", "{source}历次入库：{list}"),
    "watch.strip_title": Text("{day}: {file}, {rows} records", "{day}：{file}，{rows} 条记录"),
    "watch.spark_image": Text("{check} over the loads", "{check}：历次走势"),
    "watch.folded": Text("{count} more checks that are well", "另有 {count} 项检查无异常"),
    "watch.load": Text("Load", "入库"),
    "watch.records": Text("Records", "记录数"),
    "watch.low": Text("low", "下限"),
    "watch.high": Text("high", "上限"),
    "watch.drift_last": Text("Against the last load", "较上次入库"),
    "watch.drift_reference": Text("Against the reference", "较基准"),
    "watch.psi": Text("Largest PSI of a column", "各字段最大 PSI"),
    "watch.look": Text("look at it", "须关注"),
    "watch.day": Text("Day", "日期"),
    "watch.events": Text("Events", "事件数"),
    "watch.volume_title": Text("Records by load", "每次入库的记录数"),
    "watch.volume_image": Text(
        "Bars: records of the last {loads} loads; the newest has {last}.",
        "柱形图：最近 {loads} 次入库的记录数；最近一次为 {last} 条。",
    ),
    "watch.drift_title": Text("Drift by load", "每次入库的分布漂移"),
    "watch.drift_image": Text(
        "Lines: the largest drift of a column in each of the last {loads} loads.",
        "折线图：最近 {loads} 次入库中各字段的最大漂移。",
    ),
    "watch.days_title": Text("Events by day", "每日事件数"),
    "watch.days_image": Text(
        "Area: events on each of {days} days; at most {most} on one day.",
        "面积图：{days} 天中每天的事件数；单日最多 {most} 个事件。",
    ),
    "watch.legend": Text(
        "Expected is what the contract says or, without a limit there, what the source's own history makes usual. "
        "Each mark of the strip is a load: the higher, the more there is to look at. Dashed lines mark what is expected.",
        "“预期”取自数据契约；契约未设阈值时，取来源自身历史的常态区间。条带中每格为一次入库，越高越需关注；虚线为预期界限。",
    ),
    "none.over_time": Text("nothing to draw over the loads", "暂无可绘制的走势"),
    "none.history": Text("too little history", "历史尚短"),
}
