"""What autograd recorded in a koan: read off a real run, drawn, and kept secret where asked."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from pathlib import Path

import pytest

from sensei.graph import drawing
from sensei.graph.nodes import LEAVES, Cut, Graph, Loss, Node, Output, Unseen
from sensei.graph.picture import write_picture
from sensei.graph.shown import RECORDER
from sensei.koan.source import Part
from sensei.run.outcome import End, Outcome, Trial
from sensei.run.runner import runner
from sensei.run.values import Array
from tests.tiny_course import Course


def record_of(body: str, seconds: float = 10.0) -> tuple[Graph, Outcome]:
    """Run a koan with this body, with x = 2 before it."""
    lines = ["x = torch.tensor(2.0, requires_grad=True)", *textwrap.dedent(body).splitlines()]
    text = "def test_it():\n" + "".join(f"    {line}\n" for line in lines)
    head = "import math\n\nimport torch\n\nfrom sensei import __\n"
    with runner.koan() as run:
        outcome = run(Trial(head, Part("test_it", 1, text), seconds=seconds, spy=RECORDER))
    assert isinstance(outcome.found, Graph)
    return outcome.found, outcome


def drawn(body: str) -> list[str]:
    """Return the drawing of a koan with this body, without its head and without columns."""
    lines = [line for line in drawing.lines(record_of(body)[0])[2:] if line]
    return [re.sub(r"(?<=\S) {3,}", " | ", line.removeprefix(" " * 10)) for line in lines]


X = Node("", {0: Output("x", value=2.0, grad=56.0)})
CHAIN = Graph(
    [
        Node("PowBackward0", {0: Output("f", value=49.0)}, [(1, 0)], start="backward"),
        Node("AddBackward0", {0: Output("g", value=7.0)}, [(2, 0), None]),
        Node("PowBackward0", {0: Output("h", value=4.0)}, [(3, 0)]),
        X,
    ],
    roots=[0],
)
TRANSCRIPTS = {
    "a chain": (
        CHAIN,
        """
      What autograd recorded, from the results back to the leaves:

          f: PowBackward0, backward() from here   49.0
            g: AddBackward0, with a constant      7.0
              h: PowBackward0                     4.0
                x: a leaf                         2.0   .grad 56.0
""",
    ),
    "nothing known but its structure": (
        Graph([Node("MulBackward0", inputs=[(1, 0), (1, 0)]), Node("")], roots=[0]),
        """
      What autograd recorded, from the results back to the leaves:

          MulBackward0
            a leaf
            a leaf, as above
""",
    ),
    "what is asked": (
        Graph(
            [
                Node(
                    "",
                    {0: Output("x", value=Unseen.ASKED, grad=Unseen.ASKED)},
                    start="backward",
                )
            ],
            roots=[0],
        ),
        """
      Autograd recorded no operation here. There is no more than this:

          x: a leaf, backward() from here   ?   .grad ?
""",
    ),
    "two that are alike": (
        Graph(
            [
                Node("SinBackward0", {0: Output("y", earlier=True, value=1.0)}, [(1, 0)]),
                Node("", {0: Output("x", earlier=True, value=5.0, grad=None)}),
                Node("SinBackward0", {0: Output("y", value=2.0)}, [(3, 0)]),
                Node("", {0: Output("x", value=6.0, grad=None)}),
            ],
            roots=[0, 2],
        ),
        """
      What autograd recorded, from the results back to the leaves:

          2 times alike, the last one is drawn:
          y: SinBackward0   2.0
            x: a leaf       6.0   .grad None
""",
    ),
    "values of all sizes": (
        Graph(
            [
                Node("", {0: Output("a", value=Array((2,), [1.0, 0.123456789]))}),
                Node("", {0: Output("b", value=Array((9, 9), []))}),
                Node("", {0: Output("c", value=Array((0,), []), grad=float("nan"))}),
            ],
            roots=[0, 1, 2],
        ),
        """
      Autograd recorded no operation here. There is no more than this:

          a: a leaf that nothing was recorded for   [1.0, 0.123457]
          b: a leaf that nothing was recorded for   shape [9, 9]
          c: a leaf that nothing was recorded for   []   .grad nan
""",
    ),
    "cuts, each once": (
        Graph(
            [X],
            roots=[0],
            cuts=[Cut("x.item()", Loss.NUMBER, [0]), Cut("x.item()", Loss.NUMBER, [0])],
        ),
        """
      Autograd recorded no operation here. There is no more than this:

          x: a leaf that nothing was recorded for   2.0   .grad 56.0

      Cut: x.item() keeps the number and drops the path to x.
