"""Which entry a fill meets, and what would give an answer away."""

from __future__ import annotations

import ast

import pytest

from sensei.diagnosis import by_value, meets, reveals
from sensei.graft import read_fill
from sensei.values import NotPlainError, plain


@pytest.mark.parametrize(
    ("fill", "entry"),
    [
        ("12", "12.0"),
        ("12.0", "12"),
        ("torch.tensor(12.)", "12"),
        ("24 / 2", "12.0"),
        ("-(3 * 2)", "-6.0"),
        ("2**3", "8"),
        ("[2, 4]", "[2.0, 4.0]"),
        ("torch.tensor([2, 4])", "[2.0, 4.0]"),
        ("None", "None"),
        ("'AddBackward0'", '"AddBackward0"'),
        ("x . zero_( )", "x.zero_()"),
        ("x.grad=None", "x.grad = None"),
        ("float('nan')", "math.nan"),
        ("-math.inf", "float('-inf')"),
        ("(x)", "x"),
    ],
)
def test_a_fill_meets_an_entry(fill: str, entry: str) -> None:
    """The same code, or equal plain values."""
    assert meets(read_fill(fill), entry)


@pytest.mark.parametrize(
    ("fill", "entry"),
    [
        ("1", "True"),
        ("0", "False"),
        ("None", "0.0"),
        ("[1]", "1"),
        ("(1, 2)", "[1, 2]"),
        ("[1, 2]", "[1, 2, 3]"),
        ("'12'", "12"),
        ("torch.tensor(4.0, requires_grad=True)", "torch.tensor(4.0)"),
        ("x + 1", "1 + x"),
        ("x = 1", "1"),
        ("9**9**9", "1"),
        ("1 / 0", "0"),
    ],
)
def test_a_fill_meets_no_other_entry(fill: str, entry: str) -> None:
    """Kinds are told apart, and code is compared as it is written."""
    assert not meets(read_fill(fill), entry)


@pytest.mark.parametrize(
    "code", ["x", "f(1)", "1 / 0", "10**1000 * 1.0", "[x]", "2**True", "-'a'"]
)
def test_what_is_not_plain(code: str) -> None:
    """Nothing runs to find a value."""
    with pytest.raises(NotPlainError):
        plain(ast.parse(code, mode="eval").body)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It is 16.", "16.0"),
        ("It is 16.0, of course", "16"),
        ("Twelve? No: 12, and below zero.", "-12.0"),
        ("There is None in it", "None"),
        ("2, then 4 and 6", "[2.0, 4.0, 6.0]"),
        ("a RuntimeError", "RuntimeError"),
        ("write x.grad.zero_()", "x.grad.zero_()"),
        ("half is .5", "0.5"),
        ("that is 1e-3", "0.001"),
    ],
)
def test_a_text_reveals_an_answer(text: str, answer: str) -> None:
    """However a number is written, and in whatever words it stands."""
    assert reveals(text, ast.parse(answer, mode="eval").body, page="x = 3")


@pytest.mark.parametrize(
    ("text", "answer", "page"),
    [
        ("It is 160 or 1.6", "16.0", ""),
        ("none of them", "None", ""),
        ("6, then 4 and 2", "[2.0, 4.0, 6.0]", ""),
        ("runtime errors", "RuntimeError", ""),
        ("the gradient, not x", "x.grad.zero_()", ""),
        ("twice 3", "3.0", "x = torch.tensor(3.0)"),
    ],
)
def test_a_text_keeps_the_secret(text: str, answer: str, page: str) -> None:
    """Other numbers, other words, and what stands on the page anyway."""
    assert not reveals(text, ast.parse(answer, mode="eval").body, page)


@pytest.mark.parametrize(
    ("fill", "answer", "said"),
    [
        # another kind
        ("'6.0'", "6.0", "In quotes it is text."),
        ("'None'", "None", "In quotes it is text."),
        ("'RuntimeError'", "RuntimeError", "In quotes it is text."),
        ("7", "'seven'", "Text belongs here, in quotes."),
        ("(9.0, 9.0)", "[9.0, 9.0]", "The koan compares with a list: use [ ]."),
        ("[1, 2]", "(1, 2)", "The koan compares with a tuple: use ( )."),
        ("[6.0]", "6.0", "One value belongs here, not several."),
        ("6.0", "[6.0, 6.0]", "Several values belong here, not one."),
        ("None", "6.0", "There is something here."),
        ("True", "1.0", "Something of another kind is here."),
        ("1.0", "None", "Something of another kind is here."),
        # another length, another order, some of them right
        ("[1, 2]", "[1, 2, 3]", "There are more values here."),
        ("[1, 2, 3]", "[1, 2]", "There are fewer values here."),
        ("[2, 1]", "[1, 2]", "These are the values, but in another order."),
        ("[1, 7, 3]", "[1, 2, 3]", "Right so far: values 1, 3."),
        (
            "[18, 12, 6]",
            "[-18, -12, -6]",
            "Of each value: The size is right. What about the sign?",
        ),
        # another number
        ("12", "-12.0", "The size is right. What about the sign?"),
        ("3", "6.0", "It is off by an exact factor."),
        ("24", "6.0", "It is off by an exact factor."),
        ("5.99", "6.0", "Close, but not exact."),
        # another spelling
        ("'mulbackward0'", "'MulBackward0'", "Capitals count."),
        ("'MulBackward'", "'MulBackward0'", "Nearly. How is it spelled?"),
        # nothing to tell
        ("7.7", "6.0", None),
        ("0", "6.0", None),
        ("[True, True]", "[True, False]", None),
        ("'Mul'", "'AddBackward0'", None),
        ("f(x)", "6.0", None),
        ("7", "RuntimeError", None),
    ],
)
def test_what_a_value_tells(fill: str, answer: str, said: str | None) -> None:
    """The kind, the length, the order, the sign, a factor, the spelling; never the answer."""
    assert by_value(read_fill(fill), ast.parse(answer, mode="eval").body) == said
