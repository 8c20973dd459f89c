"""Marking a class: whose a submission is, what is run of it, and what it comes to."""

from __future__ import annotations

import ast
import csv
import importlib
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sensei.grading import language, mark
from sensei.grading.grades import Learner, Mark
from sensei.grading.intake import LARGEST, MANY, entries, printable, roster_of
from sensei.grading.language import Language
from sensei.grading.mark import Marking
from sensei.judge.judge import judge_fills
from sensei.koan import source
from sensei.koan.graft import read_fill
from sensei.koan.path import read_path
from sensei.options import LEARNER
from tests.tiny_course import CODE, DOUBLING, ROOT, Course

KOANS = ("test_double", "test_double_and_half", "test_zero_it", "test_what_is_raised")


class Class:
    """A tiny course, and a folder of what learners handed in."""

    def __init__(self, course: Course, folder: Path) -> None:
        self.course = course
        self.folder = folder
        folder.mkdir()
        self.chapters = read_path(course.root / "koans", course.root / "answers")
        self.names = [chapter.page.name for chapter in self.chapters]

    def hand_in(self, at: str, *fills: str, chapter: str = DOUBLING) -> Path:
        """Write a chapter with fills; `at` is its place below the folder."""
        text = (self.course.root / "koans" / chapter).read_text()
        head, koans = text.split("\n\n\n", 1)
        for fill in fills:
            koans = koans.replace("__", fill, 1)
        file = self.folder / at
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{head}\n\n\n{koans}")
        return file

    def marked(self, seconds: float = 10.0) -> dict[str, Learner]:
        """Mark what was handed in."""
        marking = Marking(self.chapters, seconds)
        found = entries(self.folder, self.names, LEARNER)
        return {entry.name: marking.mark(entry.read()) for entry in found}

    def marks(self, name: str) -> str:
        """Return the letters of a learner's marks."""
        return "".join(koan.mark.value for koan in self.marked()[name].koans)


@pytest.fixture
def klass(course: Course) -> Class:
    """Give a class in which nobody has handed in anything."""
    return Class(course, course.root / "submissions")


class TestWhoseItIs:
    @pytest.mark.parametrize(
        ("at", "owner"),
        [
            (f"ada/koans/{DOUBLING}", "ada"),
            (f"ada/{DOUBLING}", "ada"),
            (f"ada/a/b/c/koans/{DOUBLING}", "ada"),
            (f"Ada Lovelace_123_assignsubmission_file/{DOUBLING}", "Ada Lovelace"),
            (f"Ada Lovelace_123_assignsubmission_file_{DOUBLING}", "Ada Lovelace"),
            (f"lovelaceada_LATE_12_345_{DOUBLING}", "lovelaceada"),
            (f"lovelaceada_12_345_{DOUBLING[:-3]}-2.py", "lovelaceada"),
            (f"ada_{DOUBLING}", "ada"),
            (f"ada-{DOUBLING}", "ada"),
            (DOUBLING, "(no name)"),
        ],
    )
    def test_a_place(self, klass: Class, at: str, owner: str) -> None:
        """Folders and file names, as learning platforms write them."""
        klass.hand_in(at, "6.0")
        assert klass.marks(owner) == "sbmm"

    def test_a_zip(self, klass: Class) -> None:
        """It is looked into, and nothing is unpacked."""
        file = klass.hand_in("ada.py", "6.0")
        with zipfile.ZipFile(klass.folder / "lovelaceada_12_345_koans.zip", "w") as archive:
            archive.write(file, f"a/koans/{DOUBLING}")
            archive.write(file, "../../../escaped.py")
        file.unlink()
        assert klass.marks("lovelaceada") == "sbmm"
        assert not list(klass.folder.parent.rglob("escaped.py"))

    def test_a_clone(self, klass: Class) -> None:
        """The learner's chapters are meant, and not the answers beside them."""
        klass.hand_in(f"ada/koans/{DOUBLING}", "5.0")
        for chapter in klass.chapters:
            assert chapter.sheet
            target = klass.folder / "ada" / "answers" / chapter.sheet.name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(chapter.sheet.read_bytes())
        assert klass.marks("ada") == "wbmm"

    def test_another_pattern(self, klass: Class) -> None:
        """An instructor can say which part of a name is the learner."""
        klass.hand_in(f"hw1-ada-{DOUBLING}", "6.0")
        found = entries(klass.folder, klass.names, r"hw1-(?P<learner>\w+)-")
        assert [entry.name for entry in found] == ["ada"]

    def test_two_of_one_name(self, klass: Class) -> None:
        """Each has a row."""
        klass.hand_in(f"ada/{DOUBLING}", "6.0")
        klass.hand_in(f"ada_{DOUBLING}", "5.0")
        assert klass.marked().keys() == {"ada", "ada (2)"}

    def test_a_roster(self) -> None:
        """A line is a learner; behind a comma stands what reports call them."""
        text = "# class\nada, Learner 1\n\ngrace\n"
        assert roster_of(text) == {"ada": "Learner 1", "grace": "grace"}