""",
    ),
    "nothing": (
        Graph([], []),
        """
      Autograd recorded nothing here: no tensor requires grad.
""",
    ),
    "a name that is too long": (
        Graph([Node("", {0: Output("n" * 90, value=1.0, grad=2.0)}, start="backward")], [0]),
        f"""
      Autograd recorded no operation here. There is no more than this:

          {"n" * 70}
              {"n" * 20}: a leaf, backward() from here
              1.0
              .grad 2.0
""",
    ),
}


class TestDrawing:
    """Plain nodes become lines."""

    @pytest.mark.parametrize("name", TRANSCRIPTS)
    def test_transcripts(self, name: str) -> None:
        """Each graph has this very drawing."""
        graph, expected = TRANSCRIPTS[name]
        assert drawing.lines(graph) == expected.strip("\n").split("\n")

    @pytest.mark.parametrize("inputs", [1, 2])
    def test_a_deep_graph_stays_on_the_screen(self, inputs: int) -> None:
        """Of 5,000 nodes under each other the top is drawn, and what is left out counted."""
        count = 5000
        nodes = [
            Node(f"Op{n % 3}Backward0", inputs=[(n + 1, 0)] * inputs) for n in range(count)
        ]
        lines = drawing.lines(Graph([*nodes, X], roots=[0]))
        assert len(lines) < 2 * drawing.ROWS
        assert max(map(len, lines)) <= drawing.WIDTH
        assert f"({count - drawing.LEVELS - 1} more operations are left out)" in lines[-2]
        assert "x: a leaf" in lines[-1]

    def test_a_wide_graph_stays_on_the_screen(self) -> None:
        """So it is with 500 leaves beside each other."""
        leaves = [Node("", {0: Output(f"x{n}")}) for n in range(500)]
        top = Node("StackBackward0", inputs=[(n + 1, 0) for n in range(500)])
        lines = drawing.lines(Graph([top, *leaves], roots=[0]))
        assert len(lines) < 2 * drawing.ROWS
        left_out = 500 - (drawing.ROWS - 1) - LEAVES
        assert lines[-1] == f"          ({left_out} more leaves are left out)"


RECORDED = {
    "a chain": (
        "h = x**2\ng = h + 3\nf = g**2\nf.backward()",
        [
            "f: PowBackward0, backward() from here | 49.0",
            "  g: AddBackward0, with a constant | 7.0",
            "    h: PowBackward0 | 4.0",
            "      x: a leaf | 2.0 | .grad 56.0",
        ],
    ),
    "no names": (
        "torch.sin(x**2).backward()",
        [
            "torch.sin(x**2): SinBackward0, backward() from here | -0.756802",
            "  x**2: PowBackward0 | 4.0",
            "    x: a leaf | 2.0 | .grad -2.61457",
        ],
    ),
    "a shared node": (
        "a = x * 3\nb = a + 1\ny = a * b",
        [
            "y: MulBackward0 | 42.0",
            "  a: MulBackward0, with a constant | 6.0",
            "    x: a leaf | 2.0 | .grad None",
            "  b: AddBackward0, with a constant | 7.0",
            "    a, as above",
        ],
    ),
    "two results of one leaf": (
        "a = x**2\nb = x**3",
        [
            "a: PowBackward0 | 4.0",
            "  x: a leaf | 2.0 | .grad None",
            "b: PowBackward0 | 8.0",
            "  x, as above",
        ],
    ),
    "a leaf beside it": (
        "z = torch.tensor(1.0, requires_grad=True)\n(0 * x).backward()",
        [
            "0 * x: MulBackward0, with a constant, backward() from here | 0.0",
            "  x: a leaf | 2.0 | .grad 0.0",
            "z: a leaf that nothing was recorded for | 1.0 | .grad None",
        ],
    ),
    "a loop that binds y again": (
        "y = x\nfor _ in range(2):\n    y = y * 2",
        [
            "y: MulBackward0, with a constant | 8.0",
            "  an earlier y: MulBackward0, with a constant | 4.0",
            "    x: a leaf | 2.0 | .grad None",
        ],
    ),
    "a long loop": (
        "y = x\nfor _ in range(5000):\n    y = y + 1",
        [
            "y: AddBackward0, with a constant | 5002.0",
            "  (4998 more like it, each made from the next)",
            "    an earlier y: AddBackward0, with a constant | 3.0",
            "      x: a leaf | 2.0 | .grad None",
        ],
    ),
    "the same in each turn": (
        "for _ in range(3):\n    (x**2).backward()",
        [
            "3 times alike, the last one is drawn:",
            "x**2: PowBackward0, backward() from here | 4.0",
            "  x: a leaf | 2.0 | .grad 12.0",
        ],
    ),
    "a module": (
        """\
        layer = torch.nn.Linear(1, 1)
        torch.nn.init.ones_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
        y = layer(torch.ones(1, 1)) * x
        """,
        [
            "y: MulBackward0 | [[2.0]]",
            "  layer(torch.ones(1, 1)): AddmmBackward0, with a constant | [[1.0]]",
            "    layer.bias: a leaf | [0.0] | .grad None",
            "    TBackward0",
            "      layer.weight: a leaf | [[1.0]] | .grad None",
            "  x: a leaf | 2.0 | .grad None",
        ],
    ),
    "lists and dictionaries": (
        "made = {'a': [x + 1]}\nmany = [x + 2, x.detach()]\npair = {'b': x + 3}",
        [
            "x + 1: AddBackward0, with a constant | 3.0",
            "  x: a leaf | 2.0 | .grad None",
            "many[0]: AddBackward0, with a constant | 4.0",
            "  x, as above",
            "pair['b']: AddBackward0, with a constant | 5.0",
            "  x, as above",
            "      Cut: x.detach() keeps the value and drops the path to x.",
        ],
    ),
    "a function of one's own": (
        """\
        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, t):
                ctx.save_for_backward(t)
                return t * t

            @staticmethod
            def backward(ctx, grad):
                return 2 * grad * ctx.saved_tensors[0]

        y = Square.apply(x)
        y.backward()
        """,
        [
            "y: SquareBackward, backward() from here | 4.0",
            "  x: a leaf | 2.0 | .grad 4.0",
        ],
    ),
    "one node with several results": (
        "v = torch.ones(2, requires_grad=True)\na, b = v.unbind()\ny = a * b * x",
        [
            "y: MulBackward0 | 2.0",
            "  a * b: MulBackward0 | 1.0",
            "    a and b: UnbindBackward0 | 1.0 and 1.0",
            "      v: a leaf | [1.0, 1.0] | .grad None",
            "    b, as above",
            "  x: a leaf | 2.0 | .grad None",
        ],
    ),
    "in place": (
        "y = x * 3\ny.add_(1)",
        [
            "y: AddBackward0, with a constant | 7.0",
            "  an earlier y: MulBackward0, with a constant | 6.0",
            "    x: a leaf | 2.0 | .grad None",
        ],
    ),
    "a leaf that an optimizer moved": (
        "(x**2).backward()\nwith torch.no_grad():\n    x -= 1.0",
        [
            "x**2: PowBackward0, backward() from here | 4.0",
            "  x: a leaf | 1.0 | .grad 4.0",
        ],
    ),
    "a gradient that is kept": (
        "y = x**2\ny.retain_grad()\n(y * 3).backward()",
        [
            "y * 3: MulBackward0, with a constant, backward() from here | 12.0",
            "  y: PowBackward0 | 4.0 | .grad 3.0",
            "    x: a leaf | 2.0 | .grad 12.0",
        ],
    ),
    "a gradient that is asked for": (
        "slope = torch.autograd.grad(x**2, x)",
        ["x**2: PowBackward0, grad() from here | 4.0", "  x: a leaf | 2.0 | .grad None"],
    ),
    "detach": (
        "y = (x * 3).detach()\nz = y * x",
        [
            "x * 3: MulBackward0, with a constant | 6.0",
            "  x: a leaf | 2.0 | .grad None",
            "z: MulBackward0, with a constant | 12.0",
            "  x, as above",
            "      Cut: (x * 3).detach() keeps the value and drops the path to x.",
        ],
    ),
    "no_grad": (
        "with torch.no_grad():\n    y = x * 3",
        [
            "x: a leaf that nothing was recorded for | 2.0 | .grad None",
            "      Cut: x * 3 ran with recording off, so there is no path to x.",
        ],
    ),
    "item that the koan goes on with": (
        "h = (x**2).item() + 3",
        [
            "x**2: PowBackward0 | 4.0",
            "  x: a leaf | 2.0 | .grad None",
            "      Cut: (x**2).item() keeps the number and drops the path to x.",
        ],
    ),
    "item that goes on in a new tensor": (
        "a = torch.tensor(x.item())\nb = torch.tensor(x.item() + 1, requires_grad=True)",
        [
            "x: a leaf that nothing was recorded for | 2.0 | .grad None",
            "b: a leaf that nothing was recorded for | 3.0 | .grad None",
            "      Cut: x.item() keeps the number and drops the path to x.",
        ],
    ),
    "item that is only looked at": (
        "print(x.item())\nseen = [x.item()]\nassert x.item() == 2.0",
        ["x: a leaf that nothing was recorded for | 2.0 | .grad None"],
    ),
    "other ways out of the graph": (
        "a = torch.tensor(x)\nb = math.exp(x) * 2\nc = x > 1\nd = x.data",
        [
            "x: a leaf that nothing was recorded for | 2.0 | .grad None",
            "      Cut: torch.tensor(x) copies the value and leaves the path to x behind.",
            "      Cut: math.exp(x) keeps the number and drops the path to x.",
            "      Cut: x > 1 holds no floating numbers, so it has no path to x.",
            "      Cut: x.data keeps the value and drops the path to x.",
        ],
    ),
    "a condition is no cut": (
        "y = x * 2 if x > 1 else x\nwhile y < 3:\n    y = y * 2",
        ["y: MulBackward0, with a constant | 4.0", "  x: a leaf | 2.0 | .grad None"],
    ),
    "assertions stop nothing": (
        "assert x == 7\nassert x.grad.item() == 3\nassert __ == x + 1\ny = x**2",
        ["y: PowBackward0 | 4.0", "  x: a leaf | 2.0 | .grad None"],
    ),
    "what a blank is compared with": (
        "assert (x + 1).item() == __",
        ["x + 1: AddBackward0, with a constant | 3.0", "  x: a leaf | 2.0 | .grad None"],
    ),
    "a function within the koan": (
        "def f(v):\n    h = v**2\n    return h\nf(x).backward()",
        ["f(x): PowBackward0, backward() from here | 4.0", "  x: a leaf | 2.0 | .grad 4.0"],
    ),
    "code of all kinds": (
        """\
        match x.dtype:
            case torch.float32:
                z = [t * 2 for t in [x] if (n := 1)][n - 1]
        total, *rest = (lambda *a, **k: [*a, *k.values()])(z, b=x)
        del z, rest
        """,
        ["total: MulBackward0, with a constant | 4.0", "  x: a leaf | 2.0 | .grad None"],
    ),
}


class TestRecording:
    """A run of a koan becomes plain nodes."""

    @pytest.mark.parametrize("name", RECORDED)
    def test_what_is_recorded(self, name: str) -> None:
        """Each koan has this very graph."""
        body, expected = RECORDED[name]
        assert drawn(body) == expected

    def test_a_koan_that_raises_half_way(self) -> None:
        """What was recorded until then is there, and where it stopped."""
        graph, outcome = record_of("y = x**2\ny.nothing\nz = y * 3")
        assert graph.operations == 1
        assert outcome.line == 4

    def test_a_formula_that_is_blank(self) -> None:
        """The run ends where its value is needed."""
        graph, outcome = record_of("y = x**2\nh = __\nf = h * y\nz = y * 3")
        assert outcome.error is not None
        assert outcome.error.type.full_name == "sensei.blank.BlankError"
        assert outcome.line == 5
        assert graph.operations == 1

    def test_a_koan_that_records_without_end(self) -> None:
        """It is stopped before its time is up, and drawn as far as it came."""
        graph, outcome = record_of("y = x**2\nwhile True:\n    y = y + 1")
        assert outcome.error is not None
        assert outcome.error.type.name == "TooMuch"
        assert outcome.line == 5
        assert "more like it" in drawing.lines(graph)[3]

    def test_a_koan_without_end(self) -> None:
        """It is stopped, and drawn as far as it came."""
        graph, outcome = record_of("y = x**2\nwhile True:\n    pass", seconds=0.5)
        assert outcome.end is End.ENDLESS
        assert graph.operations == 1

    def test_torch_func(self) -> None:
        """What stands for other tensors inside of a transformed function is left out."""
        body = "f = torch.func.grad(lambda t: t**2)\ng = f(torch.tensor(3.0))\ny = x * g"
        assert drawn(body) == [
            "y: MulBackward0, with a constant | 12.0",
            "  x: a leaf | 2.0 | .grad None",
        ]


GRADS = "test_03_grads.py"
_NOTES = 'wrong={"77.0": "No."}, hints=["a", "b"], why="w"'
_GRADS = f'''"""Gradients."""

import pytest
import torch

from sensei import __


def test_slope():
    """How fast does y move with x?"""
    x = torch.tensor(348.0, requires_grad=True)
    y = x**2
    y.backward()
    assert x.grad == __(696.0, {_NOTES})


def test_slopes():
    """How fast does y move with a, and with b?"""
    a = torch.tensor(5.0, requires_grad=True)
    b = torch.tensor(7.0, requires_grad=True)
    y = a * b
    y.backward()
    assert [a.grad, b.grad] == __([7.0, 5.0], {_NOTES})


def test_none():
    """What is in x.grad?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = 2 * x
    z = torch.tensor(1.0, requires_grad=True)
    y.backward()
    assert z.grad is __(None, {_NOTES})


