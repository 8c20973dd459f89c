"""Why a fill is wrong, without telling the answer. Pure: nothing is run here."""

from __future__ import annotations

import ast
import builtins
import contextlib
import copy
import itertools
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sensei.judge.compare import compare, factor_between, nearly, off_by_a_factor
from sensei.koan import source
from sensei.koan.graft import Fill, read_fill
from sensei.koan.path import Sheet
from sensei.koan.source import Marker
from sensei.run.observer import Seen, Sight
from sensei.run.outcome import Outcome
from sensei.run.values import Array, Error, NotPlainError, Thing, plain, same_value


class Reply(NamedTuple):
    """One sentence or two about a wrong fill; `known` where the koan foresaw it."""

    text: str
    known: bool


NOTHING_TO_SAY = Reply("That does not hold here.", known=False)
ONLY_WITH_ADDED_LINES = Reply(
    "It holds only with the lines that you added. What is in the blank has to do without them.",
    known=False,
)
NO_SUCH_NAME = (
    "Python knows no such name. Is it text, in quotes? Is it torch's, behind torch and a dot? "
    "Capitals count."
)
AFTER_A_COMMA = (
    "Python takes what follows the comma for a message of the assertion. Several values stand "
    "in [ ]."
)
NOT_A_POWER = "In Python a power is written with **. The sign ^ means something else."
NO_SIGN = "Between two factors Python needs a *."
LEFT_OF_A_BLANK = "That is left of the blank. Write your prediction in its place."
NOT_TOGETHER = Reply("Each would do by itself, but not all of them together.", known=False)
#: Longer messages of errors are cut.
MESSAGE = 200


def foreseen(fill: Fill, marker: Marker) -> Reply | None:
    """Return the reply that the koan has for a fill, if it foresaw just that."""
    for code, reply in marker.wrong.items():
        if meets(fill, code):
            return Reply(reply, known=True)
    return None


class Evidence(NamedTuple):
    """What the runs of a wrong fill have shown.

    Args:
        outcome: how the koan ended with the fill in its blank, and answers in the others.
        given: what was seen with the fill.
        wanted: what was seen with the answer.
        entries: what stood in the blank with each wrong fill that was foreseen.
    """

    outcome: Outcome
    given: Seen
    wanted: Seen
    entries: Mapping[str, Sequence[object]]


def diagnose(fill: Fill, sheet: Sheet, number: int, evidence: Evidence) -> Reply:
    """Say why a fill is wrong that the koan did not foresee, at least not in this writing.

    Args:
        fill: the learner's fill.
        sheet: the answered koan.
        number: which of its blanks the fill stands in.
        evidence: what its runs have shown.
    """
    marker = sheet.markers[number]
    given, wanted = evidence.given.blank(number), evidence.wanted.blank(number)
    differs = any(not same_value(*pair) for pair in zip(given, wanted, strict=False))
    for code, values in evidence.entries.items():
        if differs and _are_the_same(given, values):
            return Reply(marker.wrong[code], known=True)
    if slip := _slip(fill):
        return Reply(slip, known=False)
    said = (
        _by_values(fill, sheet, number, evidence)
        or _by_effect(fill, sheet, marker, evidence)
        or _by_outcome(sheet, marker, evidence.outcome)
    )
    page = sheet.pattern.text
    if said is None or any(reveals(said, each.answer, page) for each in sheet.markers):
        return NOTHING_TO_SAY
    return Reply(said, known=False)


def _slip(fill: Fill) -> str | None:
    """Say what Python reads otherwise than one may have meant it."""
    if fill.goes_on:
        return AFTER_A_COMMA
    if set(fill.text) == {"_"}:
        return LEFT_OF_A_BLANK
    for part in (part for node in fill.nodes for part in ast.walk(node)):
        match part:
            case ast.BitXor():
                return NOT_A_POWER
            case ast.Call(ast.Constant(int() | float())):
                return NO_SIGN
    return None


def _are_the_same(values: Sequence[object], others: Sequence[object]) -> bool:
    return bool(values) and len(values) == len(others) and all(map(same_value, values, others))


# By what stood in the blank.


