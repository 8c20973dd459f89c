"""How many wrong fills that nobody listed get a reply of their own, and whether it is true.

    python benchmarks/replies.py [--worst N]

Fills are made up for every blank in the ways in which people go wrong: other kinds, signs,
factors, orders, lengths, other exceptions, and whatever else has a name or a value in the
koan. Those that hold or that the koan foresaw are left out. A reply counts if it is more
than "That does not hold here."; one that only names another line that fails is counted
apart. What a reply claims is then asked of the case itself.
"""

from __future__ import annotations

import argparse
import ast
import itertools
import math
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sensei.judge import (
    as_written,
    compare,
    foreseen,
    formulas,
    kinds,
    lines,
    names,
    objects,
    quantities,
    rules,
    worth,
)
from sensei.judge.claim import Claim, Reply
from sensei.judge.judge import StoppedError, case_of
from sensei.judge.kinds import is_number
from sensei.judge.prediction import asks_for_value
from sensei.judge.secrets import gives_away
from sensei.koan.graft import Fill, read_fill
from sensei.koan.path import Koan, Sheet, read_path
from sensei.koan.source import Part
from sensei.run.observer import Seen, Sight
from sensei.run.runner import Run, runner
from sensei.run.values import Array, Dtype, Thing, Type

ROOT = Path(__file__).parent.parent
SECONDS = 10.0
EXCEPTIONS = "AttributeError IndexError KeyError NameError NotImplementedError RuntimeError"
EXCEPTIONS += " TypeError ValueError ZeroDivisionError AssertionError Exception BaseException"


class Made(NamedTuple):
    """A fill that somebody might write, and the way of going wrong that it stands for."""

    way: str
    code: str


def made_up(sheet: Sheet, number: int, seen: Seen) -> Iterator[Made]:
    """Yield fills for a blank; `seen` is what its koan computes with the answers."""
    marker, values = sheet.markers[number], seen.blank(number)
    yield from other_ways(marker.answer)
    variables = list(dict.fromkeys(s.text for s in seen.sights if s.text.isidentifier()))
    if values and asks_for_value(marker):
        yield from of_another_kind(values[0])
        yield from of_the_same_kind(values[0])
        if is_number(values[0]):
            yield from neighbours(seen.sights)
    else:
        yield from code_like(marker.answer)
    if marker.is_line:
        yield from lines_like(variables)
    yield from of_no_name(sheet, number, variables)
    for name in variables:
        yield Made("a variable", name)
        yield Made("a variable's gradient", f"{name}.grad")
        if isinstance(marker.answer, ast.List):
            yield Made("a variable in a list", f"[{name}]")


def other_ways(answer: ast.expr) -> Iterator[Made]:
    """Yield code that comes to common values in ways of its own, or to errors."""
    code = ast.unparse(answer)
    for other in ("print(6)", "max([0.0, -1.0])", "3 > 4", "str(6)", "[3 > 4, 4 > 3]"):
        yield Made("a value by code", other)
    for other in (f"[{code}, {code}, {code}]", "['x', 'c', 'd', 'e']", "[None]", "(True,)"):
        yield Made("others in a list", other)
    for other in ("torch.zeros('a')", "torch.ones(2).cuda()", "[][1]", "torch.ones(2).item()"):
        yield Made("what raises", other)
    other = "torch.ones(1, requires_grad=True).numpy()"
    yield Made("what raises", other)


def of_another_kind(wanted: object) -> Iterator[Made]:
    """Yield values of all other kinds."""
    for code in ("None", "True", "0", "'text'", "RuntimeError", "torch.float32", "float"):
        yield Made("another kind", code)
    if not isinstance(wanted, Type | Dtype | Thing):
        plain = wanted.values if isinstance(wanted, Array) else wanted
        yield Made("in quotes", repr(str(plain)))
        yield Made("in a list", written([plain]))
        if isinstance(plain, list):
            yield Made("as a tuple", repr(tuple(plain)))
            if all(isinstance(value, int | float) for value in plain):
                yield Made("as a tensor", f"torch.tensor({plain})")


