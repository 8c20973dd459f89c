"""An author's commands: every proof catches a koan that is bad in just its way."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from sensei.author.check import SECOND_NUMBERS, Fault, faults_of
from sensei.author.names import strange_names
from sensei.author.near_misses import near_misses
from sensei.author.proofs import CHAPTER_PROOFS, FIRST_PROOFS, PATH_PROOFS, PROOFS
from sensei.author.running import fresh_path
from tests.tiny_course import CODE, DOUBLING, Course

SQUARE = '"9.0": "That is a square."'
WHY = 'why="Twice is times two."'


@pytest.fixture
def good(course: Course) -> Course:
    """Give a course of which everything holds."""
    rewrite(course, '"""Doubling."""', '"""Doubling.\n\nBy the end you can double.\n"""')
    course.command("blank", "--replace")
    return course


def rewrite(course: Course, old: str, new: str, name: str = DOUBLING) -> None:
    """Change a chapter of the answer sheet."""
    text = (course.root / "answers" / name).read_text("utf-8")
    assert old in text
    course.answer(name, text.replace(old, new, 1))


def faults(course: Course) -> list[Fault]:
    """Prove the whole course."""
    chapters = fresh_path(course.root / "koans", course.root / "answers")
    return list(faults_of(chapters, chapters, whole=True))


#: By rule: what is changed in a good koan, and what is said of it then.
BAD: dict[str, tuple[str, str, str]] = {
    "can be read": (
        SQUARE,
        '"9 0": "That is a square."',
        "blank 1 (line 14), 9 0: this entry is not Python",
    ),
    "is one function": (
        "def test_double_and_half",
        "HALF = 0.5\n\n\ndef test_double_and_half",
        "something stands behind it",
    ),
    "asks for something": ("What is twice 3?", "Twice 3.", "its docstring neither ends"),
    "notes stand once": (
        '"That is the half."},',
        '"That is the half."}, why="Yes."',
        "blank 1 (line 25): hints, why, numbers and core belong to",
    ),
    "has what it needs": (
        'wrong={"346.0": "That is 2 less."}',
        "wrong={}",
        "blank 2 (line 29): it lists no wrong fill",
    ),
    "entries differ": (
        SQUARE,
        '"5": "That is five."',
        "blank 1 (line 14), 5.0: the entry 5 means the same",
    ),
    "replies differ": (
        SQUARE,
        '"9.0": "That is 2 more, not twice as much."',
        "2 entries have the same reply: That is 2 more",
    ),
    "names stand in the koan": (
        SQUARE,
        '"9.0": "That is the slope in y."',
        "blank 1 (line 14), 9.0: its reply speaks of y",
    ),
    "question does not answer": (
        "What is twice 3?",
        "Is 6 twice 3?",
        "its docstring holds the answer 6.0",
    ),
    "gives nothing away": ("Two threes.", "Is it 6?", "hint 2 holds the answer 6.0"),
    "why does not answer the next": (
        "Twice is times two.",
        "Twice 348 is 696.",
        "its why holds the answer 696.0 of test_double_and_half",
    ),
    "blanks fail": (
        "assert 2 * x == __(",
        "assert 2 * x == 6.0\n    __(",
        "it holds although its blanks are empty",
    ),
    "answers hold": (
        "        6.0,",
        "        7.0,",
        "with its answers it does not hold: AssertionError",
    ),
    "leaves torch as it was": (
        "x = 3.0",
        "x = 3.0\n    import torch; torch.set_grad_enabled(False)",
        "it leaves another grad mode behind",
    ),
    "listed fills are wrong": (
        SQUARE,
        '"float(6)": "That is a sum."',
        "blank 1 (line 14), float(6): with it the koan is",
    ),
    "listed fills get their reply": (
        SQUARE,
        '"5": "That is five."',
        "blank 1 (line 14), 5: it is told something else: That is 2 more",
    ),
    "near misses are wrong": (
        "assert 2 * x == __(",
        "assert 2 * x >= __(",
        "blank 1 (line 14), -6.0: it is nearly the answer, and with it the koan is solved",
    ),
    "screens tell no answer": (
        SQUARE,
        '"9.0": "That is not 6."',
        "blank 1 (line 14), 9.0: its screen tells the answer 6.0",
    ),
    "fits the screen": (
        "x = 3.0",
        f"x = 3.0  # {'and ' * 17}",
        "a line is longer than 74 characters: x = 3.0",
    ),
    SECOND_NUMBERS: (WHY, f'{WHY}, numbers={{"77": "8"}}', "it does not have: 77"),
    "opening does not answer the first": (
        '"""Doubling.',
        '"""Doubling makes 6 of 3.',
        "its docstring holds the answer 6.0 of test_double",
    ),
    "says what it is good for": (
        "By the end you can",
        "You can",
        "the last paragraph of its docstring does not begin: By the end you can",
    ),
    "says what to read": ("import math", "import torch", "its docstring does not end: "),
    "names differ": (
        "def test_double_and_half",
        "def test_double",
        "2 koans are called test_double",
    ),
}


