"""Texts of the portrait report 画像报告文字: what does it say, in English and in Chinese?"""

from vostro.words import Text

__all__ = ["PORTRAIT_TEXTS"]

PORTRAIT_TEXTS: dict[str, Text] = {
    # -- headline ---------------------------------------------------------------------------------
    "portrait.page_title": Text("{bank}: portrait report", "{bank}：客户画像报告"),
    "portrait.kind": Text("Portrait report", "客户画像报告"),
    "portrait.heading": Text("{bank}: who the customers are", "{bank}：客户是谁"),
    "portrait.claim": Text(
        "{customers} customers are described by {tags} tags in {dimensions} dimensions; on average, {coverage} of the "
        "customers have a value. This is what was known on {moment}.",
        "以 {dimensions} 个维度的 {tags} 个标签刻画 {customers} 位客户，标签平均覆盖 {coverage} 的客户。数据时点为 {moment}。",
    ),
    "portrait.figures": Text("Main figures", "关键指标"),
    "portrait.customers": Text("Customers", "客户数"),
    "portrait.tags": Text("Tags", "标签数"),
    "portrait.tags_note": Text("{unused} that nothing uses yet", "其中 {unused} 个尚未被使用"),
    "portrait.segments": Text("Segments", "客群数"),
    "portrait.segments_note": Text("rules over tags", "基于标签的规则"),
    "portrait.sources": Text("Sources without a finding", "无异常的来源"),
    "portrait.sources_note": Text("open alerts: {alerts}", "未解除的告警：{alerts} 条"),
    "portrait.rejects": Text("Open rejects", "待处理拒收记录"),
    "portrait.rejects_note": Text("kept, and mendable", "已留存，可修正重放"),
    "portrait.skip": Text("Skip to the tags", "跳到标签"),
    # -- 1 tags -----------------------------------------------------------------------------------
    "tags.title": Text("Tags by dimension", "各维度标签"),
    "tags.lede": Text(
        "Every fact that the bank states about its customers. Open one to see how its values spread, what it is made "
        "from, and who uses it.",
        "本行对客户作出的全部刻画。展开任一标签，可查看取值分布、数据来源和使用者。",
    ),
    "tags.none": Text("The bank defines no tags.", "本行尚未定义标签。"),
    "tags.search": Text("Search tags", "搜索标签"),
    "tags.search_hint": Text("name, code, column or user", "名称、代码、字段或使用者"),
    "tags.show": Text("Show", "筛选"),
    "tags.all": Text("all tags", "全部标签"),
    "tags.unused": Text("unused", "未被使用"),
    "tags.stale": Text("out of date", "数据过旧"),
    "tags.expired": Text("expired", "已失效"),
    "tags.count": Text("{count} tags, mean coverage {coverage}", "{count} 个标签，平均覆盖率 {coverage}"),
    "tags.coverage": Text("Coverage", "覆盖率"),
    "tags.known": Text(
        "{known} of {customers} customers have a value", "{customers} 位客户中有 {known} 位有取值"
    ),
    "tags.value": Text("Value", "取值"),
    "tags.customers": Text("Customers", "客户数"),
    "tags.share": Text("Share", "占比"),
    "tags.spread": Text(
        "Half are at most {middle}; eight of ten lie between {low} and {high}.",
        "半数客户不超过 {middle}；八成客户介于 {low} 与 {high} 之间。",
    ),
    "tags.not_shown": Text("The values of this tag may not be shown.", "该标签的取值不予展示。"),
    "tags.no_values": Text("No customer has a value yet.", "尚无客户有取值。"),
    "tags.definition": Text("Definition", "定义"),
    "tags.from": Text("Made from", "来源字段"),
    "tags.reads": Text("Reads tags", "引用标签"),
    "tags.read_by": Text("Read by tags", "被标签引用"),
    "tags.used_by": Text("Used by", "使用者"),
    "tags.nothing": Text("nothing yet", "暂无"),
    "tags.owner": Text("Owner", "负责人"),
    "tags.purpose": Text("Purpose", "用途说明"),
    "tags.uses": Text("Allowed for", "允许用途"),
    "tags.sensitivity": Text("Personal data", "个人信息类别"),
    "tags.newest": Text("Newest data", "最新数据"),
    "tags.refresh": Text("Refresh, expiry", "更新与失效"),
    "tags.file": Text("Defined in", "定义位置"),
    "tags.line": Text("{file}, line {line}", "{file} 第 {line} 行"),
    # -- 2 segments -------------------------------------------------------------------------------
    "segments.title": Text("Segments and their overlap", "客群与重叠"),
    "segments.lede": Text("The bank's named rules, the largest first.", "本行命名的客群规则，按规模排列。"),
    "segments.none": Text("The bank defines no segments.", "本行尚未定义客群。"),
    "segments.segment": Text("Segment", "客群"),
    "segments.customers": Text("Customers", "客户数"),
    "segments.share": Text("Share", "占比"),
    "segments.overlap": Text("Who is in two of them", "客群重叠"),
    "segments.overlap_note": Text(
        "Of the customers of the row, the share that is in the column, too.",
        "行客群的客户中，同属列客群的比例。",
    ),
    # -- 3 compare --------------------------------------------------------------------------------
    "compare.title": Text("A segment against all customers", "客群与全体客户对比"),
    "compare.choose": Text("Segment", "客群"),
    "compare.note": Text(
        "The index (TGI) is 100 × share in the segment / share in all customers: above 100, the segment has more of "
        "the value. Tags that set the segment apart most come first.",
        "指数（TGI）＝ 100 × 客群占比 / 全体占比：大于 100 表示该取值在客群中更常见。差异最大的标签排在前面。",
    ),
    "compare.lede": Text(
        "{customers} customers, {share} of all.", "共 {customers} 位客户，占全体的 {share}。"
    ),
    "compare.value": Text("Value", "取值"),
    "compare.base": Text("All", "全体"),
    "compare.segment": Text("Segment", "客群"),
    "compare.index": Text("Index", "指数"),
    "compare.coverage": Text("{share} have a value", "覆盖率 {share}"),
    "compare.more": Text("All {count} tags", "全部 {count} 个标签"),
    "compare.same": Text("Nobody is in this segment.", "该客群没有客户。"),
    "compare.found": Text("{count} tags found", "找到 {count} 个标签"),
    "compare.empty": Text("No tag fits. Try another word.", "没有匹配的标签，请换个词试试。"),
    # -- 4 value groups ---------------------------------------------------------------------------
    "value.title": Text("RFM and lifecycle", "RFM 与生命周期"),
    "value.lede": Text(
        "Who came lately, how often, and for how much; and where customers stand in their life with the bank.",
        "客户最近是否来过、多久来一次、贡献几何，以及处于与本行关系的哪个阶段。",
    ),
    "value.grid": Text("Recency (R) by frequency (F)", "最近度（R）与频次（F）"),
    "value.grid_note": Text(
        "Customers in each cell; 5 is best. M: their mean monetary score. {unscored} customers without an event are not in it.",
        "每格为客户数，5 分最佳；M 为金额得分均值。另有 {unscored} 位客户窗口内无交易，未列入。",
    ),
    "value.recency": Text("R {score}", "R {score}"),
    "value.frequency": Text("F {score}", "F {score}"),
    "value.money": Text("M {score}", "M {score}"),
    "value.groups": Text("Groups", "分组"),
    "value.group": Text("Group", "分组"),
    "value.stage": Text("Stage", "阶段"),
    "value.unknown": Text("{count} customers without a stage.", "{count} 位客户尚无阶段。"),
    # -- 6 rejects --------------------------------------------------------------------------------
    "rejects.title": Text("Rejects by reason", "拒收记录与原因"),
    "rejects.lede": Text(
        "Records that broke their contract: {records} in all, {open} not mended yet. None is lost.",
        "不符合数据契约的记录共 {records} 条，其中 {open} 条尚未修正。均已留存，无一丢失。",
    ),
    "rejects.none": Text("No record broke its contract.", "没有违反数据契约的记录。"),
    "rejects.source": Text("Source", "来源"),
    "rejects.reason": Text("Reason", "原因"),
    "rejects.records": Text("Records", "记录数"),
    "rejects.open": Text("Open", "待处理"),
    "rejects.mend": Text(
        "List them with {list}, export them with {export}, and load them mended with {replay}.",
        "可用 {list} 查看、{export} 导出，修正后用 {replay} 重放入库。",
    ),
    # -- 7 lineage --------------------------------------------------------------------------------
    "lineage.title": Text("Where tags come from", "标签血缘"),
    "lineage.lede": Text(
        "Every column that a tag is made from. A change there is felt by all that stands to its right.",
        "列出构成标签的每个字段；字段一旦变化，右侧各项都会受到影响。",
    ),
    "lineage.none": Text("No tag is made from a column.", "没有标签取自字段。"),
    "lineage.column": Text("Column", "字段"),
    "lineage.tags": Text("Tags", "标签"),
    "lineage.users": Text("Used by", "使用者"),
    "lineage.source": Text("{count} columns", "{count} 个字段"),
    # -- 8 origin ---------------------------------------------------------------------------------
    "origin.title": Text("How it was made", "生成过程"),
    "origin.as_of": Text("Known as of", "数据时点"),
    "origin.made": Text("Made", "生成时间"),
    "origin.bank": Text("Bank", "银行"),
    "origin.fresh": Text("How fresh the sources are", "各来源的时效"),
    "origin.source": Text("Source", "来源"),
    "origin.loads": Text("Loads", "入库次数"),
    "origin.last": Text("Last load", "最近一次入库"),
    "origin.newest": Text("Newest data", "最新数据"),
    "origin.records": Text("Records in it", "其中记录数"),
}
