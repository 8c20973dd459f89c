"""What keeps a learner's line from being Python, told from the line itself. Pure.

Python names the place where it stopped reading, which is seldom what went wrong. SLIPS, at
the end, are looked for in their order in what was written into the blank.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sensei.koan.beside import change_beside, in_blanks, likeness
from sensei.koan.source import BLANK, has_blank


class Written(NamedTuple):
    """What was written where Python stopped reading.

    `text` is what stands in the blank, or else the whole line; `in_blank` is "line" where
    the blank is a line by itself, "expression" elsewhere in a line, "loose" where what
    stands there is an expression by itself, and "" for no blank. `names` are those of the
    koan; `was` is the line of the koan that it may have been, where it fits none.
    """

    text: str
    in_blank: str
    names: frozenset[str]
    was: str = ""


class Slip(NamedTuple):
    """One way to write what is no Python: a sentence with gaps, and what finds them."""

    sentence: str
    find: Callable[[Written], Mapping[str, str] | None]


def slip_in(lines: Sequence[str], here: int, pattern: str) -> str:
    """Say what keeps a line from being Python, or nothing where that is not known.

    Args:
        lines: the learner's lines.
        here: which of them it is.
        pattern: the koan's text with its blanks; it may be empty.
    """
    others = [line.strip() for n, line in enumerate(lines) if n != here]
    written = _written(lines[here], pattern, others)
    for slip in SLIPS:
        gaps = slip.find(written)
        if gaps is not None:
            return slip.sentence.format(**gaps)
    return ""


def why_unfit(fills: Sequence[str], pattern: str) -> str:
    """Say why what stands in blanks is read by Python as more, or less, than that.

    Args:
        fills: what stands in the blanks of a line, which is Python.
        pattern: the koan's text with its blanks.
    """
    names = _names_in(pattern)
    if any(_words(Written(fill, "expression", names)) is not None for fill in fills):
        return _A_SENTENCE
    if any(isinstance(getattr(_parsed(f, "eval"), "body", None), ast.Tuple) for f in fills):
        return "Put several values in [ ], or in ( )."
    return "It needs ( ) around it." if all(map(_is_expression, fills)) else _ONE_EXPRESSION


_A_SENTENCE = "Python does not read sentences: put text in quotes, and a note behind a #."
_ONE_EXPRESSION = "One expression goes there."


def _names_in(pattern: str) -> frozenset[str]:
    """Return the names in the code of a koan, whatever they are names of."""
    nodes = ast.walk(ast.parse(pattern))
    fields = (getattr(node, key, None) for node in nodes for key in ("id", "attr", "arg"))
    return frozenset(field for field in fields if isinstance(field, str))


def _written(line: str, pattern: str, others: Sequence[str]) -> Written:
    """Find out what stands in a blank, by the line of the pattern that the line fits."""
    line = _without_note(line).strip()
    names = _names_in(pattern)
    lines = (each.strip() for each in pattern.splitlines() if has_blank(each))
    patterns = [each for each in lines if not each.startswith("from ")]
    # A blank that is a whole line fits everything, and is thought of last.
    for each in sorted(patterns, key=len, reverse=True):
        if each != BLANK and (fills := in_blanks(each, line)):
            text = next((fill for fill in fills if not _is_expression(fill)), None)
            if text is None:
                return Written(fills[0], "loose" if len(fills) == 1 else "", names)
            return Written(text, "expression", names)
    if line in {each.strip() for each in pattern.splitlines()}:
        return Written("", "", names)  # it is another line that is no Python
    was = _nearest(line, pattern, others)
    in_blank = "line" if not was and BLANK in patterns else ""
    return Written(line, in_blank, names, was)


def _nearest(line: str, pattern: str, others: Sequence[str]) -> str:
    """Return the line of the koan that a line was, where it is the only one not there."""
    gone = [
        each
        for each in map(str.strip, pattern.splitlines())
        if each not in {"", BLANK, *others} and not any(in_blanks(each, o) for o in others)
    ]
    nearest = max(gone, key=lambda each: _likeness(each, line), default="")
    return nearest if _likeness(nearest, line) >= _ALIKE else ""


def _likeness(pattern: str, line: str) -> float:
    by_letter = difflib.SequenceMatcher(None, pattern, line, autojunk=False).ratio()
    return max(likeness(pattern, line), by_letter)


#: A line that is no Python is taken for one that is as much like it.
_ALIKE = 0.75


def _is_expression(text: str) -> bool:
    return _parsed(text, "eval") is not None


def _parsed(text: str, mode: str = "exec") -> ast.AST | None:
    try:
        return ast.parse(text, mode=mode)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


_IN_QUOTES = re.compile(r"\"[^\"]*\"|'[^']*'")


def _without_note(line: str) -> str:
    """Return a line without what follows a # outside of quotes."""
    bare = _IN_QUOTES.sub(lambda text: "x" * len(text[0]), line)
    return line[: bare.find("#")] if "#" in bare else line