def _by_values(fill: Fill, sheet: Sheet, number: int, evidence: Evidence) -> str | None:
    """Compare what the fill was worth with what the answer was worth, each time."""
    given, wanted = evidence.given.blank(number), evidence.wanted.blank(number)
    pairs = list(zip(given, wanted, strict=False))
    wrong = [pair for pair in pairs if not same_value(*pair)]
    marker = sheet.markers[number]
    if marker.is_line:
        # What a line is worth does not matter, but a method that is only named is not run.
        named = (pair for pair in wrong if isinstance(pair[0], Thing) and pair[0].callable)
        return next((compare(*pair) for pair in named), None)
    if said := _of_names(fill, marker.answer):
        return said
    if pairs and _asks_for_object(sheet, marker):
        return _of_objects(fill, is_equal=not wrong)
    if len(wrong) == len(pairs) == 1:
        return said_of(*wrong[0], _surroundings(fill, sheet, number, evidence))
    return _of_several(fill, marker, pairs) if wrong else None


def _of_objects(fill: Fill, *, is_equal: bool) -> str | None:
    if is_plain(fill):
        return "The koan asks for an object that is there already. This makes a new one."
    return "The value is right, but it is another object." if is_equal else None


def _of_several(
    fill: Fill, marker: Marker, pairs: Sequence[tuple[object, object]]
) -> str | None:
    """Compare values that were computed several times."""
    wrong = [pair for pair in pairs if not same_value(*pair)]
    if is_plain(fill) and not all(same_value(wanted, pairs[0][1]) for _, wanted in pairs):
        return "This is the same whenever it is computed. What belongs here is not."
    if _names_in(marker.answer) - _names_in(*fill.nodes):
        return "Look at what else is at hand here. Is all in it that it takes?"
    if len(wrong) < len(pairs):
        return "It is right for some of the values that the koan tries, but not for all."
    said = {compare(*pair) for pair in wrong}
    return (said.pop() if len(said) == 1 else None) or _computed(wrong[0][0])


def _computed(given: object) -> str | None:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return (
        f"The first time it is computed, it is {given:g}. That is not it."
        if is_number
        else None
    )


def _names_in(*nodes: ast.AST) -> set[str]:
    return {n.id for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name)}


def _of_names(fill: Fill, answer: ast.expr) -> str | None:
    """Compare two lists of variables, where the answer is one."""
    wanted = _names_only(answer)
    if wanted is None:
        return None
    given = _names_only(fill.nodes[0])
    if given is None:
        return (
            "The variables themselves belong here, by their names." if is_plain(fill) else None
        )
    if given - wanted:
        return "Not all of these belong here."
    return "There is more that belongs here." if wanted - given else None


def _names_only(node: ast.AST) -> set[str] | None:
    if not isinstance(node, ast.List):
        return None
    names = [element.id for element in node.elts if isinstance(element, ast.Name)]
    return set(names) if names and len(names) == len(node.elts) else None


def _asks_for_object(sheet: Sheet, marker: Marker) -> bool:
    """Whether a fill has to be the very object that a name in the koan stands for."""
    compared, answer = _compared(sheet, marker), marker.answer
    is_named = isinstance(answer, ast.Name) and answer.id not in dir(builtins)
    return is_named and compared is not None and isinstance(compared.ops[0], ast.Is)


def _compared(sheet: Sheet, marker: Marker) -> ast.Compare | None:
    """Return the comparison that has a blank on its right, if it stands in one."""
    for node in ast.walk(sheet.part.tree()):
        match node:
            case ast.Compare(_, [ast.Eq() | ast.Is()], [right]):
                if source.place(right) == source.place(marker.node):
                    return node
    return None


class Surroundings(NamedTuple):
    """What else there is in a koan, beside a blank.

    Args:
        asked: what the blank is compared with, as the koan has it; or nothing.
        sights: the values of all that may be named, in the order of time.
        lines: the koan's lines by their numbers, but for those with markers.
        numbers: the numbers in these lines, without their signs.
    """

    asked: str
    sights: Sequence[Sight]
    lines: Mapping[int, str]
    numbers: frozenset[float]


def _surroundings(fill: Fill, sheet: Sheet, number: int, evidence: Evidence) -> Surroundings:
    """Gather what may be named: neither fill nor answer, nor what other blanks ask for."""
    own = {fill.text, *(ast.unparse(marker.answer) for marker in sheet.markers)}
    hidden = [
        value
        for other, values in evidence.wanted.blanks.items()
        if other != number
        for value in values
    ]
    sights = [
        sight
        for sight in evidence.wanted.sights
        if sight.text not in own and not any(same_value(sight.value, value) for value in hidden)
    ]
    compared = _compared(sheet, sheet.markers[number])
    asked = ast.unparse(compared.left) if compared else ""
    # A line with a marker in it holds an answer.
    numbered = enumerate(sheet.part.text.splitlines(), sheet.part.line)
    lines = {number: line.strip() for number, line in numbered if source.BLANK not in line}
    return Surroundings(asked, sights, lines, _numbers_in(sheet.pattern.tree()))


