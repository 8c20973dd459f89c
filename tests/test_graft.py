"""Fills out of a learner's koan, and into the answered one."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from sensei.koan import source
from sensei.koan.graft import ChangedError, graft, lift, read_fill
from sensei.koan.source import Part

NOTES = "wrong={'0': 'No.'}, hints=['a', 'b'], why='w'"


def part(text: str, line: int = 1) -> Part:
    """Return a koan's part, its text dedented."""
    return Part("test_it", line, dedent(text).strip("\n") + "\n")


def lifted(pattern: str, page: str) -> list[str]:
    """Return the texts of the fills in two bodies of one koan."""

    def koan(body: str) -> Part:
        lines = dedent(body).strip("\n").splitlines()
        return Part(
            "test_it", 1, "def test_it():\n" + "\n".join(f"    {line}" for line in lines)
        )

    return [fill.text for fill in lift(koan(pattern), koan(page))]


class TestLift:
    @pytest.mark.parametrize(
        ("pattern", "page", "fills"),
        [
            ("assert x == __", "assert x == 12.0", ["12.0"]),
            ("assert x == __", "assert x == __", ["__"]),
            ("assert x == __", "assert (x ==\n  [1,\n  2])", ["[1,\n      2]"]),
            ("assert [__, __] == [1, __]", "assert [a, b] == [1, c]", ["a", "b", "c"]),
            ("with __:\n    y = x", "with no_grad():\n    y = x", ["no_grad()"]),
            ("@__\ndef f(): return __", "@cache\ndef f(): return 1", ["cache", "1"]),
            ("y = __(x)", "y = torch.relu(x)", ["torch.relu"]),
            ("y = __ if __ else __", "y = a if b else c", ["a", "b", "c"]),
            ("assert x is __", "assert x is None  # é", ["None"]),
            ("s = 'é', __", "s = 'é', 'ü'", ["'ü'"]),
        ],
    )
    def test_expressions(self, pattern: str, page: str, fills: list[str]) -> None:
        """A blank holds one expression, wherever one can stand."""
        assert lifted(pattern, page) == fills

    @pytest.mark.parametrize(
        ("page", "fill"),
        [
            ("a()\nx.grad = None\nb()", "x.grad = None"),
            ("a()\nx.zero_()\nb()", "x.zero_()"),
            ("a()\nif x:\n    del x\nb()", "if x:\n        del x"),
            ("a()\nprint(x)\nx.zero_()\nprint(x)\nb()", "x.zero_()"),
            ("a()\nx = 1\ny = 2\nb()", "x = 1\n    y = 2"),
            ("a()\nprint(x)\nb()", "print(x)"),
            ("a()\n__\nb()", "__"),
        ],
    )
    def test_a_whole_line(self, page: str, fill: str) -> None:
        """A blank that is a line holds what stands between its neighbours, prints apart."""
        assert lifted("a()\n__\nb()", page) == [fill]

    def test_a_whole_line_at_the_end(self) -> None:
        """With nothing after it, it goes on to the end of its block."""
        assert lifted(
            "for i in r:\n    a()\n    __\nb()", "for i in r:\n    a()\n    c()\nb()"
        ) == ["c()"]

    @pytest.mark.parametrize(
        "page",
        [
            "# a note\nx = f( 1 )\n\nassert x == 3",
            "print('before')\nx = f(1)\nprint(x)\nassert x == 3\nprint('after')",
            "x = f(1); assert x == 3",
            "x = (f(1))\nassert (x) == (3)",
            "x = f(1)\nassert x == 3, 'a message'",
            "'''A docstring.'''\nx = f(1)\nassert x == 3",
        ],
    )
    def test_what_does_not_matter(self, page: str) -> None:
        """Notes, prints, extra lines, formatting and the docstring."""
        assert lifted("'''Asks.'''\nx = f(1)\nassert x == __", page) == ["3"]

    @pytest.mark.parametrize(
        ("pattern", "page", "fills"),
        [
            ("assert x.grad == __", "assert x.grad is None", ["None"]),
            ("assert x.grad is __", "assert x.grad == None", ["None"]),
            ("assert x.requires_grad == __", "assert x.requires_grad is True", ["True"]),
            ("assert x.flag is __", "assert x.flag == (False)", ["False"]),
            ("assert x != __", "assert x is not None", ["None"]),
            ("assert x is None\nassert y == __", "assert x == None\nassert y == 3", ["3"]),
            ("y = [__, x == __]", "y = [1, x is True]", ["1", "True"]),
        ],
    )
    def test_a_sign_for_none_and_flags(self, pattern: str, page: str, fills: list[str]) -> None:
        """With None, True and False `is` and `==` are one, as tools for style have it."""
        assert lifted(pattern, page) == fills

    @pytest.mark.parametrize(
        ("pattern", "page"),
        [
            ("assert x.grad == __", "assert x.grad is 3.0"),
            ("assert x.grad == __", "assert x.grad is not None"),
            ("assert x.grad == __", "assert x.grad != None"),
            ("assert x is __", "assert x == [None]"),
            ("assert x == __", "assert x in None"),
        ],
    )
    def test_another_sign(self, pattern: str, page: str) -> None:
        """Other signs, and these two between other values, are not the koan's."""
        with pytest.raises(ChangedError):
            lifted(pattern, page)

    def test_the_first_of_two_equal_lines(self) -> None:
        """A line written twice counts where it runs first."""
        assert lifted("assert x == __", "assert x == 1\nassert x == 2") == ["1"]

    def test_lines_count_as_in_the_file(self) -> None:
        """A fill knows the learner's line."""
        pattern = part("def test_it():\n    assert x == __\n")
        page = part("def test_it():\n    # a note\n    assert x == 5\n", line=40)
        assert lift(pattern, page)[0].line == 42

    @pytest.mark.parametrize(
        ("page", "missing", "line"),
        [
            ("assert x == 3", 2, None),
            ("print(x)\nx = f(2)\nassert x == 3", 2, 3),
            ("x = f(1)", 3, None),
            ("x = f(1)\nprint(x)\nassert x != 3", 3, 4),
            ("x = f(1.0)\nassert x == 3", 2, 2),
            ("x = f(True)\nassert x == 3", 2, 2),
        ],
    )
    def test_changed_beyond_its_blanks(self, page: str, missing: int, line: int | None) -> None:
        """The first line that is not there is named, and what stands in its place."""
        with pytest.raises(ChangedError) as caught:
            lifted("x = f(1)\nassert x == __", page)
        assert (caught.value.missing.lineno, caught.value.line) == (missing, line)

    def test_changed_inside_a_block(self) -> None:
        """It is the line in the block that is named, not the block."""
        with pytest.raises(ChangedError) as caught:
            lifted("for i in r:\n    a()\n    b()\nassert __", "for i in r:\n    a()\nassert 1")
        assert caught.value.missing.lineno == 4

    def test_the_next_line_is_not_a_changed_one(self) -> None:
        """What belongs further down does not stand for the line that is gone above it."""
        with pytest.raises(ChangedError) as caught:
            lifted("assert a.grad == __\nassert b.grad == 1", "assert b.grad == 1")
        assert (caught.value.missing.lineno, caught.value.line) == (2, None)

    def test_a_line_deleted_with_its_blank(self) -> None:
        """A blank that is a line needs a line."""
        with pytest.raises(ChangedError):
            lifted("a()\n__\nb()", "a()\nb()")

    def test_many_lines_pasted(self) -> None:
        """A pattern is found in one pass, however often its lines stand there."""
        pattern = "a()\nb()\na()\nb()\na()\nb()\nassert x == __"
        page = "a()\nb()\n" * 500
        with pytest.raises(ChangedError):
            lifted(pattern, page)
        assert lifted(pattern, f"{page}assert x == 5") == ["5"]