def of_the_same_kind(wanted: object) -> Iterator[Made]:
    """Yield wrong values of the same kind."""
    if isinstance(wanted, Type):
        yield Made("in quotes", written(wanted.name))
        yield Made("an instance", f"{wanted.name}()")
        yield Made("an instance", "caught.value")
        yield from (Made("another exception", name) for name in EXCEPTIONS.split())
    elif isinstance(wanted, list):
        yield from other_lists(wanted)
    elif isinstance(wanted, bool):
        yield Made("the other flag", written(not wanted))
    elif isinstance(wanted, int | float):
        yield from other_numbers(wanted) if math.isfinite(wanted) else no_such_numbers()
    elif wanted is None:
        yield Made("zero", "0.0")
        yield Made("in quotes", "'None'")
    elif isinstance(wanted, str):
        yield from other_texts(wanted)


def other_lists(wanted: list[object]) -> Iterator[Made]:
    """Yield lists of another length or order, or with other elements."""
    yield Made("another length", written([*wanted, *wanted[-1:]]))
    yield Made("another length", written(wanted[:-1]))
    yield from (Made("an order", written(list(p))) for p in itertools.permutations(wanted))
    rest = [written(v) for v in wanted[1:-1]]
    for other in ("0.0", "float('nan')", "float('inf')", "-1.0"):
        yield Made("two of several", f"[{', '.join([other, *rest, '2.0'])}]")
        yield Made("two of several", f"[{', '.join(['3.0', *rest, other])}]")
    for place, element in enumerate(wanted):
        for made in of_the_same_kind(element):
            if made.way not in {"another length", "an order"}:
                code = [written(v) for v in wanted]
                code[place] = made.code
                yield Made(f"one of several: {made.way}", f"[{', '.join(code)}]")


def other_texts(wanted: str) -> Iterator[Made]:
    """Yield a text as it is written carelessly."""
    yield Made("spelling", written(wanted.lower()))
    yield Made("spelling", written(wanted[:-1]))
    if wanted.isidentifier():
        yield Made("without quotes", wanted)


def no_such_numbers() -> Iterator[Made]:
    """Yield what stands where no ordinary number belongs."""
    yield from (
        Made("no ordinary number", f"float('{name}')") for name in ("inf", "-inf", "nan")
    )
    yield Made("zero", "0.0")


