"""How many wrong fills that nobody listed get a reply of their own, and how long that takes.

    python benchmarks/replies.py [--worst N]

Fills are made up for every blank in the ways in which people go wrong: other kinds, signs,
factors, orders, lengths, other exceptions, and whatever else has a name or a value in the
koan. Those that hold or that the koan foresaw are left out. A reply counts if it is more
than "That does not hold here."; one that only names another line that fails is counted
apart. The time is that of judging beyond the time of judging the solved koan.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import gc
import itertools
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch  # noqa: F401 - once, before anything is timed
from sensei.run.observe import observe

from sensei.judge import rules
from sensei.judge.judge import FillState, judge
from sensei.judge.rules import NOTHING_TO_SAY, reveals
from sensei.koan import source
from sensei.koan.graft import read_fill
from sensei.koan.path import Koan, Sheet, read_path
from sensei.run.values import Array, Thing

ROOT = Path(__file__).parent.parent
SECONDS = 10.0
#: What takes longer, in seconds, is measured once more: something else may have run beside it.
DOUBTED = 0.03
EXCEPTIONS = "AttributeError IndexError KeyError NameError NotImplementedError RuntimeError"
EXCEPTIONS += " TypeError ValueError ZeroDivisionError AssertionError Exception BaseException"


class Made(NamedTuple):
    """A fill that somebody might write, and the way of going wrong that it stands for."""

    way: str
    code: str


def made_up(sheet: Sheet, number: int) -> Iterator[Made]:
    """Yield fills for a blank."""
    seen = observe(sheet, [None] * len(sheet.markers), SECONDS)
    answer = sheet.markers[number].answer
    values = seen.blanks[number]
    if values and asks_for_value(answer):
        yield from of_another_kind(values[0])
        yield from of_the_same_kind(values[0])
        if isinstance(values[0], int | float) and not isinstance(values[0], bool):
            yield from neighbours({s.text: s.value for s in seen.sights})
    else:
        yield from code_like(answer)
    for name in dict.fromkeys(s.text for s in seen.sights if s.text.isidentifier()):
        yield Made("a variable", name)
        yield Made("a variable's gradient", f"{name}.grad")


def asks_for_value(answer: ast.expr) -> bool:
    """Whether an answer is a plain value or an exception."""
    return rules.is_plain(read_fill(ast.unparse(answer))) or hasattr(
        builtins, ast.unparse(answer)
    )


def of_another_kind(wanted: object) -> Iterator[Made]:
    """Yield values of all other kinds."""
    for code in ("None", "True", "0", "'text'", "RuntimeError", "torch.float32"):
        yield Made("another kind", code)
    if not isinstance(wanted, type | Thing):
        plain = wanted.values if isinstance(wanted, Array) else wanted
        yield Made("in quotes", repr(str(plain)))
        yield Made("in a list", repr([plain]))
        if isinstance(plain, list):
            yield Made("as a tuple", repr(tuple(plain)))
            if all(isinstance(value, int | float) for value in plain):
                yield Made("as a tensor", f"torch.tensor({plain})")


def of_the_same_kind(wanted: object) -> Iterator[Made]:
    """Yield wrong values of the same kind."""
    if isinstance(wanted, type):
        yield Made("in quotes", repr(wanted.__name__))
        yield Made("an instance", f"{wanted.__name__}()")
        yield from (Made("another exception", name) for name in EXCEPTIONS.split())
    elif isinstance(wanted, list):
        yield Made("another length", repr([*wanted, *wanted[-1:]]))
        yield Made("another length", repr(wanted[:-1]))
        yield from (Made("an order", repr(list(p))) for p in itertools.permutations(wanted))
        for place, element in enumerate(wanted):
            for made in of_the_same_kind(element):
                if made.way not in {"another length", "an order"}:
                    code = [repr(v) for v in wanted]
                    code[place] = made.code
                    yield Made(f"one of several: {made.way}", f"[{', '.join(code)}]")
    elif isinstance(wanted, bool):
        yield Made("the other flag", repr(not wanted))
    elif isinstance(wanted, int | float):
        yield from other_numbers(wanted)
    elif wanted is None:
        yield Made("zero", "0.0")
        yield Made("in quotes", "'None'")
    elif isinstance(wanted, str):
        yield Made("spelling", repr(wanted.lower()))
        yield Made("spelling", repr(wanted[:-1]))
        yield Made("without quotes", wanted)


def other_numbers(wanted: float) -> Iterator[Made]:
    """Yield what a number becomes when one thing is overlooked."""
    yield Made("the sign", repr(-wanted))
    for factor in (2, 3, 4, 0.5, 0.25):
        yield Made("a factor", repr(wanted * factor))
    yield Made("a factor and the sign", repr(-2 * wanted))
    yield Made("rounding", repr(round(wanted * 1.004, 3)))
    yield Made("zero", "0.0")
    yield Made("nothing", "None")


def neighbours(values: dict[str, object]) -> Iterator[Made]:
    """Yield other numbers of the koan, and what is easily computed from two of them."""
    numbers = {
        text: value
        for text, value in values.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    named = [value for text, value in numbers.items() if text.isidentifier()]
    for value in numbers.values():
        yield Made("a value of the koan", repr(value))
    for value in named:
        yield Made("a square or double of one", repr(2 * value))
        yield Made("a square or double of one", repr(value**2))
    for one, other in itertools.combinations(named, 2):
        yield Made("made of two values", repr(one + other))
        yield Made("made of two values", repr(one * other))


def code_like(answer: ast.expr) -> Iterator[Made]:
    """Yield code that is near an answer that is code."""
    text = ast.unparse(answer)
    for code in ("None", "0", "1.0", "True", "'text'", "pass", "..."):
        yield Made("no code at all", code)
    yield Made("the sign", f"-({text})")
    yield Made("a factor", f"2 * ({text})")
    yield Made("in quotes", repr(text))
    yield Made("in a list", f"[{text}]")
    yield Made("misspelled", text.replace("a", "aa", 1))
    if isinstance(answer, ast.Call):
        yield Made("not called", ast.unparse(answer.func))
    for part in ast.walk(answer):
        if isinstance(part, ast.BinOp):
            yield Made("a part of it", ast.unparse(part.left))
            yield Made("a part of it", ast.unparse(part.right))
        if isinstance(part, ast.Name) and not isinstance(answer, ast.Name):
            yield Made("a part of it", part.id)


class Told(NamedTuple):
    """What became of a fill."""

    koan: Koan
    made: Made
    reply: str
    seconds: float
    reveals: bool


def told(koan: Koan, number: int, made: Made, floor: float) -> Told | None:
    """Judge a fill in a koan that has answers elsewhere; None if it holds or was foreseen."""
    assert koan.sheet is not None
    texts = [ast.unparse(marker.answer) for marker in koan.sheet.markers]
    texts[number] = made.code
    page = as_page(koan, texts)
    start = time.perf_counter()
    verdict = judge(page, SECONDS)
    seconds = time.perf_counter() - start - floor
    judged = verdict.fills[number] if verdict.fills else None
    if judged is None or judged.state is not FillState.WRONG or judged.reply is None:
        return None
    if judged.reply.known:
        return None
    if seconds > DOUBTED:
        start = time.perf_counter()
        judge(page, SECONDS)
        seconds = min(seconds, time.perf_counter() - start - floor)
    answer, text = koan.sheet.markers[number].answer, judged.reply.text
    return Told(koan, made, text, seconds, reveals(text, answer, koan.sheet.pattern.text))


def as_page(koan: Koan, fills: list[str]) -> Koan:
    """Return a koan as a learner's file would have it, with fills in its blanks."""
    assert koan.sheet is not None
    page = source.fill(koan.sheet.pattern, fills)
    return Koan(koan.chapter, koan.name, (page,), koan.answered)