class TestMarks:
    def test_each(self, klass: Class) -> None:
        """Right, wrong, open and missing are told apart."""
        klass.hand_in(f"ada/{DOUBLING}", "6.0", "350.0", "174.0")
        klass.hand_in(f"ada/{CODE}", "x.mul_(0)", chapter=CODE)
        ada = klass.marked()["ada"]
        assert [koan.mark for koan in ada.koans] == [
            Mark.SOLVED,
            Mark.WRONG,
            Mark.SOLVED,
            Mark.BLANK,
        ]
        assert (ada.solved, ada.current) == (2, "test_double_and_half")
        assert [fill.is_right for fill in ada.koans[1].fills] == [False, True]
        assert ada.koans[1].fills[0].said == "That is 2 more."
        assert ada.koans[1].fills[0].is_known

    def test_as_data(self, klass: Class) -> None:
        """What a report carries is the same afterwards."""
        klass.hand_in(f"ada/{DOUBLING}", "6.0", "350.0", "174.0")
        ada = klass.marked()["ada"]
        assert Learner.from_json(ada.to_json()) == ada

    def test_only_the_fills_count(self, klass: Class) -> None:
        """Whatever else a learner wrote is not run; a changed koan is marked, and flagged."""
        file = klass.hand_in(f"ada/{DOUBLING}", "6.0", "696.0", "1.0")
        text = file.read_text().replace("x = 3.0", "x = 3.0\n    print('hello')\n    x = 4.0")
        text = text.replace("    x = 348.0\n", "    x = 1.0\n").replace("import math", "raise")
        file.write_text(text)
        ada = klass.marked()["ada"]
        assert [koan.mark for koan in ada.koans[:2]] == [Mark.SOLVED, Mark.WRONG]
        assert "changed beyond its blanks" in ada.koans[1].note
        assert "changed" in ada.flags

    def test_equal_fills_are_judged_once(
        self, klass: Class, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """However they are written, and whatever stands around them."""
        for n, fill in enumerate(["3 * 2.0", " 3*2.0", "(3 * 2.0)", "3 * 2.0  # note"]):
            klass.hand_in(f"learner{n}/{DOUBLING}", fill)
        judged = []

        def judge(*arguments: Any) -> Any:
            judged.append(arguments)
            return judge_fills(*arguments)

        monkeypatch.setattr(mark, "judge_fills", judge)
        assert len(klass.marked()) == 4
        assert len(judged) == 1

    def test_what_is_proven_is_not_run(
        self, klass: Class, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The answer holds, and a listed fill does not: both are proved of every koan."""
        klass.hand_in(f"ada/{DOUBLING}", "6.0", "350.0", "174.0")
        monkeypatch.setattr(mark, "judge_fills", None)
        assert klass.marks("ada") == "swmm"

    def test_a_journal(self, klass: Class) -> None:
        """Its wrong fills are known by their misconceptions; what is no line is left out."""
        klass.hand_in(f"ada/koans/{DOUBLING}", "6.0")
        lines = [
            {"koan": "test_double", "fill": "9", "state": "wrong"},
            {"koan": "test_double", "fill": "8", "state": "wrong"},
            {"koan": "test_double", "fill": "6.0", "state": "right"},
            {"koan": "test_gone", "fill": "6.0", "state": "wrong"},
            {"koan": ["test_double"], "fill": {}, "state": "wrong"},
        ]
        text = "\n".join(["{", "[]", *map(json.dumps, lines), "[" * 5000, "\x00"])
        (klass.folder / "ada" / "journal.jsonl").write_text(text)
        tried = klass.marked()["ada"].tried
        assert [(each.fill, each.said) for each in tried] == [
            ("9", "That is a square."),
            ("8", ""),
        ]


#: What nobody means for an answer, and what must not happen.
ATTACKS = [
    "__import__('os').system('touch canary')",
    "open('canary', 'w')",
    "eval('1')",
    "exec('1')",
    "getattr(x, 'data')",
    "globals()",
    "torch.os.system('touch canary')",
    "torch.load('canary')",
    "torch.save(x, 'canary')",
    "torch.utils.cpp_extension.load('a', [])",
    "torch.hub.load('a', 'b')",
    "torch.autograd.forward_ad.os",
    "torch.nn.functional.torch.save(x, 'canary')",
    "torch.ops.load_library('a')",
    "pytest.importorskip('os').system('touch canary')",
    "caught.traceback[0].frame.eval('1')",
    "(n for n in [1]).gi_frame.f_builtins",
    "x.__class__.__base__.__subclasses__()",
    "'{0.__class__}'.format(x)",
    "f'{x.__class__}'",
    "type('A', (), {})()",
    "type('A', (float,), {'__eq__': lambda a, b: True})()",
    "x.apply_(lambda v: open('canary', 'w'))",
    "x.register_hook(lambda g: open('canary', 'w'))",
    "x.numpy().tofile('canary')",
    "[].__class__",
    "breakpoint()",
    "input()",
    "(lambda __name__: 1)(1)",
    "1" * 3000,
    "(99999999999999999999999)",
    "+".join(["1"] * 500),
    # What a fill gives in one place is still Python's in another.
    "[AttributeError, (lambda open: 0), open('canary', 'w')][0]",
    "[AttributeError, (lambda eval: 0), eval(\"open('canary', 'w')\")][0]",
    "[AttributeError, [open for open in [1]], open('canary', 'w')][0]",
    "[AttributeError, (lambda getattr: 0), getattr(x, '_' + '_class_' + '_')][0]",
    # ast.unparse writes another fill than the one that was looked at.
    "[AttributeError, f\"{1:\\x7bopen('canary', 'w')\\x7d}\"][0]",
    # A module by another name, and another thing by a module's.
    "(lambda torch: torch.nn.Module)(caught)",
    "[t.equal for t in [torch]]",
    "(lambda n: n.modules)(torch.nn)",
    "torch.func",
    "(lambda m: m.value)(pytest)",
    "[0 for t.value in [1]]",
    "[0 for T in [torch.Tensor] for T.item in [0]]",
    # What equals everything, and what has its parts at any place of the memory.
    "type(*('A', (float,), {'_' + '_eq_' + '_': lambda a, b: True}))()",
    "type(int)('A', (), {'_' + '_eq_' + '_': lambda a, b: True})()",
    "(lambda t: t('A', (), {}))(type)",
    "[t('A', (), {}) for t in [type(int)]]",
    "pytest.approx(1.0, abs=1e30)",
    "pytest.approx(1.0, 1e30)",
    "pytest.approx(*[1.0, 1e30])",
    "(lambda a: a(1, 1e30))(pytest.approx)",
    "torch.fx.symbolic_trace(torch.nn.ReLU())",
]


class TestLanguage:
    @pytest.mark.parametrize("code", ATTACKS)
    def test_not_marked(self, klass: Class, code: str) -> None:
        """It is shown, not run, and called neither right nor wrong."""
        klass.hand_in(f"ada/{CODE}", "x.zero_()", code, chapter=CODE)
        ada = klass.marked()["ada"]
        assert ada.koans[2].mark is Mark.SOLVED
        assert ada.koans[3].mark is Mark.NOT_MARKED
        assert ada.koans[3].fills[0].is_right is None
        assert ada.koans[3].fills[0].said.startswith("Not marked: ")
        assert not list(klass.course.root.rglob("canary"))

    @pytest.mark.parametrize(
        "line",
        [
            "import os",
            "from os import system",
            "while True: pass",
            "class A: pass",
            "torch.Tensor.zero_ = None",
            "torch = None",
            "type(x).add = None",
            "del torch",
            "global x",
            "async def f(): pass",
            "try:\n        pass\n    finally:\n        pass",
        ],
    )
    def test_lines_that_are_not_marked(self, klass: Class, line: str) -> None:
        """The same of statements."""
        klass.hand_in(f"ada/{CODE}", line, chapter=CODE)
        assert klass.marks("ada")[2] == "n"

    def test_all_that_authors_wrote_is_inside(self) -> None:
        """Every answer of the path and every wrong fill that is listed there."""
        chapters = read_path(ROOT / "koans", ROOT / "answers")
        sheets = [koan.sheet for chapter in chapters for koan in chapter.koans if koan.sheet]
        spoken = Language(sheets)
        outside = [
            (sheet.part.name, code)
            for sheet in sheets
            for marker in sheet.markers
            for code in (*marker.wrong, ast.unparse(marker.answer))
            if spoken.outside(read_fill(code), sheet)
        ]
        assert outside == []

    def test_what_is_open_leads_to_no_module(self) -> None:
        """What may be named of torch and others is no module, unless that is open, too."""
        for module, names in language._OPEN_MODULES.items():  # noqa: SLF001
            there = importlib.import_module(module)
            for name in names:
                found = getattr(there, name, None)
                if isinstance(found, ModuleType):
                    assert f"{module}.{name}" in language._OPEN_MODULES  # noqa: SLF001

    @pytest.mark.parametrize(
        "fill",
        [
            "(lambda math: math.f_builtins)((lambda math: math.gi_frame)(n for n in [1]))",
            "(lambda math: math.gi_frame)(n for n in [1])",
        ],
    )
    def test_a_module_s_name_is_no_way_to_an_attribute(self, klass: Class, fill: str) -> None:
        """All of math is open, but nothing else that is called so."""
        klass.hand_in(f"ada/{DOUBLING}", f"[6.0, {fill}][0]")
        assert klass.marks("ada")[0] == "n"

    @pytest.mark.parametrize(
        "code",
        [
            "np.ndarray((2,), 'O', np.array([8, 8])).tolist()",
            "(lambda a: a(2, 'O', np.array([8, 8])))(np.ndarray)",
            "np.asarray(type(*('A', (), {'_' + '_array_interface_' + '_': {}}))())",
            "torch.nn.CTCLoss()",
            "(lambda isinstance: isinstance(0, np.ndarray))(lambda a, c: c(2, 'O', a))",
        ],
    )
    def test_numbers_are_no_places_of_memory(self, code: str) -> None:
        """What takes numbers for addresses leads anywhere, though nothing is named."""
        chapters = read_path(ROOT / "koans", ROOT / "answers")
        sheets = [koan.sheet for chapter in chapters for koan in chapter.koans if koan.sheet]
        spoken = Language(sheets)
        sheet = next(sheet for sheet in sheets if "import numpy as np" in sheet.head.text)
        assert spoken.outside(read_fill(code), sheet)
        assert spoken.outside(read_fill("isinstance(x, np.ndarray)"), sheet) is None

    def test_what_a_koan_names_opens_no_module(self) -> None:
        """A koan of the path calls torch.fx, which runs what it is given as text."""
        chapters = read_path(ROOT / "koans", ROOT / "answers")
        sheets = [koan.sheet for chapter in chapters for koan in chapter.koans if koan.sheet]
        spoken = Language(sheets)
        for code in ("torch.fx.symbolic_trace(f)", "torch.autograd.function", "torch.cpu"):
            assert spoken.outside(read_fill(code), sheets[20]), code

    @pytest.mark.parametrize(
        "code",
        [
            "lambda grad: 2 * grad",
            "[n for n in range(3)]",
            "type(x)",
            "[type(x), type(caught)]",
            "type(x) is torch.Tensor",
            "pytest.approx(6.0)",
            "(lambda input: input + 1)(5)",
            "torch.Tensor.sin",
            "f'{x:.2f}'",
        ],
    )
    def test_what_honest_fills_need_is_inside(self, code: str) -> None:
        """What is close to an attack, and none."""
        chapters = read_path(ROOT / "koans", ROOT / "answers")
        sheets = [koan.sheet for chapter in chapters for koan in chapter.koans if koan.sheet]
        spoken = Language(sheets)
        for sheet in sheets:
            if "import pytest\nimport torch\n" in sheet.head.text:
                assert spoken.outside(read_fill(code), sheet) is None

    @pytest.mark.parametrize(
        "fill",
        [
            "[2 * x, (lambda x: 0)][0]",
            "[2 * x, (x := 1)][0]",
            "[2 * x for _ in [lambda x: 1]][0]",
        ],
    )
    def test_what_reads_the_koan_is_no_prediction(self, klass: Class, fill: str) -> None:
        """Also where the name is given to something else in another place of the fill."""
        klass.hand_in(f"ada/{DOUBLING}", fill)
        assert klass.marks("ada")[0] == "w"

    def test_what_a_fill_gives_itself_is_its_own(self, klass: Class) -> None:
        """A name that the koan has, too, is another one in a fill's own function."""
        klass.hand_in(f"ada/{DOUBLING}", "(lambda x: x)(6.0)")
        assert klass.marks("ada")[0] == "s"

    def test_what_patches_torch_is_not_marked(self, klass: Class) -> None:
        """A koan holds or doesn't on the torch that everybody has."""
        klass.hand_in(f"ada/{CODE}", "T = torch.Tensor; T.grad = 1; x.zero_()", chapter=CODE)
        marked = klass.marked()["ada"].koans[2]
        assert marked.mark is Mark.NOT_MARKED
        assert marked.fills[0].said == "Not marked: it changes what every koan rests on."

    @pytest.mark.parametrize(
        ("code", "computes"),
        [
            ("[1.0, None]", True),
            ("x.grad[0] * -w + 1", True),
            ("lambda v: 2 * v", True),
            ("x.grad.zero_()", False),
            ("lambda v: v.zero_()", False),
            ("[v for v in x]", False),
            ("(v := 1)", False),
            ("x.grad = None", False),
            ("del x", False),
            ("with a: b", False),
        ],
    )
    def test_what_only_computes(self, code: str, computes: bool) -> None:  # noqa: FBT001
        """It calls nothing and gives nothing a value, so it may share a process."""
        assert language.changes_nothing(read_fill(code)) is computes

    def test_they_are_run_behind_a_wall(
        self, klass: Class, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also where somebody found a way out of the language."""
        monkeypatch.setattr(Language, "outside", lambda *_: None)
        fill = "open('../written', 'w').close(); x.zero_()"
        klass.hand_in(f"ada/{CODE}", fill, chapter=CODE)
        assert klass.marked()["ada"].koans[2].mark is Mark.WRONG
        assert not [*klass.folder.parent.parent.rglob("written")]


class TestLimits:
    @pytest.mark.parametrize(
        ("code", "told"),
        [
            ("9**9**9", "It did not end within 1 seconds."),
            ("sum(n for n in range(10**12))", "It did not end within 1 seconds."),
            pytest.param(
                "'a' * 10**10",
                "It took more memory than a koan may: 1 GB.",
                marks=pytest.mark.skipif(sys.platform != "linux", reason="no limit there"),
            ),
            pytest.param(
                "torch.zeros(10**12)",
                "It took more memory than a koan may: 1 GB.",
                marks=pytest.mark.skipif(sys.platform != "linux", reason="no limit there"),
            ),
        ],
    )
    def test_are_told_from_wrong_answers(self, klass: Class, code: str, told: str) -> None:
        """And who comes to one harms nobody else."""
        klass.hand_in(f"ada/{CODE}", "x.zero_()", code, chapter=CODE)
        klass.hand_in(f"zoe/{CODE}", "x.zero_()", "AttributeError", chapter=CODE)
        marked = klass.marked(1.0)
        assert marked["ada"].koans[3].mark is Mark.LIMIT
        assert marked["ada"].koans[3].fills[0].said == told
        assert marked["zoe"].solved == 2


#: A power of a power of a power: whoever works it out is busy for ever.
POWER = "((((9**64)**64)**64)**64)**64"


class TestTime:
    """What must not keep the process busy that marks, in seconds."""

    @pytest.mark.parametrize(
        "text",
        ["@\n" * 499_999, "def test_a\n" * 90_000, "@\n \n" * 250_000],
        ids=["decorators", "koans", "both"],
    )
    def test_a_file(self, text: str) -> None:
        """Splitting takes as long as the text is, and not its square."""
        start = time.monotonic()
        source.split(text)
        assert time.monotonic() - start < 2

    @pytest.mark.parametrize("line", [f"x = [{'3.0, ' * 150_000}]", "x\n    " * 60_000])
    def test_a_koan(self, klass: Class, line: str) -> None:
        """A koan of a megabyte is not looked at."""
        file = klass.hand_in(f"ada/{DOUBLING}", "6.0")
        file.write_text(file.read_text().replace("x = 3.0", line))
        start = time.monotonic()
        assert klass.marks("ada")[0] == "c"
        assert time.monotonic() - start < 2

    def test_a_power(self, klass: Class) -> None:
        """It is not worked out, where the fill came to nothing and in a journal."""
        klass.hand_in(f"ada/{DOUBLING}", f"q ** ({POWER})")
        entry = {"koan": "test_double", "fill": POWER, "state": "wrong"}
        (klass.folder / "ada" / "journal.jsonl").write_text(json.dumps(entry))
        assert klass.marks("ada") == "wbmm"

    def test_a_long_journal(self, klass: Class) -> None:
        """Of many lines the first ones are looked at, in no time."""
        klass.hand_in(f"ada/koans/{DOUBLING}", "6.0")
        entries = (
            {"koan": "test_double", "fill": str(n), "state": "wrong"} for n in range(6_000)
        )
        text = "\n".join(map(json.dumps, entries))
        (klass.folder / "ada" / "journal.jsonl").write_text(text)
        start = time.monotonic()
        assert len(klass.marked()["ada"].tried) == 5_000
        assert time.monotonic() - start < 10


def _deep(text: str) -> str:
    return text.replace("== __", "== " + "(" * 5000 + "6.0" + ")" * 5000, 1)


class TestBadInput:
    @pytest.mark.parametrize(
        ("change", "marks"),
        [
            (lambda t: t.replace("== __", "== 6.0 +", 1), "cbmm"),
            (_deep, "cbmm"),
            (lambda t: t.replace("== __", "== 6.0", 1).encode("utf-16"), "mmmm"),
            (lambda t: t.replace("== __", "== '\udce4'", 1), "cbmm"),
            (lambda t: t.replace("== __", "== 6.0\0", 1), "cbmm"),
            (lambda _: "", "mmmm"),
            (lambda _: b"\xff\xfe\x00", "mmmm"),
            (lambda _: "x" * (LARGEST + 1), "mmmm"),
            (lambda t: t.replace("== __", "== 6.0", 1) * 2, "sbmm"),
            (lambda t: t.replace("def test_double()", "def test_old()"), "mbmm"),
            (lambda t: t.replace("x = 3.0", f"x = 0x{'f' * 6000}"), "cbmm"),
        ],
        ids=[
            "slip",
            "deep",
            "utf-16",
            "latin",
            "null",
            "empty",
            "bom",
            "large",
            "twice",
            "old",
            "digits",
        ],
    )
    def test_a_file(
        self, klass: Class, change: Callable[[str], str | bytes], marks: str
    ) -> None:
        """It has a row, and nothing but marks comes out."""
        file = klass.hand_in(f"ada/{DOUBLING}")
        changed = change(file.read_text())
        data = (
            changed.encode("utf-8", "surrogateescape") if isinstance(changed, str) else changed
        )
        file.write_bytes(data)
        klass.hand_in(f"zoe/{DOUBLING}", "6.0")
        assert (klass.marks("ada"), klass.marks("zoe")) == (marks, "sbmm")

    def test_a_folder_in_it(self, klass: Class, monkeypatch: pytest.MonkeyPatch) -> None:
        """One that cannot be opened takes nothing from the others."""
        klass.hand_in(f"ada/koans/{DOUBLING}", "6.0")
        (klass.folder / "ada" / "closed").mkdir()
        scan = os.scandir

        def scandir(path: Path) -> Any:
            if Path(path).name == "closed":
                raise PermissionError(13, "Permission denied")
            return scan(path)

        monkeypatch.setattr(os, "scandir", scandir)
        ada = klass.marked()["ada"]
        assert (ada.solved, ada.notes) == (1, ("closed cannot be opened.",))

    def test_entries(self, klass: Class) -> None:
        """What is no submission has a row with the reason."""
        folder = klass.folder
        klass.hand_in(f"zoe/{DOUBLING}", "6.0")
        (folder / "empty").mkdir()
        (folder / "bad.zip").write_bytes(b"PK\3\4 no")
        (folder / "strange").mkdir()
        (folder / "strange" / "test_77_other.py").write_text("raise SystemExit")
        wanted = {
            "empty": "No chapter of this path is in it.",
            "bad": "This is no zip file that can be read.",
            "strange": "No chapter of this path is in it.",
            "zoe": "",
        }
        if sys.platform != "win32":
            os.mkfifo(folder / "pipe")
            (folder / "link").symlink_to("/etc")
            (folder / "loop").symlink_to("loop")
            (folder / "zoe" / "inside").symlink_to("/")
            (folder / "zoe" / CODE).symlink_to("/dev/zero")
            wanted |= {
                "pipe": "This is a pipe or a device, no file.",
                "link": "This is a link. Links are not followed.",
                "loop": "This is a link. Links are not followed.",
            }
        marked = klass.marked()
        assert {name: learner.trouble for name, learner in marked.items()} == wanted
        assert marked["strange"].notes == ("Not on this path: test_77_other.py.",)
        assert marked["zoe"].solved == 1

    def test_zips(self, klass: Class) -> None:
        """Bombs, many members, absolute paths and links in them."""
        with zipfile.ZipFile(klass.folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"koans/{DOUBLING}", "#" * 200_000_000)
        with zipfile.ZipFile(klass.folder / "many.zip", "w") as archive:
            for n in range(MANY + 1):
                archive.writestr(f"{n}", "")
        with zipfile.ZipFile(klass.folder / "paths.zip", "w") as archive:
            archive.writestr("/etc/passwd", "x")
            link = zipfile.ZipInfo(f"koans/{DOUBLING}")
            link.external_attr = 0o120777 << 16
            archive.writestr(link, "/etc/passwd")
        marked = klass.marked()
        assert marked["bomb"].notes == (f"{DOUBLING} has more than 1 MB. It was not read.",)
        assert (
            marked["many"].trouble
            == f"This holds more than {MANY} files. Nothing of it was read."
        )
        assert marked["paths"].trouble == "No chapter of this path is in it."

    @pytest.mark.parametrize("fill", ["-" * 1900 + "1", "+".join("1" * 900), "a" + ".b" * 900])
    def test_a_journal(self, klass: Class, fill: str) -> None:
        """A line that is too deep harms nothing else."""
        klass.hand_in(f"ada/koans/{DOUBLING}", "6.0")
        entry = {"koan": "test_double", "fill": fill, "state": "wrong"}
        (klass.folder / "ada" / "journal.jsonl").write_text(json.dumps(entry))
        assert klass.marks("ada") == "sbmm"

    def test_zips_of_other_kinds(self, klass: Class) -> None:
        """Some hundred bytes that unpack to as much as there is are not unpacked."""
        good = klass.hand_in(f"ada/{DOUBLING}", "6.0").read_bytes()
        for name, kind in (("bz2", zipfile.ZIP_BZIP2), ("lzma", zipfile.ZIP_LZMA)):
            with zipfile.ZipFile(klass.folder / f"{name}.zip", "w") as archive:
                archive.writestr(f"koans/{CODE}", b"#" * 300_000_000, kind)
                archive.writestr(f"koans/{DOUBLING}", good)
            found = {entry.name: entry for entry in entries(klass.folder, klass.names, LEARNER)}
            start = time.monotonic()
            given = found[name].read()
            assert time.monotonic() - start < 0.5
            assert given.notes == [f"{CODE} cannot be read."]
            assert list(given.chapters) == [DOUBLING]

    def test_names_in_zips(self, klass: Class) -> None:
        """They are shown as text, and Windows' own separators are separators."""
        good = klass.hand_in(f"zoe/{DOUBLING}", "6.0").read_bytes()
        with zipfile.ZipFile(klass.folder / "ada.zip", "w") as archive:
            archive.writestr(f"a\x1b[31m\n/koans/{DOUBLING}", good)
            archive.writestr(f"b/koans/{DOUBLING}", good)
        with zipfile.ZipFile(klass.folder / "kim.zip", "w") as archive:
            archive.writestr(f"koans\\{DOUBLING}", good)
        marked = klass.marked()
        assert marked["ada"].notes[0].isprintable()
        assert marked["kim"].solved == 1

    @pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
    def test_names(self, klass: Class) -> None:
        """A name is text, whatever is in it."""
        names = [
            b"\xff\xfe",
            b"=cmd|'calc'!A0",
            b"<script>",
            b"--help",
            b"a\nb",
            b'q"q',
            b"::a",
        ]
        for name in names:
            folder = os.fsencode(klass.folder) + b"/" + name
            at = Path(os.fsdecode(folder))
            at.mkdir()
            (at / DOUBLING).write_bytes((klass.course.root / "koans" / DOUBLING).read_bytes())
        assert klass.marked().keys() == {printable(os.fsdecode(name)) for name in names}
        assert all(name.isprintable() for name in klass.marked())


#: What a submission may bring so that somebody runs it.
PLANTED = {
    "conftest.py": "open({canary!r}, 'w')",
    "sitecustomize.py": "open({canary!r}, 'w')",
    "torch.py": "open({canary!r}, 'w')",
    "pytest.ini": "[pytest]\naddopts = -p evil\n",
    "setup.cfg": "[tool:pytest]\naddopts = -p evil\n",
    "evil.py": "open({canary!r}, 'w')",
    "koans/conftest.py": "open({canary!r}, 'w')",
    "tests/conftest.py": "open({canary!r}, 'w')",
    "sensei/__init__.py": "open({canary!r}, 'w')",
    "koans/test_03_more.py": "open({canary!r}, 'w')",
    ".git/config": "[core]\nfsmonitor = touch {canary}\n",
}


class TestTheCommand:
    def test_a_class(self, klass: Class) -> None:
        """Each learner is an item, nothing that they wrote runs, and the results are named."""
        canary = klass.course.root / "canary"
        klass.hand_in(f"ada/koans/{DOUBLING}", "6.0", "696.0", "174.0")
        klass.hand_in(f"ada/koans/{CODE}", "x.zero_()", "AttributeError", chapter=CODE)
        klass.hand_in(f"zoe/koans/{DOUBLING}", f"open({str(canary)!r}, 'w')")
        for place, text in PLANTED.items():
            for folder in (klass.folder / "zoe", klass.folder):
                file = folder / place
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text.format(canary=str(canary)))
        (klass.course.root / "roster").write_text(
            "ada,Learner 1\nzoe,Learner 2\nkim,Learner 3\n"
        )
        result = self.grade(klass, "-n", "2", "--roster=roster", "-v")
        assert result.returncode == 1, result.stdout + result.stderr
        assert "ada" in result.stdout
        assert "1 of 4 koans hold" not in result.stdout
        assert "0 of 4 koans hold" in result.stdout
        assert not canary.exists()
        table = (klass.course.root / "grades" / "grades.csv").read_text("utf-8-sig")
        solved = {row["learner"]: row["solved"] for row in csv.DictReader(table.splitlines())}
        assert solved.items() >= {"Learner 1": "4", "Learner 2": "0", "Learner 3": "0"}.items()
        assert "In grades: grades.csv, class.html, results/" in result.stdout

    def test_who_cannot_be_read(self, klass: Class) -> None:
        """That is an error, told in a sentence, without any of pytest's code."""
        klass.folder.mkdir(parents=True, exist_ok=True)
        (klass.folder / "ken.zip").touch()
        result = self.grade(klass)
        assert "1 error" in result.stdout
        assert "\nThis is no zip file that can be read.\n" in result.stdout
        assert "runner.py" not in result.stdout

    def grade(self, klass: Class, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Mark the class by the command."""
        return subprocess.run(
            [sys.executable, "-m", "sensei", "grade", "submissions", *arguments],
            cwd=klass.course.root,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["--grade=nowhere"], "there is no folder nowhere"),
            (["--grade=koans"], "is a part of the path"),
            (["--grade", "submissions"], "It takes a = here"),
            (["--grade=submissions", "--rootdir=/"], "python -m sensei grade submissions"),
            (["--grade=submissions", "--roster=nobody"], "--roster: nobody cannot be read"),
            (["--grade=submissions", "--weights=a"], "--weights"),
            (["--grade=submissions", "--learner-pattern=("], "no pattern"),
            (["--grade=submissions", "--learner-pattern=a"], "it needs a group"),
        ],
    )
    def test_wrong_usage(self, klass: Class, arguments: list[str], told: str) -> None:
        """Before anything is marked."""
        result = klass.course.walk(*arguments)
        assert told in "\n".join([*result.outlines, *result.errlines])
