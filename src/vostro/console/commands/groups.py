"""``vostro clusters``, ``vostro needs``, ``vostro lookalikes`` 分群命令: who is alike, what do they lack, who else?"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter, validators

from vostro.console.commands.common import AsJson, BankFolder, SayIn, terminal_of
from vostro.words import Text, VostroError

__all__ = ["ClusterArgumentsError", "LookalikeSeedError", "clusters", "lookalikes", "needs"]

Tags = Annotated[str | None, Parameter(help="Tags to compare customers by, with commas between them.")]
Seed = Annotated[int, Parameter(name="--random", help="Seed of every draw.")]


class ClusterArgumentsError(VostroError):
    """Neither clusters nor tags were named, or a number that is none."""

    code = "console.cluster_arguments"
    status = 422
    en = "Name clusters of the bank, or tags: 'vostro clusters BANK CODE' or '--tags a,b'; --k is a number or auto."
    zh = "请指定聚类代码或标签：“vostro clusters 目录 代码”或“--tags a,b”；--k 为数字或 auto。"


class LookalikeSeedError(VostroError):
    """No seed was named."""

    code = "console.lookalike_seed"
    status = 422
    en = "Say who the seed is: '--seed RULE', '--seed-file FILE', or both."
    zh = "请指定种子客户：“--seed 规则”、“--seed-file 文件”，或两者。"


@dataclass(frozen=True)
class ByHand:
    """Clusters that no definition names."""

    tags: Tags = None
    method: Annotated[Literal["kmeans", "mixture"], Parameter(help="With --tags: k-means or a mixture.")] = (
        "kmeans"
    )
    k: Annotated[str, Parameter(help="With --tags: how many, or auto.")] = "auto"
    random: Seed = 0


@dataclass(frozen=True)
class SeedWords:
    """Who the seed of a lookalike audience is."""

    seed: Annotated[str | None, Parameter(help="Who the seed is: a rule over tags.")] = None
    seed_file: Annotated[
        Path | None, Parameter(help="A CSV of the seed's customers (column 'customer', or the first).")
    ] = None
    among: Annotated[str | None, Parameter(help="A rule: look at these customers only.")] = None


def clusters(
    bank: BankFolder,
    code: Annotated[str | None, Parameter(help="Clusters that the bank defines; they are kept.")] = None,
    *,
    by_hand: Annotated[ByHand, Parameter(name="*")] = ByHand(),
    assign: Annotated[
        bool, Parameter(negative="", help="Assign customers to the clusters that were found earlier.")
    ] = False,
    rules: Annotated[
        bool, Parameter(negative="", help="Print a rule for each cluster, as segments to keep.")
    ] = False,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Find groups of customers that are alike: how many, how large, and what sets each apart."""
    from vostro.console.group_views import show_clusters
    from vostro.insight import ClusterDefinition
    from vostro.stages import find_clusters

    definition = None
    if code is None:
        if by_hand.tags is None or not (by_hand.k == "auto" or by_hand.k.isdigit()):
            raise ClusterArgumentsError
        definition = ClusterDefinition(
            clusters="by_hand",
            name=Text(en="by hand", zh="临时"),
            features=_list(by_hand.tags),
            method=by_hand.method,
            k="auto" if by_hand.k == "auto" else int(by_hand.k),
            seed=by_hand.random,
        )
    found = find_clusters(bank, code, now=datetime.now(UTC), definition=definition, learn=not assign)
    show_clusters(found, terminal_of(language, bank, json=json), rules=rules)


def needs(
    bank: BankFolder = Path(),
    *,
    products: Annotated[str, Parameter(help="Yes-or-no tags: holds the product; with commas between them.")],
    tags: Tags = None,
    random: Seed = 0,
    ids: Annotated[
        Path | None, Parameter(help="Write each customer's need to this CSV file; personal data.")
    ] = None,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Find which products customers lack that others like them hold."""
    from vostro.console.group_views import show_needs
    from vostro.stages import find_needs

    features = None if tags is None else _list(tags)
    found = find_needs(bank, _list(products), now=datetime.now(UTC), features=features, seed=random)
    if ids is not None:
        found.list.write_csv(ids)
    show_needs(found, terminal_of(language, bank, json=json), ids)


def lookalikes(
    bank: BankFolder = Path(),
    *,
    seed: Annotated[SeedWords, Parameter(name="*")] = SeedWords(),
    size: Annotated[int, Parameter(help="How many are wanted.", validator=validators.Number(gte=1))] = 1000,
    tags: Tags = None,
    random: Seed = 0,
    ids: Annotated[
        Path | None, Parameter(help="Write the customers to this CSV file; personal data.")
    ] = None,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Find the customers that look most like those of a seed, and say how well that works."""
    from vostro.console.group_views import show_lookalikes, write_lookalikes
    from vostro.stages import find_lookalike_audience

    if seed.seed is None and seed.seed_file is None:
        raise LookalikeSeedError
    found = find_lookalike_audience(
        bank,
        now=datetime.now(UTC),
        size=size,
        seed_rule=seed.seed,
        seed_file=seed.seed_file,
        among=seed.among,
        features=None if tags is None else _list(tags),
        random_seed=random,
    )
    if ids is not None:
        write_lookalikes(found, ids)
    show_lookalikes(found, terminal_of(language, bank, json=json), ids)


def _list(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())