def time_of(koan: Koan) -> float:
    """Return how long a solved koan takes, in seconds; the best of three."""
    assert koan.sheet is not None
    page = as_page(koan, [ast.unparse(marker.answer) for marker in koan.sheet.markers])
    times = []
    for _ in range(3):
        start = time.perf_counter()
        judge(page, SECONDS)
        times.append(time.perf_counter() - start)
    return min(times)


def tell_all() -> Iterator[Told]:
    """Yield what becomes of every fill that is made up, once for each."""
    for chapter in read_path(ROOT / "koans", ROOT / "answers"):
        for koan in chapter.koans:
            assert koan.sheet is not None
            floor = time_of(koan)
            for number in range(len(koan.sheet.markers)):
                by_code = {made.code: made for made in made_up(koan.sheet, number)}
                for made in by_code.values():
                    if one := told(koan, number, made, floor):
                        yield one


def is_silent(one: Told) -> bool:
    """Whether nothing is said but that it does not hold."""
    return one.reply == NOTHING_TO_SAY.text


def is_indirect(one: Told) -> bool:
    """Whether only the line is named that fails."""
    return one.reply.startswith("With this, another line")


def main() -> None:
    """Print the shares by the way of going wrong, what gets no reply, and the slowest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worst", type=int, default=20, help="how many to list")
    worst = parser.parse_args().worst
    gc.collect()
    gc.freeze()  # what was imported is not looked through again and again
    everything = list(tell_all())
    ways = Counter(one.made.way for one in everything)
    silent, indirect = (list(filter(kind, everything)) for kind in (is_silent, is_indirect))
    print(f"{'way of going wrong':40} {'fills':>6} {'line':>6} {'none':>6}")
    for way, count in sorted(ways.items()):
        lines, none = (sum(one.made.way == way for one in some) for some in (indirect, silent))
        print(f"{way:40} {count:6} {lines:6} {none:6}")
    total = len(everything)
    own = 1 - (len(silent) + len(indirect)) / total
    print(f"{'in all':40} {total:6} {len(indirect):6} {len(silent):6}")
    print(f"A reply of their own: {own:.1%}. The line that fails: {len(indirect) / total:.1%}.")
    print(f"Replies that hold the answer: {sum(one.reveals for one in everything)}.")
    times = sorted(one.seconds * 1000 for one in everything)
    middle = statistics.median(times)
    print(f"Milliseconds beyond the koan: median {middle:.1f}, most {times[-1]:.1f}.")
    print("\nWithout a reply of their own:")
    without = [*silent, *indirect]
    for one in without[:: max(1, len(without) // worst)]:
        print(f"  {one.koan.name}: {one.made.code}   ({one.made.way})")
    print("\nSlowest:")
    for one in sorted(everything, key=lambda one: -one.seconds)[:5]:
        print(f"  {one.seconds * 1000:.0f} ms  {one.koan.name}: {one.made.code}")


if __name__ == "__main__":
    main()