class TestGraft:
    @pytest.mark.parametrize(
        ("answered", "fills", "grafted"),
        [
            ("x = __(1, {})", ["2 + 3"], "x = 2 + 3"),
            ("x = 2 * __(1, {})", ["2 + 3"], "x = 2 * (2 + 3)"),
            ("x = __(1, {0})\ny = __(2, {0})", [None, "5"], "x = 1\ny = 5"),
            ("__(x.zero_(), {})", ["x.grad = None"], "x.grad = None"),
            ("__(x.zero_(), {})", ["x = 1\ny = 2"], "x = 1\ny = 2"),
            ("y = __(relu, {})(x)", ["sin"], "y = sin(x)"),
        ],
    )
    def test_fills_stand_in_the_answers_place(
        self, answered: str, fills: list[str | None], grafted: str
    ) -> None:
        """Where a fill is None the answer stays."""
        sheet = Part("test_it", 1, answered.format(NOTES))
        tree = graft(sheet, [read_fill(fill) if fill else None for fill in fills])
        text = ast.unparse(tree)
        for marker in source.markers_in(tree):
            text = text.replace(ast.unparse(marker.node), ast.unparse(marker.answer))
        assert text == grafted

    def test_lift_undoes_graft(self) -> None:
        """What is lifted from a file and grafted into the answers is that file again."""
        answered = Part(
            "test_it", 1, f"def test_it():\n    x = f(1)\n    assert x == __(3, {NOTES})\n"
        )
        pattern = Part("test_it", 1, source.blank(answered.text))
        page = Part(
            "test_it", 1, "def test_it():\n    x = f(1)\n    assert x == (4 if x else 5)\n"
        )
        tree = graft(answered, lift(pattern, page))
        assert source.same_code(tree, page.tree())