def test_flags():
    """Which of them are watched?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = torch.tensor(3.0)
    assert [(t + 1).requires_grad for t in [x, y]] == __([True, False], {_NOTES})


def test_name():
    """What is the last operation?"""
    x = torch.tensor(3.0, requires_grad=True)
    y = x * x
    assert y.grad_fn.name() == __("MulBackward0", {_NOTES})


def test_shape():
    """What is the shape of y?"""
    x = torch.ones(31, 9, requires_grad=True)
    y = x.sum(1)
    assert list(y.shape) == __([31], {_NOTES})


def test_close():
    """What is the sine of x?"""
    x = torch.tensor(2.0, requires_grad=True)
    y = torch.sin(x)
    assert y.item() == pytest.approx(__(0.9093, {_NOTES}), abs=1e-3)


def test_formula():
    """Write the slope of the square."""

    def slope(v):
        return __(2 * v, {_NOTES})

    x = torch.tensor(348.0, requires_grad=True)
    (x**2).backward()
    assert x.grad == slope(348.0)


def test_line():
    """Which line walks back?"""
    x = torch.tensor(348.0, requires_grad=True)
    y = x**2
    __(y.backward(), {_NOTES})
    assert x.grad == 696.0


def test_turns():
    """How often does the loop run?"""
    x = torch.tensor(1.0, requires_grad=True)
    y, turns = x, 0
    while y < 1000:
        y, turns = y * 2, turns + 1
    assert turns == __(10, {_NOTES})


def test_cut():
    """Mend h."""
    x = torch.tensor(3.0, requires_grad=True)
    h = __(x**2, {_NOTES})
    y = h * 2
    y.backward()
    assert x.grad == 12.0
'''
#: What each koan of values asks for, as it would stand in a drawing.
ASKED = {
    "test_slope": r"(?<![\d.])696(?!\d)",
    "test_slopes": r"\.grad [75]",
    "test_none": r"\.grad (?:None|2)",
    "test_flags": r"Backward",
    "test_name": r"Mul",
    "test_shape": r"31",
    "test_close": r"0\.909",
    "test_turns": r"8 more like it",
}


@pytest.fixture
def grads(course: Course) -> Course:
    """Give a course with a chapter of gradients, which alone is not solved."""
    course.solve()
    course.answer(GRADS, _GRADS)
    course.command("blank", GRADS)
    return course


def fill_koan(course: Course, name: str, fill: str) -> None:
    """Write a fill into the one blank of a koan, whatever stands there."""
    page = course.page(GRADS)
    head, found, text = page.read_text().partition(f"def {name}(")
    page.write_text(head + found + text.replace("__", fill, 1))


class TestSecrecy:
    """A graph does not tell what its koan asks."""

    @pytest.mark.parametrize("name", ASKED)
    @pytest.mark.parametrize("fill", ["__", "77.0", "[1.0, 1.0]", "(lambda: 1 / 0)()"])
    def test_until_the_koan_holds(self, grads: Course, name: str, fill: str) -> None:
        """Neither blank nor with a wrong fill is the answer in it; afterwards it is."""
        fill_koan(grads, name, fill)
        assert not re.search(ASKED[name], grads.screen("--graph", name))
        grads.command("solve", "koans", "--replace")
        assert re.search(ASKED[name], grads.screen("--graph", name))

    @pytest.mark.parametrize("name", ASKED)
    def test_revealed(self, grads: Course, name: str) -> None:
        """Who asks for the answer sees all of the graph."""
        assert re.search(ASKED[name], grads.screen("--graph", name, "--reveal"))

    def test_a_blank_koan(self, grads: Course) -> None:
        """There is its structure, without any value, and a word on that."""
        assert (
            grads.screen("--graph", "test_slopes")
            == f"""\
  koans/{GRADS}:23   test_slopes

      What autograd recorded, from the results back to the leaves:

          y: MulBackward0, backward() from here
            a: a leaf
            b: a leaf

      Values and gradients are drawn when every blank holds a prediction.

  To go on with the path: pytest"""
        )

    def test_a_wrong_fill(self, grads: Course) -> None:
        """There are values, but where the answer would stand is a question mark."""
        fill_koan(grads, "test_slope", "77.0")
        screen = grads.screen("--graph", "test_slope")
        assert "y: PowBackward0, backward() from here   121104.0\n" in screen
        assert "x: a leaf                             348.0   .grad ?\n" in screen
        assert "      A ? stands for what the koan asks.\n" in screen

    @pytest.mark.parametrize(
        ("name", "fill", "shown"),
        [
            ("test_formula", "v * v", ".grad 696.0"),
            ("test_line", "y.backward", ".grad None"),
            ("test_cut", "(x**2).item()", "Cut: (x**2).item() keeps the number"),
            ("test_cut", "(x**2).item()", "stops the koan, and what comes after it"),
        ],
    )
    def test_a_wrong_fill_of_code(
        self, grads: Course, name: str, fill: str, shown: str
    ) -> None:
        """What the learner's own code computes is shown: the answer is another code."""
        fill_koan(grads, name, fill)
        assert shown in grads.screen("--graph", name)

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("test_line", "is still blank, and was left out."),
            ("test_cut", "needs what is still blank, so the koan went no further."),
        ],
    )
    def test_blank_code(self, grads: Course, name: str, said: str) -> None:
        """What could not run for that is said, and no value is shown."""
        screen = grads.screen("--graph", name)
        assert said in screen
        assert "348" not in screen

    def test_a_half_filled_koan(self, course: Course) -> None:
        """Values wait until the last blank holds a prediction."""
        course.fill("6", "77.0")
        course.edit("x = 348.0", "import torch; x = torch.tensor(348.0).requires_grad_()")
        assert "348" not in course.screen("--graph", "half").split("recorded")[-1]

    @pytest.mark.parametrize("name", ASKED)
    def test_without_the_answers(self, grads: Course, name: str) -> None:
        """Nobody knows what would tell, so nothing that might is shown."""
        fill_koan(grads, name, "77.0")
        for sheet in (grads.root / "answers").iterdir():
            sheet.unlink()
        assert not re.search(ASKED[name], grads.screen("--graph", name))

    def test_a_broken_koan(self, grads: Course) -> None:
        """It is drawn once it is mended, or, if it runs, without values."""
        grads.edit("assert x.grad == __", "assert x.grad == (", GRADS)
        screen = grads.screen("--graph", "test_slope")
        assert "      The graph can be drawn once this is mended.\n" in screen
        grads.command("solve", "koans", "--replace")
        grads.edit("    y.backward()\n", "    y.backward()\n    y.nothing\n", GRADS)
        screen = grads.screen("--graph", "test_slope")
        assert "y: PowBackward0, backward() from here\n" in screen
        assert "696" not in screen
        assert "AttributeError" not in screen


