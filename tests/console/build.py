"""A realistic RunReport from a seeded simulation: a bank that calls customers about a term deposit.

Everything that a stage would compute is computed here with textbook formulas, so that the
figures of the page hang together as those of a real run do.
"""

from typing import Any

import msgspec
import numpy as np

from vostro.learn import results as r
from vostro.words import Text

ROWS, FIRST, WAVE = 41_188, 8_000, 2_000
MARGIN, COST = 120.0, 4.0
NOTE = Text(
    "In this history everyone was contacted, the control group too. Chosen against control therefore says "
    "nothing about the effect of a contact; chosen against random says what choosing well is worth.",
    "该历史数据中所有客户（包括对照留白组）都被联系过，因此“选中对比对照”不反映触达效果；“选中对比随机”才反映择优的价值。",
)
JOBS = {
    "admin.": "行政人员",
    "blue-collar": "蓝领工人",
    "technician": "技术人员",
    "services": "服务业人员",
    "management": "管理人员",
    "retired": "退休人员",
    "student": "学生",
}


def wilson(successes: int, rows: int) -> r.Rate:
    """The rate with its Wilson interval, z = 1.96."""
    if not rows:
        return r.Rate(0, 0, None, None, None)
    z, p = 1.96, successes / rows
    middle = (p + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z * np.sqrt(p * (1 - p) / rows + z * z / (4 * rows * rows)) / (1 + z * z / rows)
    return r.Rate(rows, successes, float(p), float(middle - half), float(middle + half))


def money(amount: float) -> str:
    """An amount as the engine writes it."""
    return f"{amount:.2f} EUR"


def auc(score: np.ndarray, target: np.ndarray) -> float:
    """Chance that a success outranks a failure (Mann-Whitney)."""
    rank = np.empty(len(score))
    rank[np.argsort(score)] = np.arange(1, len(score) + 1)
    positive = int(target.sum())
    return float((rank[target].sum() - positive * (positive + 1) / 2) / (positive * (len(target) - positive)))


class Bank:
    """The simulated calls: features, true chance, outcome, estimate."""

    def __init__(self, seed: int = 7) -> None:
        rng = np.random.default_rng(seed)
        self.rng = rng
        time = np.arange(ROWS) / ROWS
        self.age = np.clip(rng.normal(40, 11, ROWS), 17, 98).astype(int)
        self.job = rng.choice(list(JOBS), ROWS, p=[0.27, 0.24, 0.17, 0.1, 0.1, 0.07, 0.05])
        self.euribor = np.round(5.0 - 4.2 * time + rng.normal(0, 0.15, ROWS), 3)
        self.contacted = rng.random(ROWS) < 0.06 + 0.25 * time**2
        wish = rng.normal(0, 1.0, ROWS)
        logit = -3.6 + 2.4 * time**2 + 1.7 * self.contacted + 0.6 * (self.job == "student") + 0.9 * wish
        logit += 0.35 * (self.age > 60)
        self.chance = 1 / (1 + np.exp(-logit))
        self.success = rng.random(ROWS) < self.chance
        self.estimate = 1 / (1 + np.exp(-(logit - 0.35 * wish + rng.normal(0, 0.3, ROWS))))
        self.wave = (np.arange(ROWS) - FIRST) // WAVE + 1
        self.scored = np.arange(ROWS) >= FIRST


def source(bank: Bank) -> list[r.SourceResult]:
    """Quality of two files."""
    jobs, counts = np.unique(bank.job, return_counts=True)
    order = np.argsort(-counts)
    ages = np.histogram(bank.age, bins=[17, 25, 33, 41, 49, 57, 65, 73, 81, 89, 99])
    euribor = np.histogram(bank.euribor, bins=10)

    def bins(histogram: tuple[np.ndarray, np.ndarray]) -> list[tuple[str, int]]:
        edges = histogram[1]
        return [(f"{edges[i]:g} – {edges[i + 1]:.4g}", int(n)) for i, n in enumerate(histogram[0])]

    column = r.ColumnResult
    columns = [
        column(
            "customer_id",
            Text("Number of the customer", "客户号"),
            "text",
            "identity",
            1.0,
            1.0,
            1.0,
            None,
            None,
            [],
            0.0,
        ),
        column(
            "age",
            Text("Age in years", "年龄（周岁）"),
            "integer",
            "basic",
            1.0,
            0.99971,
            0.0019,
            "17",
            "98",
            bins(ages),
            0.012,
        ),
        column(
            "job",
            Text("Occupation", "职业"),
            "text",
            "basic",
            0.992,
            1.0,
            0.0003,
            "admin.",
            "technician",
            [(str(jobs[i]), int(counts[i])) for i in order],
            0.31,
        ),
        column(
            "in_default",
            Text("Has credit in default", "是否有信贷违约"),
            "boolean",
            "financial",
            0.791,
            1.0,
            0.00005,
            None,
            None,
            [("false", 32588), ("true", 3)],
            0.004,
        ),
        column(
            "previous_contacts",
            Text("Contacts before this campaign", "本次活动前的接触次数"),
            "integer",
            "none",
            1.0,
            1.0,
            0.0002,
            "0",
            "7",
            [("0", 35563), ("1", 4561), ("2", 754), ("3", 216), ("4", 70), ("5", 18), ("6", 5), ("7", 1)],
            0.02,
        ),
        column(
            "euribor_3m",
            Text("Euribor, three months, %", "三个月 Euribor 利率（%）"),
            "decimal",
            "none",
            1.0,
            0.99998,
            0.0077,
            "0.634",
            "5.045",
            bins(euribor),
            0.14,
        ),
        column(
            "phone",
            Text("Telephone number", "联系电话"),
            "text",
            "contact",
            0.871,
            0.998,
            0.999,
            None,
            None,
            [],
            None,
        ),
    ]
    below = Text("age is 12, below the least allowed 17", "age 为 12，低于允许的最小值 17")
    number = Text("euribor_3m is not a decimal number", "euribor_3m 不是小数")
    rejects = [
        r.RejectLine(1042, "age", "12", below),
        r.RejectLine(2210, "euribor_3m", "n/a", number),
        r.RejectLine(9008, "phone", "•••••••", Text("the value breaks the pattern", "取值不符合格式要求")),
        r.RejectLine(
            13771,
            None,
            None,
            Text("the record has 19 fields, the header has 21", "该记录有 19 个字段，表头为 21 个"),
        ),
    ]
    for i in range(6):
        reason = Text(f"age is {10 + i}, below the least allowed 17", f"age 为 {10 + i}，低于允许的最小值 17")
        rejects.append(r.RejectLine(20000 + 731 * i, "age", str(10 + i), reason))
    reasons = {
        "capture.below_minimum": 12,
        "capture.pattern": 7,
        "capture.type": 1,
        "capture.ragged_record": 1,
    }
    clients = r.SourceResult(
        "clients",
        Text("Customers that were called, with the market of the day", "外呼客户及当日市场情况"),
        "bank-additional-full.csv.gz",
        ROWS,
        ROWS - 21,
        21,
        False,
        "2008-05-01T07:00:00+00:00",
        "2010-11-30T17:20:00+00:00",
        columns,
        rejects,
        reasons,
    )
    answers = r.SourceResult(
        "calls",
        Text("Answers to the calls", "外呼结果"),
        "calls_2010-11.csv.gz",
        ROWS,
        ROWS,
        0,
        True,
        "2008-05-01T07:00:00+00:00",
        "2010-11-30T17:20:00+00:00",
        [
            column(
                "subscribed",
                Text("Bought the deposit", "是否认购存款"),
                "boolean",
                "none",
                1.0,
                1.0,
                0.00005,
                None,
                None,
                [("false", int((~bank.success).sum())), ("true", int(bank.success.sum()))],
                None,
            )
        ],
        [],
        {},
    )
    return [clients, answers]


def portrait(bank: Bank, chosen: np.ndarray) -> list[r.PortraitTag]:
    """Base against chosen, tag by tag."""

    def tag(code: str, name: Text, dimension: str, masks: list[tuple[Text, np.ndarray]]) -> r.PortraitTag:
        bins = []
        for value, mask in masks:
            base, audience = float(mask.mean()), float(mask[chosen].mean())
            bins.append(r.PortraitBin(value, base, audience, 100 * audience / base if base else None))
        return r.PortraitTag(code, name, dimension, 0.99, bins)

    ages = [(17, 30), (30, 40), (40, 50), (50, 60), (60, 99)]
    rates = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 6)]
    return [
        tag(
            "was_contacted",
            Text("Contacted before", "曾被接触"),
            "behaviour",
            [(Text("yes", "是"), bank.contacted), (Text("no", "否"), ~bank.contacted)],
        ),
        tag(
            "euribor_3m",
            Text("Euribor, three months", "三个月 Euribor 利率"),
            "consumption",
            [(Text(f"{a} – {b} %", f"{a}–{b}%"), (bank.euribor >= a) & (bank.euribor < b)) for a, b in rates],
        ),
        tag(
            "age",
            Text("Age", "年龄"),
            "basic",
            [(Text(f"{a} – {b - 1}", f"{a}–{b - 1} 岁"), (bank.age >= a) & (bank.age < b)) for a, b in ages],
        ),
        tag(
            "job",
            Text("Occupation", "职业"),
            "basic",
            [(Text(j, zh), bank.job == j) for j, zh in JOBS.items()],
        ),
    ]


