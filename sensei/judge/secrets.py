"""What would give an answer away. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from sensei.koan.path import Sheet

_TOKEN = re.compile(r"\d+\.?\d*(?:e[-+]?\d+)?|\.\d+|[^\W\d]\w*")

#: A place in a message of torch's, which is no value of anybody's.
_COUNTED = re.compile(r"\b(argument|element|input|output|position) \d+\b")


def reveals(text: str, answer: ast.expr, page: str) -> bool:
    """Whether a text holds an answer that does not stand on the page.

    Numbers count without their sign and however they are written; an answer of several
    numbers or words is given away by all of them in their order.
    """
    text = _COUNTED.sub("", text.replace("True or False", ""))  # who names both tells neither
    secret = _tokens(ast.unparse(answer))
    return _contain(_tokens(text), secret) and not _contain(_tokens(page), secret)


def gives_away(text: str, sheet: Sheet) -> bool:
    """Whether a text holds the answer of any of a koan's blanks."""
    return any(reveals(text, marker.answer, sheet.pattern.text) for marker in sheet.markers)


def hints_at(text: str, sheet: Sheet) -> bool:
    """Whether a text of Python's or torch's own holds an answer, or a bit of a plain one."""
    text = text.replace("NoneType", "None")
    if gives_away(text, sheet):
        return True
    texts = sheet.pattern.text, _COUNTED.sub("", text)
    on_page, in_text = (set(_tokens(each)) for each in texts)
    plain = (m.answer for m in sheet.markers if not any(map(_is_code, ast.walk(m.answer))))
    return any(in_text & set(_tokens(ast.unparse(answer))) - on_page for answer in plain)


def _is_code(node: ast.AST) -> bool:
    """Whether it does something with values; a sign does not count."""
    is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return is_not or isinstance(node, ast.Call | ast.BinOp | ast.BoolOp | ast.Compare)


def _tokens(text: str) -> list[object]:
    found = _TOKEN.findall(text)
    return [float(word) if word[0] in ".0123456789" else word for word in found]


def _contain(tokens: Sequence[object], secret: Sequence[object]) -> bool:
    kept = [token for token in tokens if token in secret]
    length = len(secret)
    return any(kept[i : i + length] == list(secret) for i in range(len(kept) - length + 1))