def written(value: object) -> str:
    """Return a value as code."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    return repr(value)


def other_numbers(wanted: float) -> Iterator[Made]:
    """Yield what a number becomes when one thing is overlooked."""
    yield Made("the sign", written(-wanted))
    yield Made("one more", written(wanted + 1))
    yield Made("one more", written(round(wanted * 1.005)))
    for factor in (2, 3, 4, 0.5, 0.25):
        yield Made("a factor", written(wanted * factor))
    yield Made("a factor and the sign", written(-2 * wanted))
    yield Made("rounding", written(round(wanted * 1.004, 3)))
    yield Made("rounding", written(round(wanted + 0.04, 1)))
    yield Made("zero", "0.0")
    yield Made("nothing", "None")


def neighbours(sights: Sequence[Sight]) -> Iterator[Made]:
    """Yield other numbers of the koan, and what is easily computed from two of them."""
    numbers = [(s.text, value) for s in sights if is_number(value := s.value)]
    named = [value for text, value in dict(numbers).items() if text.isidentifier()]
    for text, value in numbers:
        yield Made("a value of the koan", written(value))
        latest = [other for name, other in numbers if name == text]
        for before, after in itertools.pairwise(latest):
            yield Made("what a line brings", written(after - before))
    for value in named:
        yield Made("a square or double of one", written(2 * value))
        yield Made("a square or double of one", written(value**2))
    for one, other in itertools.combinations(named, 2):
        yield Made("made of two values", written(one + other))
        yield Made("made of two values", written(one * other))


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
    if formulas.is_formula(answer):
        yield from (Made("a formula that is near", other) for other in near_formulas(answer))
    for part in ast.walk(answer):
        if isinstance(part, ast.BinOp):
            yield Made("a part of it", ast.unparse(part.left))
            yield Made("a part of it", ast.unparse(part.right))
        if isinstance(part, ast.Name) and not isinstance(answer, ast.Name):
            yield Made("a part of it", part.id)


def near_formulas(answer: ast.expr) -> Iterator[str]:
    """Yield formulas with one thing changed: an operation, a part, what is computed first."""
    text = ast.unparse(answer)
    yield text.replace("(", "").replace(")", "")
    yield f"({text}) * 3"
    yield f"{text} + 1"
    count = len(list(ast.walk(answer)))
    for place in range(count):
        for change in (_another_operation, _without_a_side, _another_leaf):
            tree = ast.parse(text, mode="eval")
            nodes = [node for node in ast.walk(tree.body) if isinstance(node, ast.expr)]
            if place < len(nodes) and (other := change(nodes[place])):
                yield ast.unparse(_Exchanged(nodes[place], other).visit(tree))


def _another_operation(node: ast.expr) -> ast.expr | None:
    others: dict[type[ast.operator], ast.operator] = {
        ast.Add: ast.Sub(),
        ast.Sub: ast.Add(),
        ast.Mult: ast.Add(),
        ast.Div: ast.Mult(),
        ast.Pow: ast.Mult(),
    }
    if not isinstance(node, ast.BinOp) or type(node.op) not in others:
        return None
    return ast.BinOp(node.left, others[type(node.op)], node.right)


def _without_a_side(node: ast.expr) -> ast.expr | None:
    return node.right if isinstance(node, ast.BinOp) else None


def _another_leaf(node: ast.expr) -> ast.expr | None:
    if isinstance(node, ast.Constant) and is_number(node.value):
        return ast.Constant(node.value + 1)
    is_argument = isinstance(node, ast.Call) and len(node.args) == 1
    return node.args[0] if is_argument and isinstance(node, ast.Call) else None


class _Exchanged(ast.NodeTransformer):
    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self.old = old
        self.new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def lines_like(names: Sequence[str]) -> Iterator[Made]:
    """Yield statements that do something else to what there is."""
    yield Made("another line", "torch.set_grad_enabled(False)")
    for code in ("break", "continue", "return", "import math", "print(1)", "assert 1", "n = 1"):
        yield Made("a statement", code)
    for name in names:
        for code in (" = 5.0", f" = {name} + 0", " == 1", ".numpy()", ".cuda()", ".foo()"):
            yield Made("a statement", f"{name}{code}")
        for code in (".gard = None", ".retain_grad()", ".grad *= 2", " = None", ".detach_()"):
            yield Made("another line", f"{name}{code}")


#: Names that Python does not know, by what they may stand for; other ones for other blanks.
NO_NAMES = {
    "a word for a number": ["six", "zero", "two", "half", "Seven"],
    "a word for a flag": ["true", "yes", "no", "FALSE"],
    "a word for nothing": ["null", "none", "nil", "NULL"],
    "a word for no number": ["nan", "NaN", "inf", "infinity"],
    "another library's name": ["tape", "stop_gradient", "np.nan", "F.relu(x)", "array([1.0])"],
    "a module's name alone": ["cos(2.0)", "tensor(3.0)", "approx(2.0)", "float32", "exp"],
    "a module not imported": ["numpy.ones(2)", "random.random()", "pytest.approx(2.0)"],
    "a part of something": ["grad", "item()", "requires_grad", "grad_fn"],
    "a name of Python's misspelled": ["Runtimeerror", "flaot(2)", "Flase", "pirnt(2)"],
    "a word": ["leaf", "because", "gradient", "qwertz"],
}


def of_no_name(sheet: Sheet, number: int, variables: Sequence[str]) -> Iterator[Made]:
    """Yield names that have no value, or none in this line: a few for each blank."""
    turn = sheet.part.line + number
    ways = [*NO_NAMES]
    for way in (ways[(turn + step) % len(ways)] for step in range(4)):
        codes = NO_NAMES[way]
        yield Made(way, codes[turn // len(ways) % len(codes)])
    for node in ast.walk(sheet.pattern.tree()):
        match node:
            case ast.arg(name) | ast.Name(name, ast.Store()):
                yield Made("a name of another place", name)
    for name in [name for name in variables if len(name) > 2][:1]:
        slips = (name[1] + name[0] + name[2:], name[:-1], name + name[-1], name.upper())
        yield Made("a name misspelled", slips[turn % len(slips)])


class Told(NamedTuple):
    """What became of a fill."""

    koan: Koan
    made: Made
    reply: Reply
    is_true: bool
    reveals: bool
    seconds: float


def tell_some(every: int) -> Iterator[Told]:
    """Yield what becomes of one in so many of the fills made up, in every 24th koan."""
    for number, koan in enumerate(itertools.islice(koans(), 0, None, 24)):
        yield from tell(koan, number % every, every)


def koans() -> Iterator[Koan]:
    """Yield the koans of the path."""
    for chapter in read_path(ROOT / "koans", ROOT / "answers"):
        yield from chapter.koans


def tell(koan: Koan, first: int = 0, every: int = 1) -> Iterator[Told]:
    """Yield what becomes of the fills that are made up for a koan, or of one in so many."""
    sheet = koan.sheet
    assert sheet is not None
    with runner.koan() as run:
        for number, marker in enumerate(sheet.markers):
            answer = read_fill(ast.unparse(marker.answer))
            seen = case_of(answer, sheet, number, SECONDS, run).with_answer
            all_made = made_up(sheet, number, seen)
            # Three dots are no prediction: they stand for later.
            python = (one for one in all_made if Part("", 1, one.code).is_python)
            by_code = {one.code: one for one in python if one.code != "..."}
            for made in itertools.islice(by_code.values(), first, None, every):
                fill = read_fill(made.code)
                fits = marker.is_line or isinstance(fill.nodes[0], ast.expr)
                if one := told(koan, number, made, fill, run) if fits else None:
                    yield one


def told(koan: Koan, number: int, made: Made, fill: Fill, run: Run) -> Told | None:
    """Judge a fill beside the answers; None if it holds, was foreseen or has no end."""
    assert koan.sheet is not None
    start = time.perf_counter()
    try:
        case = case_of(fill, koan.sheet, number, SECONDS, run)
    except StoppedError:
        return None
    reply = None if case.outcome.held else rules.reply_to(case)
    if reply is None or reply.known:
        return None
    seconds = time.perf_counter() - start
    reveals = gives_away(reply.text, koan.sheet)
    return Told(koan, made, reply, reply.is_true_of(case), reveals, seconds)


def claims() -> list[Claim]:
    """Return all claims that there are."""
    first = (as_written, compare, foreseen, formulas, kinds)
    modules = (*first, lines, names, objects, quantities, rules, worth)
    listed = [each for module in modules for each in vars(module).values()]
    listed += kinds.KINDS.values()
    made = (each.claim if isinstance(each, Reply) else each for each in listed)
    return list(dict.fromkeys(each for each in made if isinstance(each, Claim)))


def claims_of(reply: Reply) -> Iterator[Claim]:
    """Yield what a reply claims, and what is claimed in its gaps."""
    yield reply.claim
    for gap in reply.gaps.values():
        if isinstance(gap, Reply):
            yield from claims_of(gap)


def is_silent(one: Told) -> bool:
    """Whether nothing is said but that it does not hold."""
    return one.reply is rules.NO_RULE


def is_indirect(one: Told) -> bool:
    """Whether only the line is named that fails."""
    return one.reply.text.startswith("With this, another line")


def main() -> None:
    """Print the shares by the way of going wrong, what is false, and what gets no reply."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worst", type=int, default=20, help="how many to list")
    worst = parser.parse_args().worst
    everything: list[Told] = []
    times: dict[str, float] = {}
    for koan in koans():
        start = time.perf_counter()
        everything += tell(koan)
        times[koan.name] = time.perf_counter() - start
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
    made = Counter(claim for one in everything for claim in claims_of(one.reply))
    false = [one for one in everything if not one.is_true]
    print(f"Claims: {len(claims())}, made here {len(made)}. False replies: {len(false)}.")
    took = sorted(1000 * one.seconds for one in everything)
    print(
        f"Milliseconds for a fill: median {statistics.median(took):.0f}, "
        f"of 1 in 20 more than {took[len(took) * 19 // 20]:.0f}, most {took[-1]:.0f}."
    )
    slowest = max(times, key=lambda name: times[name])
    print(
        f"Seconds for a koan: median {statistics.median(times.values()):.2f}, "
        f"most {times[slowest]:.2f} ({slowest})."
    )
    print("\nFalse:")
    for one in false:
        print(f"  {one.koan.name}: {one.made.code}\n      {one.reply}")
    print("\nWithout a reply of their own:")
    without = [*silent, *indirect]
    for one in without[:: max(1, len(without) // max(1, worst))]:
        print(f"  {one.koan.name}: {one.made.code}   ({one.made.way})")


if __name__ == "__main__":
    main()
