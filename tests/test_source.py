"""Text to koan and back."""

from __future__ import annotations

import pytest

from sensei.koan import source
from sensei.koan.source import Part

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