def _code(written: Written) -> str:
    """Return what is written without what stands in quotes."""
    return _IN_QUOTES.sub("''", written.text)


# Signs that Python does not know.

_SIGNS = {
    **dict.fromkeys("“”„‟«»", '"'),
    **dict.fromkeys("‘’‚‛´`", "'"),  # noqa: RUF001
    **dict.fromkeys("‐‑‒–—−﹣－", "-"),  # noqa: RUF001 - all that looks like a minus
    **dict.fromkeys("×·⋅∗•", "*"),  # noqa: RUF001
    **dict.fromkeys("÷∕⁄", "/"),  # noqa: RUF001
    **dict.fromkeys("，、", ","),  # noqa: RUF001
    "²": "**2",
    "³": "**3",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "＝": "=",  # noqa: RUF001
    "（": "(",  # noqa: RUF001
    "）": ")",  # noqa: RUF001
    "［": "[",  # noqa: RUF001
    "］": "]",  # noqa: RUF001
    "．": ".",  # noqa: RUF001
    "&&": "the word and",
    "||": "the word or",
}
_NO_SIGN = re.compile("&&|\\|\\||.")


def _other_sign(written: Written) -> Mapping[str, str] | None:
    signs = (sign for sign in _NO_SIGN.findall(_code(written)) if sign in _SIGNS)
    sign = next(signs, None)
    return {"sign": sign, "python": _SIGNS[sign]} if sign else None


def _no_sign(written: Written) -> Mapping[str, str] | None:
    code = _code(written).replace("!=", "")
    for sign in code:
        if sign in "?$!" or not (sign.isascii() or f"a{sign}".isidentifier()):
            return {"sign": sign} if sign.isprintable() and not sign.isspace() else None
    return None


# Words and lines that stand where a prediction belongs.

_SCREEN = re.compile(r"(You wrote|Blank \d|Hint \d|The answer:|It printed|>|E\s{2,})")
_WORDS = re.compile(r"[^\W\d_][\w'’]*([ ,.:;-]+[^\W_][\w'’]*)+[ .!?]*")  # noqa: RUF001


def _screen(written: Written) -> Mapping[str, str] | None:
    return {} if written.in_blank and _SCREEN.match(written.text) else None


def _words(written: Written) -> Mapping[str, str] | None:
    """Words in a row, of which most mean nothing to the koan nor to Python."""
    if written.was or not _WORDS.fullmatch(written.text):
        return None
    words = re.findall(r"[^\W\d_][\w'’]*", written.text)  # noqa: RUF001
    names = [word for word in words if not keyword.iskeyword(word)]
    strange = [name for name in names if name not in written.names]
    return {} if len(strange) * 2 > len(names) else None


