"""Texts 界面文字: what does the report say, in English and in Chinese?

Every word of the page that does not come from the run's own figures is here or in the two
files beside it, under ``section.name``. ``{name}`` is filled with a figure that is already in its local form.
"""

from vostro.console.portrait_texts import PORTRAIT_TEXTS
from vostro.console.watch_texts import WATCH_TEXTS
from vostro.words import Text

__all__ = ["TEXTS"]

_RUN: dict[str, Text] = {
    # -- the page -------------------------------------------------------------------------------
    "page.title": Text("{campaign}: campaign report", "{campaign}：营销活动报告"),
    "page.kind": Text("Campaign report", "营销活动报告"),
    "page.skip": Text("Skip to the report", "跳到正文"),
    "page.contents": Text("Contents", "目录"),
    "page.table": Text("Figures as a table", "以表格查看数据"),
    "page.scroll": Text("{table} (scrolls sideways)", "{table}（可左右滚动）"),
    "page.list": Text("{name}: {value}", "{name}：{value}"),
    "page.separator": Text("; ", "；"),
    "page.interval": Text("95% interval {span}", "95% 置信区间 {span}"),
    "page.without_script": Text(
        "Charts need JavaScript. Every chart's figures are also in the table under it.",
        "图表需要启用 JavaScript；每张图表的数据均可在其下方的表格中查看。",
    ),
    "page.footer": Text(
        "Written by Vostro. This file is complete in itself: it loads nothing from the network and sends nothing.",
        "由 Vostro 生成。本文件自成一体：不从网络加载内容，也不向外发送任何数据。",
    ),
    # -- why a figure is missing ----------------------------------------------------------------
    "none.waiting": Text("the outcomes have not come yet", "业务结果尚未取得"),
    "none.unmeasured": Text("not measured in this run", "本次运行未计量"),
    "none.rows": Text("nobody is in this group", "该组没有客户"),
    "none.personal": Text("not shown: personal data", "属个人信息，不予展示"),
    "none.range": Text("no least and greatest value for this column", "该列不统计取值范围"),
    "none.first": Text("first load, nothing to compare with", "首次入库，无可比数据"),
    "none.record": Text("the whole record, not one field", "涉及整条记录，而非单个字段"),
    "none.value": Text("the field is empty", "字段为空"),
    "none.stopped": Text("not estimated: a rule came first", "已被规则拦截，未作预测"),
    "none.base": Text("nobody who was considered has this value", "候选客户均无此取值"),
    "none.wave": Text("too few outcomes of one kind in this wave", "本批次中某一类结果过少"),
    # -- 0 headline -----------------------------------------------------------------------------
    "headline.measured": Text(
        "{rows} customers were chosen and {rate} of them succeeded. The same number chosen at random would have "
        "succeeded in {random} of cases: the choice brought {extra} extra successes.",
        "共选中 {rows} 位客户，成功率为 {rate}；若随机选取同样数量的客户，成功率为 {random}。择优比随机多成功 {extra} 笔。",
    ),
    "headline.waiting": Text(
        "{rows} customers were chosen. Their outcomes have not come yet, so what the choice earned is not known.",
        "共选中 {rows} 位客户。业务结果尚未取得，营销成效暂不可知。",
    ),
    "headline.figures": Text("Main figures", "关键指标"),
    "headline.ratio": Text("Success rate, chosen against random", "成功率：择优对比随机"),
    "headline.extra": Text("Extra successes", "多成功笔数"),
    "headline.net": Text("Net value", "净收益"),
    "headline.net_note": Text(
        "margin of what the contacts caused, less their cost", "接触带来的增量毛利减去接触成本"
    ),
    "headline.net_note_history": Text(
        "more margin than as many contacts at random", "较同等数量随机接触多出的毛利"
    ),
    "headline.auc": Text("Ranking (AUC)", "排序能力（AUC）"),
    "headline.auc_note": Text("95% interval {span}; 0.5 is chance", "95% 置信区间 {span}；0.5 相当于随机"),
    "headline.calibration": Text("Calibration error", "校准误差"),
    "headline.calibration_note": Text("average gap between said and happened", "预测值与实际值的平均差距"),
    "headline.random_mark": Text("random", "随机"),
    "headline.ratio_image": Text(
        "{ratio} times random, 95% interval {span}", "为随机的 {ratio}，95% 置信区间 {span}"
    ),
    "headline.product": Text("Product", "产品"),
    "headline.action": Text("Action", "动作"),
    "headline.bank": Text("Bank", "银行"),
    "headline.run": Text("Run", "批次"),
    "headline.started": Text("Started", "开始时间"),
    "headline.seed": Text("Seed", "随机种子"),
    "headline.replay": Text(
        "Decide it again, byte for byte (in the bank's folder)", "逐字节重放（在银行目录中执行）"
    ),
    # -- 1 data quality and rejects -------------------------------------------------------------
    "quality.title": Text("Data quality and rejects", "数据质量与拒收记录"),
    "quality.lede": Text(
        "Only records that kept their data contract were used below. Those that broke it are kept with the reason, "
        "and can be mended and replayed.",
        "以下分析只使用符合数据契约的记录；不符合的记录连同原因一并保留，修正后可重放入库。",
    ),
    "quality.none": Text("This run read no source.", "本次运行未读取任何来源系统的数据。"),
    "quality.file": Text("File", "文件"),
    "quality.read": Text("Records read", "读取记录"),
    "quality.loaded": Text("Loaded", "入库记录"),
    "quality.rejected": Text("Rejected", "拒收记录"),
    "quality.fresh": Text("Events from", "事件时间"),
    "quality.already": Text(
        "This file had been loaded before; nothing was added. The figures are those of that load.",
        "该文件此前已入库，本次未新增记录；以下为当次入库的数据。",
    ),
    "quality.columns": Text("Columns: {source}", "各列：{source}"),
    "quality.column": Text("Column", "列"),
    "quality.type": Text("Type", "类型"),
    "quality.complete": Text("Complete", "完整率"),
    "quality.valid": Text("Valid", "有效率"),
    "quality.distinct": Text("Distinct", "唯一率"),
    "quality.minimum": Text("Least", "最小值"),
    "quality.maximum": Text("Greatest", "最大值"),
    "quality.distribution": Text("Distribution", "分布"),
    "quality.change": Text("Change (PSI)", "变化（PSI）"),
    "quality.legend": Text(
        "Complete: records with a value. Valid: records that kept the contract in this column. Distinct: different "
        "values for each record with a value. Change: population stability index against the load before; above "
        "0.25 is a different population.",
        "完整率：有取值的记录占比。有效率：该列符合契约的记录占比。唯一率：不同取值数与有值记录数之比。"
        "变化：与上次入库相比的群体稳定性指数，高于 0.25 表示客群已明显不同。",
    ),
    "quality.distributions": Text("Distributions as a table", "以表格查看分布"),
    "quality.spark": Text("Distribution: {column}", "分布：{column}"),
    "quality.value": Text("Value", "取值"),
    "quality.records": Text("Records", "记录数"),
    "quality.rejects": Text("First rejects", "前几条拒收记录"),
    "quality.reasons": Text("Rejects by reason", "按原因统计拒收记录"),
    "quality.reason_code": Text("Reason code", "原因代码"),
    "quality.line": Text("Line", "行号"),
    "quality.field": Text("Field", "字段"),
    "quality.reason": Text("Reason", "原因"),
    "quality.no_rejects": Text("No record of this file broke its contract.", "该文件没有拒收记录。"),
    "quality.masked": Text(
        "Personal values are masked: only their shape is kept, digits as 9 and letters as a. {export} writes the whole "
        "records for mending, {replay} reads them back.",
        "个人信息已脱敏，仅保留格式：数字为 9，字母为 a。{export} 导出完整记录以便修正，{replay} 将修正后的记录重放入库。",
    ),
    # -- 2 the audience -------------------------------------------------------------------------
    "audience.title": Text("The audience and its portrait", "目标客群及其画像"),
    "audience.lede": Text(
        "{audience} of the bank's {customers} customers are in the segment. Below: where the others drop out, and "
        "what sets the chosen apart.",
        "全行 {customers} 位客户中，{audience} 位属于目标客群。以下列出其余客户在哪一步退出，以及选中客户有何不同。",
    ),
    "audience.segment": Text("Segment", "客群"),
    "audience.rule": Text("Rule", "规则"),
    "audience.rule_words": Text("In words", "规则含义"),
    "audience.funnel": Text("From the whole bank to the chosen", "从全行到选中：逐步筛选"),
    "audience.step": Text("Step", "步骤"),
    "audience.customers": Text("Customers", "客户数"),
    "audience.portrait": Text("What sets the chosen apart", "选中客户的显著特征"),
    "audience.portrait_note": Text(
        "Grey is the share among all who were considered, colour the share among the chosen. The index divides the "
        "two: 100 is alike, 200 is twice as common among the chosen.",
        "灰色为全部候选客户中的占比，彩色为选中客户中的占比。指数（TGI）为两者之比："
        "100 表示无差异，200 表示占比为候选客户的两倍。",
    ),
    "audience.base": Text("All", "候选"),
    "audience.chosen": Text("Chosen", "选中"),
    "audience.index": Text("Index", "指数"),
    "audience.coverage": Text("known for {share}", "覆盖率 {share}"),
    "audience.more": Text("{count} more tags", "其余 {count} 个标签"),
    "audience.no_portrait": Text("No tag is shown for this audience.", "该客群没有可展示的标签。"),
    "audience.no_funnel": Text("No gate was passed in this run.", "本次运行没有筛选步骤。"),
    # -- 3 the estimator ------------------------------------------------------------------------
    "model.title": Text("How well the estimator ranks, and whether it is calibrated", "模型的排序能力与校准"),
    "model.lede": Text(
        "The best tenth succeeded {tenth} as often as the average. What was said and what happened differ by "
        "{error} on average, so a response probability can be used in a calculation.",
        "响应概率最高的一成客户，成功率为平均水平的 {tenth}。预测与实际平均相差 {error}，响应概率可直接用于测算。",
    ),
    "model.lede_rough": Text(
        "The best tenth succeeded {tenth} as often as the average. What was said and what happened differ by "
        "{error} on average: trust the order, and take a probability with care.",
        "响应概率最高的一成客户，成功率为平均水平的 {tenth}。预测与实际平均相差 {error}：排序可信，概率数值须谨慎使用。",
    ),
    "model.lede_waves": Text(
        "Chosen with what was known before, the best fifth of a wave succeeded {ratio} as often as its wave.",
        "只用当时已知的信息择优，每批次前两成客户的成功率为该批次平均水平的 {ratio}。",
    ),
    "model.lede_none": Text(
        "The estimator cannot be judged yet: an evaluation needs outcomes.",
        "暂无法评价模型：评估需要业务结果。",
    ),
    "model.shuffled": Text("Shuffled: the convention of published results", "打乱评估：公开文献的通行口径"),
    "model.shuffled_note": Text(
        "{rows} calls are shuffled into {folds} folds, and each fold is judged by a model trained on the others. "
        "Compare this with published results. It is optimistic when the times change: the model has seen calls made "
        "later than the one that it judges.",
        "将 {rows} 条通话记录随机打乱为 {folds} 折，每一折由其余各折训练的模型评估。此口径可与公开文献对比；"
        "但市场随时间变化时结果偏乐观，因为模型见过比被评估通话更晚的记录。",
    ),
    "model.waves": Text("Waves: chosen with what was known before", "分批评估：只用当时已知的信息"),
    "model.waves_note": Text(
        "Calls stay in order of time. From call {first} on, every wave of {size} calls is ranked by a model that has "
        "seen only the calls before it. This is what a call centre would have met.",
        "通话记录保持时间顺序。自第 {first} 条起，每批次 {size} 条通话由只见过此前记录的模型排序，"
        "与呼叫中心当时的处境一致。",
    ),
    "model.no_shuffled": Text(
        "The shuffled evaluation was not made: it needs outcomes.", "未做打乱评估：需要先有业务结果。"
    ),
    "model.no_waves": Text(
        "The waves were not evaluated: they need outcomes in order of time.",
        "未做分批评估：需要按时间排列的业务结果。",
    ),
    "model.auc": Text("AUC", "AUC"),
    "model.precision": Text("Average precision", "平均精确率"),
    "model.calibration_error": Text("Calibration error", "校准误差"),
    "model.best_half": Text("Best half against average", "前五成对比平均"),
    "model.best_tenth": Text("Best tenth against average", "前一成对比平均"),
    "model.best_fifth": Text("Best fifth against its wave, mean", "前两成对比本批次（均值）"),
    "model.lift": Text("Success rate by tenth, against the average", "各十分位成功率与平均水平之比"),
    "model.lift_image": Text(
        "Bars: success rate of each tenth of the customers, best first, divided by the average. The best tenth has "
        "{best}, the last {last}.",
        "柱形图：客户按响应概率由高到低分为十组，各组成功率与平均水平之比。最高一组为 {best}，最低一组为 {last}。",
    ),
    "model.tenth": Text("Tenth, best first", "十分位（由高到低）"),
    "model.customers": Text("Customers", "客户数"),
    "model.rate": Text("Success rate", "成功率"),
    "model.against_average": Text("Against average", "与平均之比"),
    "model.average": Text("average", "平均"),
    "model.calibration": Text("Calibration: said and happened", "校准：预测与实际"),
    "model.calibration_image": Text(
        "Points: response probability against the success rate that came, {count} groups of customers. On the "
        "diagonal both are equal.",
        "散点图：{count} 组客户的响应概率与实际成功率。落在对角线上表示两者相等。",
    ),
    "model.said": Text("Said (response probability)", "预测（响应概率）"),
    "model.happened": Text("Happened (success rate)", "实际（成功率）"),
    "model.diagonal": Text("said = happened", "预测＝实际"),
    "model.wave_ratio": Text("Best fifth of each wave, against the wave", "各批次前两成客户与本批次平均之比"),
    "model.wave_ratio_image": Text(
        "Bars: success rate of the best fifth divided by that of its wave, {count} waves. The mean is {mean}.",
        "柱形图：{count} 个批次中，前两成客户成功率与本批次平均之比。均值为 {mean}。",
    ),
    "model.wave_rates": Text(
        "The same as success rates: how the times changed", "对应的成功率：市场如何变化"
    ),
    "model.wave_rates_image": Text(
        "Lines: success rate of each wave, and of its best fifth, over {count} waves.",
        "折线图：{count} 个批次的平均成功率与前两成客户成功率。",
    ),
    "model.wave": Text("Wave", "批次序号"),
    "model.wave_all": Text("Whole wave", "整个批次"),
    "model.wave_best": Text("Best fifth", "前两成"),
    "model.ratio": Text("Ratio", "比值"),
    "model.mean": Text("mean", "均值"),
    # -- 4 decisions ----------------------------------------------------------------------------
    "decisions.title": Text("Who was chosen, and why", "选中了谁，为什么"),
    "decisions.lede": Text(
        "{decisions} customers were considered for {capacity} contacts. Every one has a decision on record, also "
        "those who were not chosen.",
        "共评估 {decisions} 位客户，接触容量为 {capacity} 次。每位客户都有决策记录，未选中者也不例外。",
    ),
    "decisions.verdicts": Text("Decisions by verdict", "按结论统计决策记录"),
    "decisions.verdict": Text("Verdict", "结论"),
    "decisions.meaning": Text("Meaning", "含义"),
    "decisions.count": Text("Customers", "客户数"),
    "decisions.none": Text("No decision was made in this run.", "本次运行未产生决策记录。"),
    "decisions.examples": Text(
        "Ten decisions, as an agent would explain them", "十个决策示例：坐席可照此说明"
    ),
    "decisions.script": Text(en="What the agent says", zh="外呼话术"),
    "decisions.examples_note": Text(
        "Customers are masked. The number after a reason is its effect on the log-odds of a success: +0.69 doubles "
        "the odds, −0.69 halves them.",
        "客户信息已脱敏。原因后的数字是其对成功的对数几率的影响：+0.69 使几率翻倍，−0.69 使几率减半。",
    ),
    "decisions.customer": Text("Customer {customer}", "客户 {customer}"),
    "decisions.probability": Text("Response probability", "响应概率"),
    "decisions.value": Text("Expected value", "预期价值"),
    "decisions.wave": Text("Wave", "批次序号"),
    "decisions.record": Text("Record", "决策记录"),
    "decisions.reasons": Text("Reasons", "原因"),
    "decisions.raises": Text("raises the probability", "提高响应概率"),
    "decisions.lowers": Text("lowers the probability", "降低响应概率"),
    "decisions.no_reasons": Text("A rule decided; no estimate was needed.", "由规则直接决定，无需预测。"),
    # -- 5 the effect ---------------------------------------------------------------------------
    "effect.title": Text("What the choice earned", "营销成效"),
    "effect.lede": Text(
        "The chosen succeeded {ratio} as often as the same number chosen at random (95% interval {span}).",
        "选中客户的成功率为随机选取的 {ratio}，95% 置信区间为 {span}。",
    ),
    "effect.lede_plain": Text(
        "Success rates of the chosen, of the same number at random, and of the control group.",
        "选中客户、同等数量随机客户与对照留白组的成功率。",
    ),
    "effect.lede_waiting": Text(
        "The outcomes have not come yet. Nothing can be said about the effect today.",
        "业务结果尚未取得，目前无法评价成效。",
    ),
    "effect.waiting_title": Text("What to do next", "接下来怎么做"),
    "effect.waiting_call": Text(
        "Let the channel work through the list below, and leave the control group alone.",
        "由渠道按名单完成接触；对照留白组不得接触。",
    ),
    "effect.waiting_load": Text(
        "When the outcomes come, put their file into the data folder, next to the files of this run.",
        "取得业务结果后，将结果文件放入数据目录，与本次运行的文件放在一起。",
    ),
    "effect.waiting_run": Text(
        "Type {command} again. Decisions on record do not change; the effect is measured and this page is rewritten.",
        "再次运行 {command}。已有决策记录不变，系统将计量成效并更新本报告。",
    ),
    "effect.chart": Text("Success rate with 95% interval", "成功率及 95% 置信区间"),
    "effect.image": Text("Points with intervals. {list}.", "带置信区间的点图。{list}。"),
    "effect.group": Text("Group", "组别"),
    "effect.chosen": Text("Chosen", "选中"),
    "effect.random": Text("Same number at random", "同等数量随机"),
    "effect.control": Text("Control, left alone", "对照留白组"),
    "effect.control_replay": Text("Control, in the past called too", "对照留白组（历史上亦被接触）"),
    "effect.rows": Text("Customers", "客户数"),
    "effect.successes": Text("Successes", "成功笔数"),
    "effect.low": Text("Low", "下限"),
    "effect.high": Text("High", "上限"),
    "effect.results": Text("Comparisons", "对比结果"),
    "effect.result": Text("Comparison", "对比项"),
    "effect.figure": Text("Figure", "数值"),
    "effect.span": Text("95% interval", "95% 置信区间"),
    "effect.ratio": Text("Chosen ÷ random", "选中 ÷ 随机"),
    "effect.difference": Text("Chosen − control", "选中 − 对照留白"),
    "effect.extra": Text("Extra successes against random", "比随机多成功的笔数"),
    "effect.net": Text("Net value", "净收益"),
    "effect.replay_title": Text("This run replays history", "本次运行为历史回放"),
    "effect.live_title": Text("How to read it", "如何解读"),
    "effect.method": Text("Method", "方法"),
    # -- 6 capacity -----------------------------------------------------------------------------
    "capacity.title": Text("What another capacity would have earned", "换一种容量，收益如何"),
    "capacity.lede": Text(
        "At the campaign's own capacity, {share} of those who could be contacted, {successes} succeed. Follow the "
        "line to see what fewer or more contacts would have brought.",
        "按本次活动的容量（可接触客户的 {share}），可成功 {successes} 笔。沿曲线可看出减少或增加接触会带来什么。",
    ),
    "capacity.lede_plain": Text(
        "Follow the line to see what fewer or more contacts would have brought.",
        "沿曲线可看出减少或增加接触会带来什么。",
    ),
    "capacity.note": Text(
        "Here the best of all who could be contacted are taken, the control group included, weighted by the chance "
        "of a contact; the figures of the campaign itself stand in section 5 and differ a little.",
        "此处从全部可接触客户（含对照留白组）中取预期价值最高者，并按接触概率加权；活动本身的数字见第 5 节，两者略有出入。",
    ),
    "capacity.none": Text(
        "Another capacity can be valued when the outcomes have come.",
        "取得业务结果后，方可测算其他容量的收益。",
    ),
    "capacity.successes": Text("Successes by share contacted", "接触比例与成功笔数"),
    "capacity.successes_image": Text(
        "Line with a 95% band: successes from {first} at {first_share} contacted to {last} at {last_share}.",
        "带 95% 置信带的曲线：接触 {first_share} 时成功 {first} 笔，接触 {last_share} 时成功 {last} 笔。",
    ),
    "capacity.value": Text("Net value by share contacted", "接触比例与净收益"),
    "capacity.value_image": Text(
        "Line: net value from {first} at {first_share} contacted to {last} at {last_share}.",
        "曲线：接触 {first_share} 时净收益为 {first}，接触 {last_share} 时为 {last}。",
    ),
    "capacity.share": Text("Share contacted", "接触比例"),
    "capacity.contacts": Text("Contacts", "接触次数"),
    "capacity.wins": Text("Successes", "成功笔数"),
    "capacity.rate": Text("Success rate", "成功率"),
    "capacity.net": Text("Net value", "净收益"),
    "capacity.actual": Text("this campaign", "本次活动"),
    "capacity.band": Text("95% band", "95% 置信带"),
    # -- 7 how it was made ----------------------------------------------------------------------
    "made.title": Text("How it was made", "运行过程与溯源"),
    "made.lede": Text(
        "The run took {seconds} and {memory} of memory. What the estimator leans on, and whether its inputs have "
        "drifted since training, tells how long to trust it.",
        "本次运行耗时 {seconds}，占用内存 {memory}。模型倚重哪些标签、输入相对训练时是否漂移，决定了它还能用多久。",
    ),
    "made.importance": Text("What the estimator leans on", "模型倚重的标签"),
    "made.importance_image": Text(
        "Bars: share of the estimator's gain by tag. Most: {name}, {share}.",
        "条形图：各标签在模型增益中的占比。最高为{name}，{share}。",
    ),
    "made.tag": Text("Tag", "标签"),
    "made.gain": Text("Share of gain", "增益占比"),
    "made.drift": Text("Drift of the inputs since training", "输入相对训练时的漂移"),
    "made.drift_image": Text(
        "Bars: population stability index by tag. Most: {name}, {value}.",
        "条形图：各标签的群体稳定性指数。最高为{name}，{value}。",
    ),
    "made.psi": Text("PSI", "PSI"),
    "made.drift_note": Text(
        "Population stability index: below 0.1 stable, 0.1 to 0.25 look at it, above 0.25 train again.",
        "群体稳定性指数：低于 0.1 为稳定，0.1 至 0.25 须关注，高于 0.25 宜重新训练。",
    ),
    "made.watch": Text("look", "关注"),
    "made.retrain": Text("train again", "重训"),
    "made.steps": Text("Seconds by step", "各步骤耗时"),
    "made.steps_image": Text("Bars: seconds by step. {list}.", "条形图：各步骤耗时。{list}。"),
    "made.step": Text("Step", "步骤"),
    "made.seconds": Text("Seconds", "秒"),
    "made.versions": Text("Versions", "版本"),
    "made.part": Text("Part", "组件"),
    "made.version": Text("Version", "版本号"),
    "made.files": Text("Files written", "生成的文件"),
    "made.channel": Text("Channel", "渠道"),
    "made.messages": Text("Messages", "消息数"),
    "made.no_files": Text("No channel was written for.", "未为任何渠道生成文件。"),
    "made.nothing": Text("Not measured in this run.", "本次运行未计量。"),
}
TEXTS = _RUN | WATCH_TEXTS | PORTRAIT_TEXTS
