"""A part of the path: what a route selects, and that all else goes by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sensei.koan.path import read_path
from sensei.koan.route import CORE, WHOLE, RouteError, read_route
from sensei.project import Project
from tests.tiny_course import CODE, DOUBLING, Course

ROOT = Path(__file__).parent.parent


def selects(text: str) -> list[int]:
    """Return which of the first ten chapters a route has."""
    route = read_route(text)
    return [number for number in range(10) if route.has_chapter(number)]


class TestReading:
    def test_chapters(self) -> None:
        """One, or several, or both."""
        assert selects("3") == [3]
        assert selects("0-2, 5,7 - 8") == [0, 1, 2, 5, 7, 8]

    def test_names(self) -> None:
        """Nothing is the whole path, and core is core."""
        assert read_route(" ") == WHOLE
        assert read_route("Core").name == CORE
        assert selects("core") == selects("") == list(range(10))

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("cor", "cor: chapters, such as 1-6,12, or core belong here."),
            ("1;2", "1;2: chapters, such as 1-6,12, or core belong here."),
            ("1,", "1,: chapters, such as 1-6,12, or core belong here."),
            ("6-1", "6-1: 6-1 goes backward. Write 1-6."),
        ],
    )
    def test_what_is_none(self, text: str, said: str) -> None:
        """What belongs there is said."""
        with pytest.raises(RouteError) as caught:
            read_route(text)
        assert str(caught.value) == said

    def test_chapters_that_are_not_there(self) -> None:
        """The first of them is named."""
        with pytest.raises(RouteError, match="there is no chapter 4, only 1 to 3"):
            read_route("1-9").check([1, 2, 3])


class TestCore:
    def test_of_the_path(self) -> None:
        """About a third of the koans, with the first ones that others rest on."""
        chapters = read_path(ROOT / "koans", ROOT / "answers")
        core = Project(ROOT).along(read_route(CORE)).chapters
        koans = [koan.name for chapter in core for koan in chapter.koans]
        total = sum(len(chapter.koans) for chapter in chapters if chapter.number < 18)
        assert total * 0.3 < len(koans) < total * 0.4
        assert {"test_a_number", "test_backward_fills_grad", "test_one_step"} <= {*koans}

    def test_nothing_is_marked(self, course: Course) -> None:
        """Then there is no such route, and that is said."""
        shown = str(course.walk("-o", "koans_route=core").stderr)
        assert "koans_route = core: no koan here is on this route." in shown


@pytest.fixture
def routed(course: Course) -> Course:
    """Give a course with one marked koan in each chapter, and the setting."""
    for name, why in ((DOUBLING, "Halving undoes doubling."), (CODE, "The underscore.")):
        text = (course.root / "answers" / name).read_text()
        course.answer(name, text.replace(f'why="{why}",', f'why="{why}", core=True,'))
    settings = course.root / "pyproject.toml"
    with_route = '[tool.pytest.ini_options]\nkoans_route = "core"'
    settings.write_text(settings.read_text().replace("[tool.pytest.ini_options]", with_route))
    return course


class TestTheWalk:
    def test_counts_map_and_json(self, routed: Course) -> None:
        """All of them go by the route, and the first koan is its first."""
        shown = routed.screen("--koans-json=state.json")
        assert "0 of 2, chapter 1 of 2" in shown
        assert "01 doubling  ░░░░░░░░░░░░   0/1" in shown
        assert "\n  Doubling.\n" in shown
        assert "test_double_and_half" in shown
        state = json.loads((routed.root / "state.json").read_text())
        assert state["total"] == 2
        names = [koan["nodeid"].split("::")[1] for koan in state["koans"]]
        assert names == ["test_double_and_half", "test_zero_it"]
        assert "test_what_is_raised" not in routed.screen("--map", "all")

    def test_the_end(self, routed: Course) -> None:
        """It is the end of the path, with its status."""
        routed.solve()
        routed.edit("2 * x == 6.0", "2 * x == 7.0")
        result = routed.walk()
        assert result.ret == pytest.ExitCode.OK
        assert "You filled 3 blanks, from doubling to code." in str(result.stdout)

    def test_the_whole_path_again(self, routed: Course) -> None:
        """On the command line the setting is set aside."""
        assert "0 of 4" in routed.screen("-o", "koans_route=")

    def test_chapters(self, routed: Course) -> None:
        """The path is these alone."""
        assert "0 of 2\n\n  02 code" in routed.screen("-o", "koans_route=2")

    @pytest.mark.parametrize(
        ("asked", "named"),
        [
            (f"koans/{DOUBLING}::test_double", "test_double"),
            (f"koans/{CODE}", CODE),
        ],
    )
    def test_what_is_not_on_it(self, routed: Course, asked: str, named: str) -> None:
        """By its name it is no koan of this path, and the way to the whole one is named."""
        route = "core" if "::" in asked else "1"
        shown = str(routed.walk("-o", f"koans_route={route}", asked).stderr)
        assert f"{named} is not on the route {route}, which koans_route sets." in shown
        assert "pytest -o koans_route=" in shown

    def test_a_bad_value(self, routed: Course) -> None:
        """It is told with what belongs there, and nothing runs."""
        result = routed.walk("-o", "koans_route=1-9")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert "koans_route = 1-9: there is no chapter 3, only 1 to 2." in str(result.stderr)


class TestWriting:
    def test_a_chapter_blank_again(self, routed: Course) -> None:
        """What is not on the route keeps its fills."""
        routed.fill("6", "7", "8")
        routed.walk("--reset", "1")
        text = routed.page().read_text()
        assert "assert 2 * x == 6\n" in text
        assert "assert x / 2 == __\n" in text

    def test_an_update(self, routed: Course) -> None:
        """All chapters are renewed, and nothing of them is lost."""
        routed.solve()
        pages = [routed.page(), routed.page(CODE)]
        before = [page.read_text() for page in pages]
        routed.walk("-o", "koans_route=2", "--update")
        assert [page.read_text() for page in pages] == before