def _not_called(written: Written) -> Mapping[str, str] | None:
    """One of Python's functions, and a value behind it."""
    found = re.fullmatch(r"([a-z]+)\s+([\w.]+)", written.text)
    if not found or keyword.iskeyword(found[1]) or found[1] not in dir(builtins):
        return None
    return {"name": found[1]} if _is_meant(found[2], written.names) else None


def _note(written: Written) -> Mapping[str, str] | None:
    """Words behind an expression."""
    match = re.fullmatch(r"(.*?[\w\])'\"])[ ,]+((?:[^\W\d_]\w*[ ,.]*)+)", written.text)
    for cut in re.finditer(r"[ ,:;-]+(?=[^\W\d_])", written.text) if match else ():
        before, behind = written.text[: cut.start()], written.text[cut.end() :]
        first, *_ = re.findall(r"\w+", behind)
        begins_a_note = not keyword.iskeyword(first) and first not in written.names
        if begins_a_note and _WORD_ROW.fullmatch(behind) and _is_meant(before, written.names):
            return {"before": before}
    return None


def _is_meant(text: str, names: frozenset[str]) -> bool:
    """Whether a text is an expression of values and of names that the koan has."""
    tree = _parsed(text, "eval")
    parts = ast.walk(tree) if tree else ()
    used = {part.id for part in parts if isinstance(part, ast.Name)}
    return tree is not None and used <= names


_WORD_ROW = re.compile(r"[^\W\d_]\w*([ ,.]+\w+)*[ .!]*")


# Statements.

#: Words that begin a statement and never stand in an expression.
_STATEMENTS = {
    *("assert", "break", "class", "continue", "def", "del", "from", "global", "import"),
    *("nonlocal", "pass", "raise", "return", "try", "while", "with"),
}
_OPERATORS = (
    *("==", "!=", "<=", ">=", "**", "//", "=", "*", "/", "<", ">", "%", "@", ",", ")", "]"),
    *("is", "in", "and", "or"),
)


def _statement(written: Written) -> Mapping[str, str] | None:
    if written.in_blank != "expression":
        return None
    first = re.match(r"\w*", written.text)
    word = first[0] if first else ""
    return {"word": word} if word in _STATEMENTS else None


def _assignment(written: Written) -> Mapping[str, str] | None:
    if written.in_blank != "expression":
        return None
    tree = _parsed(written.text)
    nodes = getattr(tree, "body", [])
    match nodes[0] if len(nodes) == 1 else None:
        case ast.AugAssign():
            sign = re.search(r"[-+*/@%&|^<>]+=", _code(written))
            return {"sign": sign[0] if sign else "="}
        case ast.Assign() | ast.AnnAssign():
            return {"sign": "="}
    return None


def _begins_with_operator(written: Written) -> Mapping[str, str] | None:
    if not written.in_blank:
        return None
    for sign in _OPERATORS:
        behind = written.text[len(sign) :]
        ends_there = not sign.isalpha() or not re.match(r"\w", behind)
        if written.text.startswith(sign) and ends_there:
            return {"sign": sign}
    return None


def _ends_with_operator(written: Written) -> Mapping[str, str] | None:
    found = re.search(r"(==|!=|<=|>=|\*\*|[-+*/=<>.]|\b(?:is|and|or|not|in))$", _code(written))
    return {"sign": found[0]} if found and written.in_blank else None


# What is missing between or around.

_BRACKETS = {")": "(", "]": "[", "}": "{"}


def _open_bracket(written: Written) -> Mapping[str, str] | None:
    rest = _open_and_closed(written)[0]
    return {"bracket": rest[-1]} if rest else None


def _closed_bracket(written: Written) -> Mapping[str, str] | None:
    rest = _open_and_closed(written)[1]
    return {"bracket": rest[0]} if rest else None


def _open_and_closed(written: Written) -> tuple[list[str], list[str]]:
    """Return the brackets that are never closed, and those that close nothing."""
    opened: list[str] = []
    for sign in _code(written):
        if sign in _BRACKETS.values():
            opened.append(sign)
        elif sign in _BRACKETS and (not opened or opened.pop() != _BRACKETS[sign]):
            return [], [sign]
    return opened, []