def _numbers_in(tree: ast.AST) -> frozenset[float]:
    values = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(value for value in values if isinstance(value, int | float))


def said_of(given: object, wanted: object, around: Surroundings) -> str | None:
    """Say what in the koan has this value, or how it differs from the right one."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        if not isinstance(wanted, int | float) or isinstance(wanted, bool):
            return compare(given, wanted)
        return (
            nearly(given, wanted)
            or _of_another_time(given, wanted, around)
            or _of_another_name(given, around)
            or _by_a_factor(given, wanted, around)
            or compare(given, wanted)
            or _zero(given, around)
        )
    if isinstance(given, list) and not _is_flags(wanted):
        return _of_another_name(given, around) or compare(given, wanted)
    return compare(given, wanted)


def _is_flags(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, bool) for each in value)


def _of_another_time(given: float, wanted: float, around: Surroundings) -> str | None:
    """Whether the quantity that is asked for was or will be this at another time."""
    asked = around.asked.removesuffix(".item()")
    states = [sight for sight in around.sights if sight.text == asked]
    right = [n for n, sight in enumerate(states) if same_value(sight.value, wanted)]
    for n, sight in enumerate(states):
        if same_value(sight.value, given):
            when = "will be later" if right and n > right[-1] else "was earlier"
            line = around.lines.get(sight.line)
            return f"So it {when}, after this line: {line}" if line else f"So it {when}."
    for before, after in itertools.pairwise(states):
        if _difference(before.value, after.value) == given:
            line = around.lines.get(after.line)
            return f"That is only what one line brings{f': {line}' if line else '.'}"
    return None


def _difference(before: object, after: object) -> float | None:
    if isinstance(before, int | float) and isinstance(after, int | float):
        return after - before
    return None


def _of_another_name(given: object, around: Surroundings) -> str | None:
    """Whether something else in the koan has this value."""
    texts = [sight.text for sight in around.sights]
    # What changes on the way has no value that is worth its name.
    named = [s for s in around.sights if texts.count(s.text) == 1 and _is_value_of(s, given)]
    if not named or given == 0:
        return None
    # A variable says more than an expression.
    name = next((s.text for s in named if s.text.isidentifier()), named[0].text)
    if around.asked.endswith(".grad") and not name.endswith(".grad"):
        return f"That is {name}, a value. A slope is asked for."
    return f"That is {name}."


def _is_value_of(sight: Sight, given: object) -> bool:
    value = sight.value
    if isinstance(value, Array) and isinstance(given, list):
        value = value.values
    return same_value(value, given)


def _by_a_factor(given: float, wanted: float, around: Surroundings) -> str | None:
    factor = factor_between(given, wanted)
    if abs(given) != 1 and factor > 1 and not around.numbers.isdisjoint({factor, 1 / factor}):
        return f"{off_by_a_factor(given, wanted)[:-1]}: it is one that stands in this koan."
    return None


def _zero(given: float, around: Surroundings) -> str | None:
    if given == 0 and around.asked.endswith(".grad"):
        of = around.asked.removesuffix(".grad")
        return f"Zero would say that nothing moves as {of} does. Something does move."
    return None


# By what a line does.

#: Statements that do something, though no value is another one afterwards.
_WITH_ANOTHER_EFFECT = (ast.Assert, ast.Continue, ast.Delete, ast.FunctionDef, ast.Return)


def _by_effect(fill: Fill, sheet: Sheet, marker: Marker, evidence: Evidence) -> str | None:
    """Compare what changed in the line of the blank, with the fill and with the answer."""
    raised = not evidence.outcome.asserted
    line = _other_line(sheet, marker, evidence.outcome)
    if not marker.is_line or (raised and not line):
        return None
    given, wanted = (_changes(seen, marker) for seen in (evidence.given, evidence.wanted))
    if wanted and not given:
        if any(isinstance(node, _WITH_ANOTHER_EFFECT) for node in fill.nodes):
            return None
        sets = isinstance(fill.nodes[0], ast.Assign | ast.AugAssign)
        spelled = " Is every name in it spelled as it should be?" if sets else ""
        return f"This changes nothing.{spelled}"
    others = [text for text in given if text not in wanted]
    if wanted and others:
        return f"This changes {others[0]}. Is that what should change?"
    if given and line and not raised:
        return f"It does change {next(iter(given))}. But another line does not hold: {line}"
    return None


def _changes(seen: Seen, marker: Marker) -> dict[str, object]:
    """Return what has another value after the line of a blank."""
    line = marker.node.lineno
    return {s.text: s.value for s in seen.sights if s.line == line and s.is_name}


# By how the koan ended.


def _by_outcome(sheet: Sheet, marker: Marker, outcome: Outcome) -> str | None:
    """Say where the koan stops with a fill, and how."""
    line = _other_line(sheet, marker, outcome)
    if outcome.error is None or outcome.asserted:
        return f"With this, another line does not hold: {line}" if line else None
    if outcome.error.is_a("NameError") and not line:
        return NO_SUCH_NAME
    told = in_words(outcome.error)
    if _hints_at_answers(told, sheet):
        told = "an error of its own."
    return (
        f"With this, another line raises: {line}\n\n{told}" if line else f"This raises {told}"
    )


def _hints_at_answers(text: str, sheet: Sheet) -> bool:
    """Whether a text of Python's or torch's own holds an answer, or a bit of a plain one."""
    text, page = text.replace("NoneType", "None"), sheet.pattern.text
    for marker in sheet.markers:
        bits = set(_tokens(ast.unparse(marker.answer))) - set(_tokens(page))
        is_code = isinstance(marker.answer, ast.Call | ast.BinOp | ast.Compare)
        if reveals(text, marker.answer, page) or not (
            is_code or bits.isdisjoint(_tokens(text))
        ):
            return True
    return False


def _other_line(sheet: Sheet, marker: Marker, outcome: Outcome) -> str | None:
    """Return the koan's line where it stopped, unless a blank stands there."""
    if outcome.line is None or outcome.line == marker.node.lineno:
        return None
    line = sheet.part.text.splitlines()[outcome.line - sheet.part.line].strip()
    return None if source.BLANK in line else line


