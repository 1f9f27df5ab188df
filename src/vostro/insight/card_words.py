"""A card in words 模型卡文本: what does a person read before he signs, in his language?"""

from collections.abc import Iterator, Sequence

from vostro.insight.card import EstimatorCard, Figure
from vostro.insight.fairness import GroupFairness, Ratio
from vostro.insight.watch import PSI_LOOK
from vostro.words import Language, Text

__all__ = ["FIGURES", "VERDICTS", "card_markdown", "say_figure"]

SHOWN = 12  # lines of a table of features
FIGURES: dict[str, Text] = {
    "auc": Text("AUC", "AUC"),
    "average_precision": Text("average precision", "平均精确率"),
    "best_tenth": Text("best tenth, rate against all (lift)", "最高十分之一的提升度"),
    "log_loss": Text("log loss (nats)", "对数损失"),
    "observed_to_predicted": Text("happened / said", "实际 / 预测"),
    "calibration_error": Text("calibration error", "校准误差"),
    "mean_absolute_error": Text("mean absolute error", "平均绝对误差"),
    "mean_amount": Text("mean amount, observed", "平均金额（实测）"),
    "rank_correlation": Text("rank correlation (Spearman)", "秩相关（Spearman）"),
    "qini": Text("Qini", "Qini"),
    "auuc": Text("AUUC", "AUUC"),
    "effect": Text("mean uplift, observed", "平均增量（实测）"),
    "effect_said": Text("mean uplift, said", "平均增量（预测）"),
}
VERDICTS: dict[str, Text] = {
    "better": Text("better than the champion", "优于冠军"),
    "alike": Text("not surely different from the champion", "与冠军无显著差异"),
    "worse": Text("worse than the champion", "劣于冠军"),
    "ok": Text("well", "正常"),
    "look": Text("look at it", "需关注"),
    "watch": Text("look at it", "需关注"),
    "alert": Text("alert", "告警"),
    "too_few": Text("too few to judge", "样本不足"),
}


def card_markdown(card: EstimatorCard, language: Language) -> str:
    """Return the card as a page of Markdown."""
    say = _Say(language)
    parts = [
        f"# {card.name.say(language)} (`{card.estimator}`)",
        "\n".join(_head(card, say)),
        say.title("How good", "效果"),
        f"{card.method.say(language)}",
    ]
    if card.figures:
        parts.append(_figures(card, say))
    if card.comparison is not None:
        parts += [say.title("Against the champion", "与冠军对比"), _comparison(card, say)]
    if card.calibration:
        parts += [say.title("Said and happened", "校准"), _calibration(card, say)]
    parts += [say.title("What it reads", "特征重要性"), _features(card, say)]
    if card.fairness:
        parts += [say.title("Fairness", "公平性"), *(_fairness(each, say) for each in card.fairness)]
    parts += [say.title("Limits", "局限"), "\n".join(f"* {each.say(language)}" for each in card.limits)]
    return "\n\n".join(parts) + "\n"


def _figures(card: EstimatorCard, say: "_Say") -> str:
    heads = [("figure", "指标"), ("value", "数值"), ("95 % interval", "95% 置信区间")]
    rows = [
        (FIGURES[name].say(say.language), f"{each.value:.4f}", _interval(each))
        for name, each in _ordered(card)
    ]
    return say.table(heads, rows)


def _ordered(card: EstimatorCard) -> list[tuple[str, Figure]]:
    """Return the figures in the order of ``FIGURES``; a file keeps them by name."""
    return [(name, card.figures[name]) for name in FIGURES if name in card.figures]


def say_figure(figure: Figure) -> str:
    """Say a figure with its interval."""
    found = _interval(figure)
    return f"{figure.value:.3f}" + (f" ({found})" if found else "")


