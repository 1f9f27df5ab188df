"""Made-up people 生成人口: records of people with known truth, as several systems would hold them.

Names come in families that share surname, street and town, so that relatives look alike; a person's records
differ by slips of the keyboard, gaps, changed names, moves and swapped fields. Nothing is taken from any data set.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

__all__ = ["WORLDS", "World", "made_people"]

_SYLLABLES = [consonant + vowel for consonant in "bdfghklmnrstv" for vowel in "aeio"]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_FIELDS = ("first_name", "surname", "dob", "street", "town", "postcode", "email", "phone")


class World(NamedTuple):
    """How many people there are, and how badly they were written down."""

    people: int
    records: float  # mean number of a person's records
    slips: float  # share of values with a slip
    gaps: float  # share of values that are missing
    moves: float  # share of records with another address, and another telephone
    fields: tuple[str, ...] = _FIELDS


WORLDS = {
    "tidy": World(1_000, 2.5, 0.08, 0.03, 0.05),
    "sparse": World(300, 3.5, 0.15, 0.20, 0.15, ("first_name", "surname", "dob", "town", "email")),
    "long": World(
        1_200, 9.0, 0.12, 0.15, 0.25, ("first_name", "surname", "dob", "street", "town", "postcode")
    ),
}


def made_people(world: World, seed: int) -> tuple[pl.DataFrame, pl.Series]:
    """Return records with a column ``id``, in random order, and the person of each.

    >>> records, truth = made_people(World(10, 3.0, 0.1, 0.1, 0.1), seed=1)
    >>> records.height == len(truth), truth.n_unique()
    (True, 10)
    """
    rng = np.random.default_rng(seed)
    persons = _persons(world.people, rng)
    copies = 1 + rng.poisson(world.records - 1, world.people)
    who = np.repeat(np.arange(world.people), copies)
    rng.shuffle(who)
    moved = rng.random(len(who)) < world.moves
    elsewhere = _persons(len(who), rng)
    found: dict[str, list[str | None]] = {}
    for name in world.fields:
        values = [persons[name][person] for person in who]
        if name in ("street", "town", "postcode", "phone"):
            values = [elsewhere[name][i] if moved[i] else value for i, value in enumerate(values)]
        slip, gap = rng.random(len(who)) < world.slips, rng.random(len(who)) < world.gaps
        found[name] = [
            None if gap[i] else _slipped(value, rng) if slip[i] else value for i, value in enumerate(values)
        ]
    swapped = rng.random(len(who)) < world.slips / 8
    first, last = found["first_name"], found["surname"]
    for i in np.flatnonzero(swapped):
        first[i], last[i] = last[i], first[i]
    ids = [f"r{i}" for i in range(len(who))]
    return pl.DataFrame({"id": ids} | found), pl.Series("person", who)


def _persons(people: int, rng: np.random.Generator) -> dict[str, list[str]]:
    """Make people up, in families of two and a half on average."""
    family = np.sort(rng.integers(0, max(1, int(people / 2.5)), people))
    families = int(family.max()) + 1
    surnames = _common(_words(max(20, families // 3), 3, rng), families, rng)
    first = _common(_words(max(20, people // 10), 2, rng), people, rng)
    towns = _common(_words(max(8, families // 30), 3, rng), families, rng)
    streets = [f"{rng.integers(1, 200)} {word} street" for word in _words(families, 3, rng)]
    codes = [f"{rng.integers(10_000, 99_999)}" for _ in range(families)]
    born = np.datetime64("1930-01-01") + rng.integers(0, 80 * 365, people)
    surname = [surnames[each] for each in family]
    return {
        "first_name": first,
        "surname": surname,
        "dob": [str(each) for each in born],
        "street": [streets[each] for each in family],
        "town": [towns[each] for each in family],
        "postcode": [codes[each] for each in family],
        "email": [
            f"{one}.{other}{rng.integers(0, 99)}@mail.example"
            for one, other in zip(first, surname, strict=True)
        ],
        "phone": [f"0{rng.integers(10**8, 10**9)}" for _ in range(people)],
    }


def _words(count: int, syllables: int, rng: np.random.Generator) -> list[str]:
    parts = rng.choice(_SYLLABLES, (count, syllables))
    return ["".join(row) for row in parts.tolist()]


def _common(words: list[str], count: int, rng: np.random.Generator) -> list[str]:
    """Draw words, a few of them often: the n-th is drawn in proportion to 1/n."""
    odds = 1 / np.arange(1, len(words) + 1)
    return [words[i] for i in rng.choice(len(words), count, p=odds / odds.sum()).tolist()]


def _slipped(value: str, rng: np.random.Generator) -> str:
    """Change, leave out, double or swap one letter, or cut the word short."""
    place = int(rng.integers(0, max(1, len(value) - 1)))
    other = "0123456789"[int(rng.integers(10))] if value[place].isdigit() else _LETTERS[int(rng.integers(26))]
    match int(rng.integers(5)):
        case 0:
            return value[:place] + other + value[place + 1 :]
        case 1:
            return value[:place] + value[place + 1 :]
        case 2:
            return value[:place] + value[place] + value[place:]
        case 3:
            return value[:place] + value[place + 1 : place + 2] + value[place] + value[place + 2 :]
    return value[: max(1, len(value) // 2)] if value.isalpha() else value[:place] + other + value[place + 1 :]