def in_words(error: Error) -> str:
    """Return an error's type and the first line of its message."""
    lines = error.message.strip().splitlines()
    told = textwrap.shorten(lines[0], MESSAGE, placeholder=" ...") if lines else ""
    return f"{error.type.name}: {told}" if told else error.type.name


def meets(fill: Fill, code: str) -> bool:
    """Whether a fill is the same code as an entry, or both are plain and equal."""
    entry = read_fill(code)
    if len(fill.nodes) != len(entry.nodes):
        return False
    if all(map(source.same_code, _with_floats(fill), _with_floats(entry))):
        return True
    return is_plain(fill) and is_plain(entry) and same_value(_plain(fill), _plain(entry))


def _with_floats(fill: Fill) -> list[ast.AST]:
    """Return a fill's nodes with whole numbers as floats: 0 and 0.0 mean the same."""
    nodes: list[ast.AST] = [copy.deepcopy(node) for node in fill.nodes]
    for part in (part for node in nodes for part in ast.walk(node)):
        if isinstance(part, ast.Constant) and type(part.value) is int:
            with contextlib.suppress(OverflowError):
                part.value = float(part.value)
    return nodes


def is_plain(fill: Fill) -> bool:
    """Whether a fill is a value that can be read without running anything."""
    try:
        _plain(fill)
    except NotPlainError:
        return False
    return True


def _plain(fill: Fill) -> object:
    return plain(fill.nodes[0])


# What gives an answer away.

_TOKEN = re.compile(r"\d+\.?\d*(?:e[-+]?\d+)?|\.\d+|[^\W\d]\w*")


def reveals(text: str, answer: ast.expr, page: str) -> bool:
    """Whether a text holds an answer that does not stand on the page.

    Numbers count without their sign and however they are written; an answer of several
    numbers or words is given away by all of them in their order.
    """
    secret = _tokens(ast.unparse(answer))
    return _holds(_tokens(text), secret) and not _holds(_tokens(page), secret)


def _tokens(text: str) -> list[object]:
    found = _TOKEN.findall(text)
    return [float(word) if word[0] in ".0123456789" else word for word in found]


def _holds(tokens: Sequence[object], secret: Sequence[object]) -> bool:
    kept = [token for token in tokens if token in secret]
    length = len(secret)
    return any(kept[i : i + length] == list(secret) for i in range(len(kept) - length + 1))