def two_lines(course: Course) -> str:
    """Put two blanks that are lines side by side."""
    rewrite(course, "    __(\n", '    __(x.abs_(), wrong={"x": "No."})\n\n    __(\n', CODE)
    return "two blanks that are whole lines stand side by side"


def another_page(course: Course) -> str:
    """Change a learners' file."""
    course.edit("x / 2", "x / 3")
    return "koans/test_01_doubling.py is not what is written here"


def a_stray_page(course: Course) -> str:
    """Add a file that has no answers."""
    course.page("test_03_more.py").write_text("")
    return "koans/test_03_more.py has no answers"


def one_is_solved(course: Course) -> str:
    """Solve one chapter of two."""
    course.command("solve", "koans", DOUBLING, "--replace")
    return "some chapters are blank and some are solved"


def no_code(course: Course) -> str:
    """Take away the koan that asks for code."""
    text = (course.root / "answers" / CODE).read_text()
    start, end = text.index("def test_zero_it"), text.index("def test_what_is_raised")
    course.answer(CODE, text[:start] + text[end:])
    return "only 0 of 3 koans ask for code"


def core_begins_late(course: Course) -> str:
    """Mark a koan for the route core behind a chapter without one."""
    rewrite(course, 'why="The underscore."', 'why="The underscore.", core=True', CODE)
    return "no koan of chapter 1 is on the route core"


#: By rule: what else makes a course bad; each returns what is said of it then.
ELSE_BAD: dict[str, Callable[[Course], str]] = {
    "lines stand apart": two_lines,
    "is derived": another_page,
    "has no stray chapter": a_stray_page,
    "all are blank or solved": one_is_solved,
    "one in three asks for code": no_code,
    "one in three is core": core_begins_late,
}


class TestEachProof:
    def test_a_good_course_passes(self, good: Course) -> None:
        """There is nothing to say of it."""
        assert faults(good) == []

    @pytest.mark.parametrize("rule", BAD)
    def test_catches_a_bad_koan(self, good: Course, rule: str) -> None:
        """By its name, with the blank and the entry."""
        old, new, said = BAD[rule]
        rewrite(good, old, new)
        assert [
            fault.text for fault in faults(good) if fault.rule == rule and said in fault.text
        ]

    @pytest.mark.parametrize("rule", ELSE_BAD)
    def test_catches_a_bad_course(self, good: Course, rule: str) -> None:
        """Where it takes more than another word in a koan."""
        said = ELSE_BAD[rule](good)
        assert [
            fault.text for fault in faults(good) if fault.rule == rule and said in fault.text
        ]

    def test_is_tried_here(self) -> None:
        """No proof is without a koan that it catches."""
        proofs = (*FIRST_PROOFS, *PROOFS, *CHAPTER_PROOFS, *PATH_PROOFS)
        rules = {proof.__name__.replace("_", " ") for proof in proofs}
        assert rules | {SECOND_NUMBERS} == BAD.keys() | ELSE_BAD.keys()

    def test_a_koan_that_is_not_python_is_told_alone(self, good: Course) -> None:
        """The others are proved all the same."""
        rewrite(good, "x = 3.0", "x = (3.0")
        rewrite(good, '"346.0": "That is 2 less."', "")
        told = [(fault.where.split()[-1], fault.rule) for fault in faults(good)]
        assert told == [
            ("test_double", "can be read"),
            ("test_double_and_half", "has what it needs"),
        ]

    def test_letters_beyond_ascii_before_a_blank(self, good: Course) -> None:
        """A column is counted in letters here and in bytes there; it is the same place."""
        rewrite(good, "assert 2 * x == __(", 'assert "é∇" and 2 * x == __(')
        assert good.command("blank", "--replace") == 0
        assert faults(good) == []

    def test_one_reply_for_two_fills(self, good: Course) -> None:
        """An entry may have several fills, and each of them is tried."""
        rewrite(good, SQUARE, '("9.0", "float(6)"): "That is a square."')
        assert {fault.text for fault in faults(good)} == {
            "blank 1 (line 14), float(6): with it the koan is solved"
        }


NUMBERS = '{"3.0": "4.0", "3": "4", "6.0": "8.0", "5.0": "6.0", "9.0": "16.0"}'


class TestSecondNumbers:
    def test_a_second_text_is_proved(self, good: Course) -> None:
        """By the same proofs, and they hold where its numbers fit."""
        rewrite(good, WHY, f"{WHY}, numbers={NUMBERS}")
        assert faults(good) == []

    def test_a_bad_second_text(self, good: Course) -> None:
        """What does not hold of it is told as such."""
        rewrite(good, WHY, f'{WHY}, numbers={{"3.0": "4.0"}}')
        told = [fault for fault in faults(good) if fault.rule == "answers hold"]
        assert told
        assert all("test_double, with its second numbers" in fault.where for fault in told)


