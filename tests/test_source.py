"""Text to koan and back."""

from __future__ import annotations

import ast

import pytest

from sensei.koan import source
from sensei.koan.source import Notes, Part

NOTES = "wrong={'0': 'No.'}, hints=['a', 'b'], why='w'"


class TestSplit:
    TEXT = '"""A chapter."""\n\n\ndef test_a():\n    pass\n\n\n@mark\ndef test_b():\n    pass\n'

    def test_the_parts_are_the_text(self) -> None:
        """Nothing is lost between the parts."""
        head, koans = source.split(self.TEXT)
        assert head.text + "".join(koan.text for koan in koans) == self.TEXT

    def test_names_and_lines(self) -> None:
        """A koan begins at its def, or at the decorators above it."""
        _, koans = source.split(self.TEXT)
        assert [(koan.name, koan.line) for koan in koans] == [("test_a", 4), ("test_b", 8)]

    def test_decorators_over_several_lines(self) -> None:
        """They belong to the koan below them."""
        _, koans = source.split(
            "def test_a():\n    pass\n\n\n@f(\n    1,\n)\n@g\ndef test_b(): ...\n"
        )
        assert koans[1].text == "@f(\n    1,\n)\n@g\ndef test_b(): ...\n"

    def test_lines_count_as_in_the_file(self) -> None:
        """A tree of the second koan knows where it stands."""
        _, koans = source.split(self.TEXT)
        assert koans[1].tree().body[0].lineno == 9

    def test_no_koans(self) -> None:
        """All of it is head, then."""
        assert source.split("x = 1\n") == (Part("", 1, "x = 1\n"), [])


class TestBlankAndSolve:
    def test_only_markers_change(self) -> None:
        """Comments, formatting and characters beyond ASCII stay as they are."""
        text = f"# na\u00efve \u2207\nx = 'é', __( 1.0,{NOTES} )  # \u2207y\nassert x\n"
        assert source.blank(text) == "# na\u00efve \u2207\nx = 'é', __  # \u2207y\nassert x\n"

    def test_several_lines_and_several_blanks(self) -> None:
        """Each marker is one blank, over however many lines it goes."""
        text = f"a = __(\n    1,\n    {NOTES},\n) + __(2, {NOTES})\n"
        assert source.blank(text) == "a = __ + __\n"
        assert source.solve(text) == "a = 1 + 2\n"

    def test_a_blank_that_is_called(self) -> None:
        """A call without a marker's notes is the koan's own."""
        text = f"y = __(torch.relu, {NOTES})(x)\n"
        assert source.blank(text) == "y = __(x)\n"
        assert source.blank("y = __(x)\n") == "y = __(x)\n"

    @pytest.mark.parametrize(
        ("text", "solved"),
        [
            ("x = __(a + b, {})\n", "x = a + b\n"),
            ("x = 2 * __(a + b, {})\n", "x = 2 * (a + b)\n"),
            ("__(a + b, {}).backward()\n", "(a + b).backward()\n"),
            ("assert x == __((1, 2), {})\n", "assert x == (1, 2)\n"),
            ("x = 2 * __(a.b, {})\n", "x = 2 * a.b\n"),
            ("assert x == __(-1.0, {})\n", "assert x == -1.0\n"),
            ("x = __(-1.0, {}) ** 2\n", "x = (-1.0) ** 2\n"),
            ("if __(a is None, {}):\n    pass\n", "if a is None:\n    pass\n"),
            ("__(x.zero_(), {})\n", "x.zero_()\n"),
            ("with __(no_grad(), {}):\n    pass\n", "with no_grad():\n    pass\n"),
            ("@__(no_grad(), {})\ndef f(): ...\n", "@no_grad()\ndef f(): ...\n"),
        ],
    )
    def test_answers_keep_their_meaning(self, text: str, solved: str) -> None:
        """Parentheses come only where the answer would be read otherwise without them."""
        assert source.solve(text.format(NOTES)) == solved

    def test_a_chapter_is_its_parts(self) -> None:
        """Each koan is changed by itself, wherever it stands."""
        marker = f"__(a + b, {NOTES})"
        text = f"# é\ndef test_a():\n    {marker}\n\n\ndef test_b():\n    2 * {marker}\n"
        fresh = "# é\ndef test_a():\n    __\n\n\ndef test_b():\n    2 * __\n"
        assert source.blank(text) == fresh
        assert source.solve(text) == fresh.replace("2 * __", "2 * (a + b)").replace(
            "__", "a + b"
        )

    def test_a_line_that_is_not_python(self) -> None:
        """It is told as it counts in the whole text."""
        with pytest.raises(SyntaxError) as caught:
            source.solve("x = 1\n\n\ndef test_a():\n    x = = 2\n")
        assert caught.value.lineno == 5