class TestCommand:
    """`pytest --graph`, and whose graph it draws."""

    def test_of_the_current_koan(self, grads: Course) -> None:
        """It stands in the walk's screen, under the koan and the comment on it."""
        fill_koan(grads, "test_slope", "77.0")
        plain = grads.screen().split("\n\n")
        drawn = grads.screen("--graph").split("\n\n")
        assert drawn[-4].startswith("      What autograd recorded")
        # Above it there is less room for how far the path is.
        assert drawn[1:-4] + drawn[-1:] == plain[2:]

    def test_of_another_one(self, grads: Course) -> None:
        """By its name it is drawn alone, whatever stands before it, and nothing remembered."""
        grads.walk()
        before = grads.screen()
        screen = grads.screen("--graph", "test_formula")
        assert screen.startswith(f"  koans/{GRADS}:67   test_formula\n\n      What autograd")
        assert "Autograd koans" not in screen
        assert grads.screen() == before

    @pytest.mark.parametrize(
        ("name", "status"), [("double", 0), ("slope", 1), (f"koans/{GRADS}::test_slope", 1)]
    )
    def test_its_status(self, grads: Course, name: str, status: int) -> None:
        """It is that of a run of this koan."""
        assert grads.walk("--graph", name).ret == status

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("half of", ["No koan and no chapter is called half of.", "pytest --map"]),
            ("3", ["3: a chapter has no graph, but its koans have.", "pytest --map 3"]),
            (
                "slop",
                [" test_slope\n", "Give more of the name, such as: pytest --graph test_"],
            ),
            ("x/y.svg", [f"ERROR: --graph: no such folder: {Path('x')}"]),
        ],
    )
    def test_a_name_that_does_not_do(self, grads: Course, text: str, said: list[str]) -> None:
        """What to type instead is said, with pytest's status for that."""
        result = grads.walk("--graph", text)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert all(part in str(result.stderr) for part in said)

    def test_a_chapter_that_is_gone(self, grads: Course) -> None:
        """The way to get it back is named."""
        grads.page(GRADS).unlink()
        result = grads.walk("--graph", "test_slope")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(
            [f"ERROR: koans/{GRADS} is not there. To write it again: *"]
        )

    def test_of_a_selection_that_holds(self, grads: Course) -> None:
        """The last of its koans is drawn."""
        grads.command("solve", "koans", "--replace")
        screen = grads.screen(f"koans/{GRADS}", "-k", "slope", "--graph")
        assert f"  koans/{GRADS}:17   test_slopes\n\n      What autograd" in screen
        assert screen.endswith("  All 2 koans hold.")

    def test_with_other_tests(self, grads: Course) -> None:
        """It goes with koans alone, and says so."""
        result = grads.walk("answers", "--graph")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["ERROR: --graph goes with a run of koans alone, *"])

    def test_of_nothing(self, grads: Course) -> None:
        """A selection without koans has no graph, and says so as ever."""
        assert "No koan fits this selection." in grads.screen("--graph", "-k", "nothing_like")

    @pytest.mark.parametrize(
        ("added", "said"),
        [
            ("y = sum([x] * 40000)", "more here than can be drawn."),
            (f"y = y{' + 0' * 500}", "This koan is nested too deeply to be drawn."),
            ("import os; os.abort()", "This koan ended its own process"),
            ("list(iter(int, 1))", "This koan came to no end"),
        ],
    )
    def test_of_a_koan_that_has_none(self, grads: Course, added: str, said: str) -> None:
        """Where there is no graph to be had, that is said."""
        grads.edit("    y.backward()\n", f"    y.backward()\n    {added}\n", GRADS)
        assert said in grads.screen("--graph", "test_slope", "--koan-seconds=1")

    def test_of_a_koan_without_tensors(self, course: Course) -> None:
        """That nothing is watched is said."""
        said = "Autograd recorded nothing here: no tensor requires grad."
        assert said in course.screen("--graph", "test_double")