class TestNames:
    @pytest.mark.parametrize(
        "text",
        [
            "I doubt that a tensor isn't there, e.g. w.r.t. x: don't, it's x's.",
            "In a loop optimizer.zero_grad() does it, or model.zero_grad().",
            "torch.autograd.gradcheck and np.float32 have it; retain_graph=True keeps it.",
            "(x**2).backward() fills x.grad, and 2x is 3x less x.",
            "'NoneType' object has no attribute 'frob'. Write it in place of __.",
            "A 2-D tensor, all 1s, is read in O(n) by the i-th thread in C, up to 1e-6.",
        ],
    )
    def test_sensible_prose(self, text: str) -> None:
        """Words, and names that torch, Python or the koan has, are no cause for alarm."""
        assert strange_names(text, {"x", "__"}) == []

    @pytest.mark.parametrize(
        ("text", "strange"),
        [
            ("That is the slope in y.", ["y"]),
            ("How fast is 2y?", ["y"]),
            ("Look at y's flag.", ["y"]),
            ("Nothing is in y.grad.", ["y", "y.grad"]),
            ("Call x.zero_all_() first.", ["x.zero_all_"]),
            ("Call clear_grad() first.", ["clear_grad"]),
            ("See torch.autograd.gradchecks.", ["torch.autograd.gradchecks"]),
            ("The optimizer.clear() does it.", ["optimizer.clear"]),
        ],
    )
    def test_what_is_not_there(self, text: str, strange: list[str]) -> None:
        """What neither has is named."""
        assert strange_names(text, {"x"}) == strange


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Give what a command has said."""
    return lambda: capsys.readouterr().out


class TestCheck:
    def test_all_of_it(self, good: Course, output: Callable[[], str]) -> None:
        """Status 0, and a line that says so."""
        output()
        assert good.command("check") == 0
        assert output() == "All 4 koans hold.\n"

    def test_what_does_not_hold(self, good: Course, output: Callable[[], str]) -> None:
        """Status 1, and where, by which rule, a sentence each."""
        rewrite(good, "Two threes.", "Is it 6?")
        output()
        assert good.command("check", "1") == 1
        assert output() == (
            "answers/test_01_doubling.py:11   test_double\n"
            "    gives nothing away: hint 2 holds the answer 6.0\n"
            "What does not hold: 1.\n"
        )

    def test_only_what_is_named(self, good: Course, output: Callable[[], str]) -> None:
        """A koan by its name, a chapter by its number."""
        rewrite(good, "Two threes.", "Is it 6?")
        output()
        assert good.command("check", "half") == 0
        assert output() == "test_double_and_half holds.\n"
        assert good.command("check", "half", "2") == 0
        assert output() == "All 3 koans hold.\n"
        assert good.command("check", "test_double") == 1

    def test_without_the_learners_files(self, good: Course) -> None:
        """A koan is proved as it is written in answers/, whatever is in koans/."""
        for page in (good.root / "koans").iterdir():
            page.unlink()
        assert good.command("check", "test_double", "zero_it") == 0

    def test_nothing_to_prove(self, good: Course, output: Callable[[], str]) -> None:
        """Status 2."""
        output()
        assert good.command("check", "tripling") == 2
        assert output() == "No koan and no chapter is called tripling.\n"


SHOWN = """\
  koans/test_02_code.py:20   test_what_is_raised
      What is raised?

          with pytest.raises(Exception) as caught:
              torch.tensor(1.0).nothing
    >     assert caught.type is __

  Wrong answers

      RuntimeError
          Torch is not asked.

  Hints

      1. Look up.
      2. Python.

  The answer

      AttributeError
      Python raises it.

"""


class TestShow:
    def test_a_koan(self, good: Course, output: Callable[[], str]) -> None:
        """As a learner meets it, with all that may be said about it."""
        output()
        assert good.command("show", "what_is_raised") == 0
        assert output() == SHOWN

    def test_with_second_numbers(self, good: Course, output: Callable[[], str]) -> None:
        """They are shown, too."""
        rewrite(good, WHY, f"{WHY}, numbers={NUMBERS}")
        assert good.command("show", "test_double") == 0
        assert "With its second numbers\n      What is twice 4?" in output()

    def test_no_such_koan(self, good: Course) -> None:
        """Status 2."""
        assert good.command("show", "tripling") == 2


@pytest.mark.parametrize(
    ("answer", "near"),
    [
        ("2 * (x + 1)", ["None", "2 * x + 1"]),
        ("(a - b) / (2 * h)", ["None", "a - b / (2 * h)"]),
        ("3 * (w * x + b) * x", ["None", "3 * (w * x) + b * x"]),
        ("2 * x + 1", ["None"]),
        ("f(x + 1)", ["None"]),
    ],
)
def test_a_formula_with_brackets_is_nearly_one_without(answer: str, near: list[str]) -> None:
    """What is computed first is a slip that a koan with a formula must tell."""
    assert list(near_misses(ast.parse(answer, mode="eval").body)) == near