class _Say:
    """Chooses the language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, en: str, zh: str) -> str:
        return zh if self.language == "zh" else en

    def title(self, en: str, zh: str) -> str:
        return f"## {self(en, zh)}"

    def table(self, heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> str:
        lines = [[self(*head) for head in heads], ["---"] * len(heads), *rows]
        return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _head(card: EstimatorCard, say: _Say) -> Iterator[str]:
    share = card.rows_positive / max(1, card.rows)
    yield f"* {say('foresees', '预测目标')}: {card.what.say(say.language)}"
    everybody = card.population.strip().upper() == "TRUE"
    yield f"* {say('of whom', '适用客群')}: {say('everybody', '全部客户') if everybody else f'`{card.population}`'}"
    yield f"* {say('may be used to', '允许用途')}: {', '.join(card.uses)}"
    version, definitions = card.version[:12], card.definitions[:12]
    yield say(
        f"* version `{version}`, kind {card.kind}, definitions `{definitions}`",
        f"* 版本 `{version}`，种类 {card.kind}，定义版本 `{definitions}`",
    )
    yield say(
        f"* learnt from {card.rows:,} rows of {card.customers:,} customers, {card.rows_positive:,} positive ({share:.2%})",
        f"* 训练样本 {card.rows:,} 行，客户 {card.customers:,} 位，正例 {card.rows_positive:,}（{share:.2%}）",
    )
    if card.moments:
        first, last, count = card.moments[0][:10], card.moments[-1][:10], len(card.moments)
        yield say(f"* {count} moments from {first} to {last}", f"* 时点 {count} 个，自 {first} 至 {last}")
    yield f"* {say('outcomes known until', '结果截至')}: {card.known_until}"


def _comparison(card: EstimatorCard, say: _Say) -> str:
    found = card.comparison
    assert found is not None
    words, measure = VERDICTS[found.verdict].say(say.language), FIGURES[found.measure].say(say.language)
    text = say(
        f"{measure} {found.champion_figure:.4f} of champion `{found.champion[:12]}` on the same {found.rows:,} rows; difference "
        f"{found.difference.value:+.4f} ({_interval(found.difference)}): {words}.",
        f"冠军 `{found.champion[:12]}` 在相同 {found.rows:,} 行上的 {measure} 为 {found.champion_figure:.4f}；差异 "
        f"{found.difference.value:+.4f}（{_interval(found.difference)}）：{words}。",
    )
    if found.stand_in:
        text += say(
            " The champion had learnt from these outcomes, so what it was without them stands in for it.",
            "冠军已学习过这些结果，故以其不含这些结果的版本代替比较。",
        )
    return text


def _calibration(card: EstimatorCard, say: _Say) -> str:
    rows = [
        (f"{each.predicted:.4f}", f"{each.observed:.4f}", f"{each.rows:,.0f}") for each in card.calibration
    ]
    return say.table([("said", "预测"), ("happened", "实际"), ("rows", "行数")], rows)


def _features(card: EstimatorCard, say: _Say) -> str:
    names = (
        sorted(card.importance, key=lambda name: -card.importance[name])[:SHOWN]
        or list(card.features)[:SHOWN]
    )
    rows = [
        (
            f"`{name}`",
            f"{card.importance[name]:.1%}" if name in card.importance else "–",
            _drift(card.drift.get(name)),
        )
        for name in names
    ]
    return say.table(
        [("feature", "特征"), ("share of gain", "增益占比"), ("PSI, training to test", "PSI（训练至检验）")],
        rows,
    )


def _drift(psi: float | None) -> str:
    return "–" if psi is None else f"{psi:.3f}" + (" !" if psi >= PSI_LOOK else "")


def _fairness(found: GroupFairness, say: _Say) -> str:
    heads = [
        ("group", "群体"),
        ("rows", "行数"),
        ("in the best fifth", "入选最高五分之一"),
        ("ratio (95 %)", "比值（95%）"),
        ("said", "预测"),
        ("happened", "实际"),
        ("happened / said (95 %)", "实际/预测（95%）"),
    ]
    rows = [
        (
            each.group,
            f"{each.rows:,}",
            f"{each.chosen:.1%}",
            _ratio(each.ratio),
            f"{each.predicted:.4f}",
            "–" if each.observed is None else f"{each.observed:.4f}",
            _ratio(each.calibration),
        )
        for each in found.groups
    ]
    verdict = VERDICTS[found.verdict].say(say.language)
    parity = "–" if found.parity is None else f"{found.parity:.2f}"
    line = say(
        f"**{found.name.en}** (`{found.tag}`), against `{found.reference}`; least over greatest {parity}: {verdict}.",
        f"**{found.name.zh}**（`{found.tag}`），以 `{found.reference}` 为基准；最低/最高 {parity}：{verdict}。",
    )
    return f"{line}\n\n{say.table(heads, rows)}"


def _interval(figure: Figure) -> str:
    return "" if figure.low is None or figure.high is None else f"{figure.low:.4f} – {figure.high:.4f}"


def _ratio(ratio: Ratio) -> str:
    if ratio.value is None:
        return "–"
    if ratio.low is None or ratio.high is None:
        return f"{ratio.value:.2f}"
    return f"{ratio.value:.2f} ({ratio.low:.2f} – {ratio.high:.2f})"