class TestFill:
    @pytest.mark.parametrize(
        ("text", "fill", "filled"),
        [
            ("assert 'é∇' and x == __  # ∇\n", "'ü'", "assert 'é∇' and x == 'ü'  # ∇\n"),
            ("x = 2 * __\n", "a + b", "x = 2 * (a + b)\n"),
            ("x = __\n", "a + b", "x = a + b\n"),
            ("__\n", "x.grad = None", "x.grad = None\n"),
            ("__\n", "x = 1\ny = 2", "x = 1\ny = 2\n"),
            ("assert x == __\n", "1 +", "assert x == 1 +\n"),
            ("assert x == __\n", "__", "assert x == __\n"),
        ],
    )
    def test_a_fill_stands_in_the_blanks_place(self, text: str, fill: str, filled: str) -> None:
        """Whatever stands before it, and with its own meaning, if it has one."""
        assert source.fill(Part("", 1, text), [fill]).text == filled

    def test_several(self) -> None:
        """One for each blank, in a part that begins anywhere in its file."""
        part = Part("test_a", 7, "def test_a():\n    é = __; assert __ == é + __\n")
        filled = source.fill(part, ["1", "x", "y if z else 0"])
        assert filled.text == "def test_a():\n    é = 1; assert x == é + (y if z else 0)\n"


def markers_of(text: str) -> list[source.Marker]:
    """Return the markers of an answered koan."""
    return source.markers_in(Part("", 1, text).tree())


class TestMarkers:
    def test_one_reply_for_several_fills(self) -> None:
        """Each fill has it."""
        (marker,) = markers_of("x = __(1, wrong={('2', '3'): 'No.', '4': 'Never.'})\n")
        assert marker.entries == [(["2", "3"], "No."), (["4"], "Never.")]
        assert marker.wrong == {"2": "No.", "3": "No.", "4": "Never."}

    def test_notes_of_the_koan(self) -> None:
        """The last one has them, and may have numbers."""
        first, last = markers_of(
            "x = __(1, wrong={}) + __(2, wrong={}, hints=['a'], why='w', numbers={'1': '2'})\n"
        )
        assert first.notes is None
        assert last.notes == Notes(["a"], "w", {"1": "2"}, core=False, part=False)

    @pytest.mark.parametrize(
        ("notes", "said"),
        [
            ("wrong={'0': no}", "^no$"),
            ("wrong={0: 'No.'}", "^0$"),
            ("wrong={**others}", r"^\*\*$"),
            ("wrong=others", "^others$"),
            ("wrong={}, hints=['a'], why=w", "^w$"),
            ("wrong={}, hints=hints, why='w'", "^hints$"),
            ("wrong={}, hint=['a'], why='w'", "^a marker has no hint$"),
        ],
    )
    def test_notes_are_plain_text(self, notes: str, said: str) -> None:
        """Others are refused, and so are notes that there are not: no answer slips through."""
        with pytest.raises(ValueError, match=said):
            source.blank(f"x = __(1, {notes})\n")


KOAN = '''def test_a():
    """What is 3.0 in x2, at 3?"""
    assert x2 == __(
        3.0,
        wrong={("-6", "13.0"): "é: 6. Not 2.3.0, but 6."},
        hints=["6x", "3e2"],
        why="w",%s
    )
'''
SECOND = '''def test_a():
    """What is 5.0 in x2, at 6?"""
    assert x2 == __(
        5.0,
        wrong={("-3", "13.0"): "é: 3. Not 2.3.0, but 3."},
        hints=["6x", "3e2"],
        why="w",
    )
'''


class TestSecond:
    @pytest.mark.parametrize(
        "note",
        [
            "numbers={'3.0': '5.0', '6': '3', '3': '6'}",
            "numbers={'3.0': '5.0', '6': '3', '3': '6'},",
            "\n        numbers={\n            '3.0': '5.0', '6': '3', '3': '6'\n        },",
        ],
    )
    def test_all_numbers_at_once(self, note: str) -> None:
        """Every number that stands by itself, in code and in texts; the note is gone."""
        assert source.second(Part("test_a", 7, KOAN % note)) == Part("test_a", 7, SECOND)

    def test_none(self) -> None:
        """Most koans have no second set."""
        assert source.second(Part("test_a", 7, KOAN % "")) is None

    def test_a_number_that_is_not_there(self) -> None:
        """It is named."""
        koan = Part("test_a", 7, KOAN % "numbers={'77': '1', '2.3': '1', '6': '1'}")
        with pytest.raises(ValueError, match=r"what it does not have: 2\.3, 77$"):
            source.second(koan)

    def test_it_leaves_no_trace_in_what_is_handed_out(self) -> None:
        """The note goes with its marker, blank or solved."""
        noted = KOAN % "numbers={'6': '3'}"
        assert source.blank(noted) == source.blank(KOAN % "")
        assert source.solve(noted) == source.solve(KOAN % "")


def test_a_tree_as_text() -> None:
    """It is the same in every version of Python: keys of koans are made of it."""
    (tree,) = ast.parse("def f(x): return [None, g()]").body
    assert source.dumped(tree) == (
        "FunctionDef(name='f', args=arguments(posonlyargs=[], args=[arg(arg='x')], "
        "kwonlyargs=[], kw_defaults=[], defaults=[]), "
        "body=[Return(value=List(elts=[Constant(value=None), "
        "Call(func=Name(id='g', ctx=Load()), args=[], keywords=[])], ctx=Load()))], "
        "decorator_list=[])"
    )