def _open_quote(written: Written) -> Mapping[str, str] | None:
    if re.search(r"\"{3}|'{3}", written.text):
        return None
    found = re.search(r"['\"]", _code(written).replace("''", ""))
    return {"quote": found[0]} if found else None


def _lonely_not(written: Written) -> Mapping[str, str] | None:
    for found in re.finditer(r"(\w+|[\])'\"])\s+not\s+(\w+)", _code(written)):
        if not keyword.iskeyword(found[1]) or found[1] in {"None", "True", "False"}:
            return {} if found[2] != "in" else None
    return None


def _beside(written: Written) -> Mapping[str, str] | None:
    change = change_beside(written.was, written.text) if written.was else None
    return {"change": change.told, "was": written.was} if change else None


def _loose(written: Written) -> Mapping[str, str] | None:
    return {} if written.in_blank == "loose" and not written.text.endswith(",") else None


def _no_times(written: Written) -> Mapping[str, str] | None:
    """A number before a name, with nothing between them."""
    form = r"(?<![\w.])\d+(?:\.\d*)?(\s*)([^\W\d]\w*)(?!\w|\s*=(?!=))"
    for found in re.finditer(form, _code(written)):
        space, name = found.groups()
        is_word = keyword.iskeyword(name) or name not in written.names
        is_number = not space and re.fullmatch(r"e\d+|[jJ]|[xXoObB][\da-fA-F]+", name)
        if not is_number and not is_word:
            return {"name": name}
    return None


def _several(written: Written) -> Mapping[str, str] | None:
    """Values in a row, with nothing between some of them."""
    bare = re.sub(r"[\[\](),;]", " ", written.text)
    values = [_value(each) for each in bare.split()]
    return {} if written.in_blank and len(values) > 1 and all(values) else None


def _trailing_comma(written: Written) -> Mapping[str, str] | None:
    """An expression with a comma behind it, and nothing behind that."""
    before, comma, behind = written.text.strip().rpartition(",")
    is_whole = bool(comma) and not behind and _parsed(before.strip(), "eval") is not None
    return {} if written.in_blank and is_whole else None


def _value(text: str) -> bool:
    tree = _parsed(text, "eval")
    match tree:
        case ast.Expression(ast.Constant() | ast.UnaryOp(ast.USub(), ast.Constant())):
            return True
    return False


SLIPS: Sequence[Slip] = (
    Slip("In this line {change}. It was:\n    {was}", _beside),
    Slip("That was copied from a screen. Only the prediction itself goes in here.", _screen),
    Slip("{word} begins a statement. An expression belongs in this blank.", _statement),
    Slip("What follows {before} is no Python. If it is a note, a # belongs before it.", _note),
    Slip("What {name} is given stands in ( ).", _not_called),
    Slip(_A_SENTENCE, _words),
    Slip("Python does not know the sign {sign}. It has {python} for it.", _other_sign),
    Slip("Python does not know the sign {sign}.", _no_sign),
    Slip("The {quote} that begins a text is missing at its end.", _open_quote),
    Slip("The {bracket} is never closed.", _open_bracket),
    Slip("The {bracket} closes nothing: nothing of its kind is open there.", _closed_bracket),
    Slip(
        "{sign} gives a value to a name. An expression belongs in this blank.",
        _assignment,
    ),
    Slip("No expression begins with {sign}.", _begins_with_operator),
    Slip("The comma at the end is too much.", _trailing_comma),
    Slip("Something is missing after the {sign} at the end.", _ends_with_operator),
    Slip("The word not by itself compares nothing. With is before it, it does.", _lonely_not),
    Slip("Between a number and {name} Python needs a *.", _no_times),
    Slip("Between several values stand commas, and [ ] around them.", _several),
    Slip("What you wrote needs ( ) around it.", _loose),
)