def shuffled(bank: Bank) -> r.ShuffledResult:
    """Ranking and calibration over all rows."""
    order = np.argsort(-bank.estimate)
    average = bank.success.mean()
    lift = []
    for tenth, part in enumerate(np.array_split(order, 10), 1):
        rate = float(bank.success[part].mean())
        lift.append(r.LiftRow(tenth, float(len(part)), rate, float(rate / average)))
    bins = []
    for part in np.array_split(order[::-1], 15):
        bins.append(
            r.CalibrationBin(
                float(bank.chance[part].mean()), float(bank.success[part].mean()), float(len(part))
            )
        )
    error = float(sum(b.rows * abs(b.predicted - b.observed) for b in bins) / ROWS)
    hits = bank.success[order]
    precision = float((np.cumsum(hits) / np.arange(1, ROWS + 1))[hits].mean())
    area, half = auc(bank.estimate, bank.success), float(hits[: ROWS // 2].mean() / average)
    return r.ShuffledResult(
        5, ROWS, area, area - 0.0068, area + 0.0068, precision, error, half, lift[0].lift, lift, bins
    )


def waves(bank: Bank) -> tuple[r.WavesResult, np.ndarray]:
    """Every wave's best fifth, and the mask of the chosen."""
    chosen = np.zeros(ROWS, bool)
    rows = []
    for wave in range(1, int(bank.wave.max()) + 1):
        inside = np.flatnonzero(bank.scored & (bank.wave == wave))
        best = inside[np.argsort(-bank.estimate[inside])][: len(inside) // 5]
        chosen[best] = True
        rate, top = float(bank.success[inside].mean()), float(bank.success[best].mean())
        area = auc(bank.estimate[inside], bank.success[inside])
        rows.append(r.WaveResult(wave, len(inside), rate, top, top / rate, area))
    ratios = np.array([w.ratio for w in rows])
    means = bank.rng.choice(ratios, (2000, len(ratios))).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return r.WavesResult(WAVE, FIRST, float(ratios.mean()), float(low), float(high), rows), chosen


def examples() -> list[r.DecisionExample]:
    """Ten decisions with reasons."""
    say = {
        "was_contacted": Text(
            "The customer bought after an earlier campaign.", "该客户在以往营销活动后办理过业务。"
        ),
        "euribor_3m": Text(
            "The market rate is low (0.7 %), so a fixed deposit rate attracts.",
            "市场利率较低（0.7%），定存利率有吸引力。",
        ),
        "age": Text("At 63 the customer likes safe, fixed returns.", "客户 63 岁，偏好稳健的固定收益。"),
        "job": Text("As a student the customer saves small sums often.", "客户为学生，常有小额储蓄。"),
        "calls_made": Text(
            "The customer was called 4 times already in this campaign.", "本次活动中已致电该客户 4 次。"
        ),
    }
    words = {
        "chosen": Text(
            "Chosen: its expected value is among the best of the wave.", "选中：预期价值居本批次前列。"
        ),
        "control": Text(
            "Left alone on purpose, so that the effect can be measured.", "留白：特意不接触，用于衡量成效。"
        ),
        "not_chosen": Text(
            "Worth a call, but the capacity was used by better ones.", "值得致电，但容量已被更优客户占用。"
        ),
        "suppressed": Text("Called too often already in this campaign.", "本次活动中致电次数已达上限。"),
    }
    verdicts = ["chosen"] * 5 + ["control"] * 2 + ["not_chosen"] * 2 + ["suppressed"]
    out = []
    for i, verdict in enumerate(verdicts):
        chance = round(0.62 - 0.055 * i, 4)
        names = ["was_contacted", "euribor_3m", "age"] if i % 2 == 0 else ["job", "euribor_3m", "calls_made"]
        effects = [0.91 - 0.05 * i, 0.44, -0.21]
        reasons = [r.ReasonLine(n, say[n], round(e, 2)) for n, e in zip(names, effects, strict=True)]
        value = None if verdict == "suppressed" else money(chance * MARGIN - COST)
        if verdict == "suppressed":
            reasons = []
        out.append(
            r.DecisionExample(
                f"d{i:06d}",
                f"••••{1203 + 377 * i}",
                verdict,
                words[verdict],
                3 + i,
                None if verdict == "suppressed" else chance,
                value,
                reasons,
                None
                if verdict in ("control", "suppressed")
                else Text(en="Good day, this is your bank.", zh="您好，这里是您的开户银行。"),
            )
        )
    return out


def effect(bank: Bank, chosen: np.ndarray) -> r.EffectResult:
    """Chosen against random and control."""
    left_alone = chosen & (bank.rng.random(ROWS) < 0.1)
    called = chosen & ~left_alone
    size = int(called.sum())
    base = float(bank.success[bank.scored].mean())
    got, lucky = wilson(int(bank.success[called].sum()), size), wilson(round(base * size), size)
    held = wilson(int(bank.success[left_alone].sum()), int(left_alone.sum()))
    ratio = got.rate / lucky.rate
    spread = 1.96 * np.sqrt((1 - got.rate) / got.successes + (1 - lucky.rate) / lucky.successes)
    extra = got.successes - lucky.successes
    half = 1.96 * np.sqrt(size * (got.rate * (1 - got.rate) + base * (1 - base)))
    return r.EffectResult(
        "measured",
        True,
        got,
        lucky,
        held,
        ratio,
        float(ratio * np.exp(-spread)),
        float(ratio * np.exp(spread)),
        got.rate - held.rate,
        got.rate - held.rate - 0.021,
        got.rate - held.rate + 0.021,
        float(extra),
        float(extra - half),
        float(extra + half),
        money(got.successes * MARGIN - size * COST),
        Text(
            "Wilson intervals for rates; ratio by the delta method on the log scale.",
            "成功率采用 Wilson 区间；比值在对数尺度上用 Delta 法求区间。",
        ),
        NOTE,
    )


def capacity(bank: Bank) -> list[r.CapacityPoint]:
    """Successes and value at every share of the wave."""
    place = np.full(ROWS, np.inf)  # the share of its wave that stands before a customer
    for wave in range(1, int(bank.wave.max()) + 1):
        inside = np.flatnonzero(bank.scored & (bank.wave == wave))
        place[inside[np.argsort(-bank.estimate[inside])]] = np.arange(len(inside)) / len(inside)
    hits = bank.success[np.argsort(place, kind="stable")][: int(bank.scored.sum())]
    points = []
    for share in (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        contacts = round(share * len(hits))
        won = int(hits[:contacts].sum())
        half, net = float(1.96 * np.sqrt(won * (1 - won / contacts))), won * MARGIN - contacts * COST * 4
        points.append(
            r.CapacityPoint(
                share,
                contacts,
                float(won),
                float(won - half),
                float(won + half),
                won / contacts,
                money(net),
                net,
                share == 0.2,
            )
        )
    return points


NAMES = {
    "euribor_3m": Text("Euribor, three months", "三个月 Euribor 利率"),
    "was_contacted": Text("Contacted before", "曾被接触"),
    "age": Text("Age", "年龄"),
    "job": Text("Occupation", "职业"),
    "calls_made": Text("Calls in this campaign", "本次活动致电次数"),
    "month": Text("Month of the call", "致电月份"),
}


def build(seed: int = 7) -> r.RunReport:
    """The whole report of one run."""
    bank = Bank(seed)
    by_wave, chosen = waves(bank)
    candidates = int(bank.scored.sum())
    result = effect(bank, chosen)
    verdicts = {
        "chosen": result.chosen.rows,
        "explored": 120,
        "control": result.control.rows,
        "suppressed": 611,
    }
    verdicts |= {"not_worth": 1204, "ineligible": 37}
    verdicts["not_chosen"] = candidates - sum(verdicts.values())
    step = r.FunnelStep
    funnel = [
        step("customers", Text("Customers of the bank", "全行客户"), ROWS),
        step("segment", Text("In the segment", "进入客群"), 40_911),
        step("eligible", Text("Pass eligibility", "通过准入"), candidates),
        step("not_suppressed", Text("Not suppressed", "未被抑制"), candidates - 611),
        step("chosen", Text("Chosen within capacity", "容量内选中"), result.chosen.rows),
    ]
    audience = r.AudienceResult(
        "callable",
        Text("Customers who may be called", "可外呼客户"),
        "age >= 18 AND NOT in_default",
        Text("Age is at least 18, and not (has credit in default)", "年龄不低于 18，且不满足“有信贷违约”"),
        ROWS,
        40_911,
        funnel,
        portrait(bank, chosen),
    )
    steps = {
        "capture": 3.21,
        "portrait": 1.04,
        "insight": 31.7,
        "decide": 2.4,
        "reach": 0.61,
        "listen": 0.33,
        "learn": 1.92,
    }
    versions = {
        "vostro": "0.1.0",
        "python": "3.11.2",
        "decision_policy": "3f9c1a7b20de",
        "response_model": "b81e6c0a4417",
    }
    return r.RunReport(
        run_id="20101130-172000-term_deposit",
        bank="examples/term_deposit",
        bank_name=Text("Lisbon retail bank", "里斯本零售银行"),
        campaign="term_deposit_calls",
        campaign_name=Text("Term deposit by telephone, 2008–2010", "2008–2010 年定期存款电话营销"),
        action="term_deposit_call",
        action_name=Text("Call about a term deposit", "定期存款外呼"),
        product_name=Text("Term deposit, 12 months", "12 个月定期存款"),
        started="2026-11-23T18:07:12+00:00",
        seed=seed,
        versions=versions,
        currency="EUR",
        sources=source(bank),
        audience=audience,
        shuffled=shuffled(bank),
        waves=by_wave,
        drift_psi={
            "euribor_3m": 0.41,
            "month": 0.22,
            "was_contacted": 0.13,
            "age": 0.03,
            "job": 0.02,
            "calls_made": 0.01,
        },
        importance={
            "euribor_3m": 0.43,
            "was_contacted": 0.21,
            "age": 0.14,
            "month": 0.1,
            "job": 0.07,
            "calls_made": 0.05,
        },
        tag_names=NAMES,
        decisions=r.DecisionsResult(candidates, verdicts, len(by_wave.waves) * 400, examples()),
        effect=result,
        capacity=capacity(bank),
        channels=[
            r.ChannelResult(
                "call",
                Text("Call centre", "呼叫中心"),
                "out/term_deposit_calls/call_list.csv",
                result.chosen.rows,
            )
        ],
        steps_seconds=steps,
        seconds=sum(steps.values()),
        memory_mb=913.4,
    )


def waiting() -> r.RunReport:
    """A run whose outcomes have not come yet: everything that needs them is None."""
    full = build()
    nothing: dict[str, Any] = dict.fromkeys(r.EffectResult.__struct_fields__)
    size = full.effect.chosen.rows
    nothing |= {
        "status": "waiting",
        "replays_history": False,
        "chosen": r.Rate(size, 0, None, None, None),
        "random": r.Rate(0, 0, None, None, None),
        "control": r.Rate(731, 0, None, None, None),
        "method": full.effect.method,
        "note": Text("Outcomes are expected within 30 days.", "预计 30 天内取得业务结果。"),
    }
    return msgspec.structs.replace(
        full, effect=r.EffectResult(**nothing), shuffled=None, waves=None, capacity=[], drift_psi={}
    )


def bare() -> r.RunReport:
    """The least that a run can hold: no sources, no tags, no decisions."""
    audience = r.AudienceResult(
        "all", Text("Everybody", "全部客户"), "TRUE", Text("everybody", "全部客户"), 0, 0, [], []
    )
    empty = msgspec.structs.replace(
        waiting(), sources=[], audience=audience, importance={}, channels=[], steps_seconds={}, versions={}
    )
    return msgspec.structs.replace(empty, decisions=r.DecisionsResult(0, {}, 0, []))


HOSTILE = '</script><img src=x onerror="window.hacked=1"><b>\'&{{7*7}}'


_MAPS = {
    "versions",
    "rejects_by_reason",
    "drift_psi",
    "importance",
    "tag_names",
    "by_verdict",
    "steps_seconds",
}


def _spoil(value: Any, *, is_map: bool = False) -> Any:
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, list | tuple):
        return [_spoil(item) for item in value]
    if isinstance(value, dict):
        return {HOSTILE * is_map + key: _spoil(item, is_map=key in _MAPS) for key, item in value.items()}
    return value


def hostile() -> r.RunReport:
    """A run whose every text is an attack."""
    spoiled = _spoil(msgspec.to_builtins(build()))
    spoiled["effect"]["status"] = "measured"
    return msgspec.convert(spoiled, r.RunReport)