class TestPicture:
    """`pytest --graph=FILE` writes one, if it can."""

    @pytest.fixture(autouse=True)
    def _package(self) -> None:
        pytest.importorskip("graphviz")

    def test_what_is_in_it(self, tmp_path: Path) -> None:
        """Nodes as in the drawing, edges from results to leaves, each use of x, and cuts."""
        graph, _ = record_of("y = x * x\ny.backward()\nz = y.detach()")
        write_picture(graph, tmp_path / "y.dot")
        assert (
            (tmp_path / "y.dot").read_text().partition("\t0 ")[2]
            == """\
[label="y
MulBackward0, backward() from here
4.0" fillcolor="#ffe0b0" peripheries=2]
\t1 [label="x
a leaf
2.0
.grad 4.0" fillcolor="#cfe8cf" shape=ellipse]
\t0 -> 1
\t0 -> 1
\tcut0 [label="Cut: y.detach() keeps the value and drops
the path to x." color="#b03030" shape=note style=dashed]
\tcut0 -> 0 [arrowhead=none color="#b03030" style=dashed]
}
"""
        )

    @pytest.mark.parametrize(
        ("body", "shown"),
        [
            ("layer = torch.nn.Linear(1, 1)\ny = layer(x.view(1, 1))", '"layer.weight\n'),
            ("y = x\nfor _ in range(30):\n    y = y * x", '"(28 more like it, each made'),
            ("for _ in range(3):\n    (x**2).backward()", '"3 times alike, the last one'),
            ("a, b = x.expand(2).unbind()\ny = a * b", "[label=b]"),
            (r"y = {'<\\n>&': x * 2}", r"""["y['<\\\\n>&amp;']"""[1:]),
        ],
    )
    def test_its_labels(self, tmp_path: Path, body: str, shown: str) -> None:
        """Parameters have their names, what is alike is drawn once, and edges say whose."""
        write_picture(record_of(body)[0], tmp_path / "y.dot")
        assert shown in (tmp_path / "y.dot").read_text()

    @pytest.mark.parametrize("name", ASKED)
    def test_secrecy(self, grads: Course, name: str) -> None:
        """What the koan asks is in no picture until it holds."""
        fill_koan(grads, name, "77.0")
        grads.walk(f"koans/{GRADS}::{name}", "--graph=y.dot")
        file = grads.root / "y.dot"
        assert not file.exists() or not re.search(ASKED[name], file.read_text())
        grads.command("solve", "koans", "--replace")
        grads.walk(f"koans/{GRADS}::{name}", "--graph=y.dot")
        assert re.search(ASKED[name], file.read_text())

    @pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not installed")
    @pytest.mark.parametrize(
        ("suffix", "begin"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
    )
    def test_formats(self, grads: Course, suffix: str, begin: bytes) -> None:
        """The suffix says how it is written, and the drawing stands on the screen."""
        grads.command("solve", "koans", "--replace")
        screen = grads.screen(f"koans/{GRADS}::test_slope", f"--graph=y.{suffix}")
        assert "y: PowBackward0, backward() from here" in screen
        assert f"      The picture is in y.{suffix}\n" in screen
        assert (grads.root / f"y.{suffix}").read_bytes().startswith(begin)

    def test_without_the_package(self, grads: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        """The command that installs it is named, and the rest is as ever."""
        fill_koan(grads, "test_slope", "77.0")
        monkeypatch.setitem(sys.modules, "graphviz", None)
        screen = grads.screen("--graph=y.dot")
        assert "      y.dot was not written: this Python has no graphviz." in screen
        assert (
            '\n\n          python -m pip install -c constraints.txt -e ".[graph]"\n' in screen
        )
        assert screen.endswith("save, and run pytest again.")
        assert not (grads.root / "y.dot").exists()

    def test_without_the_program(self, grads: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        """A picture takes it, the text for it does not."""
        monkeypatch.setenv("PATH", "")
        screen = grads.screen("--graph=y.png")
        assert "y.png was not written: Graphviz's program dot is not there." in screen
        assert " install graphviz" in screen.lower()
        assert "The picture is in y.dot" in grads.screen("--graph=y.dot")

    @pytest.mark.skipif(sys.platform == "win32", reason="a program is more than a script there")
    def test_the_program_fails(self, grads: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        """That is said, and the file of an earlier run stays."""
        program = grads.root / "bin" / "dot"
        program.parent.mkdir()
        program.write_text("#!/bin/sh\nexit 1\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent))
        (grads.root / "y.pdf").write_text("old")
        assert "y.pdf was not written: Graphviz could not" in grads.screen("--graph=y.pdf")
        assert (grads.root / "y.pdf").read_text() == "old"

    def test_a_folder_of_that_name(self, grads: Course) -> None:
        """It is refused before the run."""
        (grads.root / "y.dot").mkdir()
        result = grads.walk("--graph=y.dot")
        result.stderr.fnmatch_lines(["ERROR: --graph: y.dot is a folder. Name a file in it"])

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("test_flags", "So y.dot was not written."),
            ("test_cut", "y.dot was not written: no operation was recorded."),
        ],
    )
    def test_nothing_to_show(self, grads: Course, name: str, why: str) -> None:
        """What has no drawing has no picture."""
        screen = grads.screen(f"koans/{GRADS}::{name}", "--graph=y.dot")
        assert why in " ".join(screen.split())
        assert not (grads.root / "y.dot").exists()

    @pytest.mark.parametrize(
        ("body", "much"),
        [
            ("y = torch.stack([x * n for n in range(400)])", "402 nodes"),
            ("y = torch.stack([x] * 700)", "700 edges"),
        ],
    )
    def test_too_much(self, tmp_path: Path, body: str, much: str) -> None:
        """A picture of hundreds helps nobody, and that is said."""
        told, _ = write_picture(record_of(body)[0], tmp_path / "y.dot")
        assert told.endswith(f"y.dot was not written: nobody finds a way through {much}.")
