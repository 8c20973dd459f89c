"""A walk beside other plugins: what they cannot change, what is said of them, and reports."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.test_walk import WRONG
from tests.tiny_course import Course

NEIGHBOURS = {
    "skips": "def pytest_runtest_setup(item): pytest.skip('Not on Sundays.')",
    "skips the call": "def pytest_runtest_call(item): pytest.skip('Not on Sundays.')",
    "raises": "def pytest_runtest_setup(item): raise OSError('Not on Sundays.')",
    "raises in the call": "@pytest.hookimpl(wrapper=True)\n"
    "def pytest_runtest_call(item):\n"
    "    try: yield\n"
    "    finally: raise OSError('Not on Sundays.')",
    "raises at the end": "def pytest_runtest_teardown(item): raise OSError('Not on Sundays.')",
}
SWALLOWS = "@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_protocol(item): return True"
SWALLOWS_ALL = """
class Loop:
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self): return True

def pytest_configure(config): config.pluginmanager.register(Loop())
"""
STOPS = "def pytest_runtest_teardown(item): item.session.shouldstop = 'Enough.'"
FAILS = "def pytest_runtest_teardown(item): item.session.shouldfail = 'Enough.'"


@pytest.fixture
def beside(course: Course) -> Callable[[str], None]:
    """Give a function that puts a plugin beside the path's."""

    def put(code: str) -> None:
        with (course.root / "conftest.py").open("a") as conftest:
            conftest.write(f"\nimport pytest\n{code}\n")

    return put


class TestNeighbours:
    """Other plugins cannot change where the koans stand."""

    @pytest.mark.parametrize("code", [*NEIGHBOURS.values(), SWALLOWS], ids=[*NEIGHBOURS, "all"])
    def test_the_end_is_the_end(
        self, course: Course, beside: Callable[[str], None], code: str
    ) -> None:
        """A solved path is solved, and its status says so."""
        course.solve()
        beside(code)
        result = course.walk()
        assert "All 4 koans hold." in str(result.stdout)
        assert result.ret == pytest.ExitCode.OK

    @pytest.mark.parametrize("code", [*NEIGHBOURS.values(), SWALLOWS], ids=[*NEIGHBOURS, "all"])
    def test_an_open_path_is_open(
        self, course: Course, beside: Callable[[str], None], code: str
    ) -> None:
        """A wrong koan is shown with its reply, and the status says that it is wrong."""
        course.fill("6", "350")
        beside(code)
        result = course.walk()
        assert "1 of 4" in str(result.stdout)
        assert "That is 2 more." in str(result.stdout)
        assert result.ret == pytest.ExitCode.TESTS_FAILED

    @pytest.mark.parametrize("code", NEIGHBOURS.values(), ids=NEIGHBOURS)
    def test_who_it_was_is_said(
        self, course: Course, beside: Callable[[str], None], code: str
    ) -> None:
        """A koan that another plugin skipped or broke is named, with that plugin's words."""
        course.fill("6")
        beside(code)
        did = "skipped" if "skip" in code else "broke"
        screen = course.screen()
        assert f"  Another plugin {did} the run of test_double (and 1 more)." in screen
        assert re.search(r"It says:\n      (Skipped: |OSError: )?Not on Sundays\.\n", screen)

    def test_a_wrong_koan_is_nobodys_fault(self, course: Course) -> None:
        """Without such a plugin nothing is said of one."""
        course.fill("5")
        assert "plugin" not in course.screen()

    def test_nothing_ran_at_all(self, course: Course, beside: Callable[[str], None]) -> None:
        """Where nobody looked at a koan, the path isn't complete."""
        course.solve()
        beside(SWALLOWS_ALL)
        assert course.walk().ret == pytest.ExitCode.TESTS_FAILED

    def test_a_run_that_is_to_stop(self, course: Course, beside: Callable[[str], None]) -> None:
        """It stops after the koan, with pytest's status and the reason."""
        course.solve()
        beside(STOPS)
        result = course.walk("--junit-xml=junit.xml")
        assert result.ret == pytest.ExitCode.INTERRUPTED
        result.stdout.fnmatch_lines(["*Interrupted: Enough.*"])
        assert (course.root / "junit.xml").read_text().count("<testcase") == 1

    def test_a_run_that_is_to_fail(self, course: Course, beside: Callable[[str], None]) -> None:
        """Likewise."""
        course.solve()
        beside(FAILS)
        assert course.walk("--junit-xml=junit.xml").ret == pytest.ExitCode.TESTS_FAILED
        assert (course.root / "junit.xml").read_text().count("<testcase") == 1

    def test_fixtures_are_there(self, course: Course, beside: Callable[[str], None]) -> None:
        """Plugins that use pytest's parts find them."""
        course.fill("5")
        beside("def pytest_runtest_setup(item): item.session._fixturemanager")
        beside(
            "def pytest_configure(config): assert config.pluginmanager.hasplugin('fixtures')"
        )
        assert course.screen() == WRONG

    @pytest.mark.parametrize("place", ["terminalreporter", "elsewhere"])
    def test_a_reporter_of_another_plugin(
        self, course: Course, beside: Callable[[str], None], place: str
    ) -> None:
        """It leaves the terminal to the walk, wherever it is registered."""
        course.fill("5")
        beside(
            "class Other(pytest.TerminalReporter):\n"
            "    def pytest_runtest_logreport(self, report): print('OTHER')\n"
            "@pytest.hookimpl(trylast=True)\n"
            "def pytest_configure(config):\n"
            "    manager = config.pluginmanager\n"
            "    manager.unregister(name='terminalreporter')\n"
            f"    manager.register(Other(config), {place!r})"
        )
        assert course.screen("-s") == WRONG


class TestReports:
    """What pytest's own reports hold."""

    def test_each_koan_once(self, course: Course) -> None:
        """Those that were looked at, as passed or failed."""
        course.fill("6", "5")
        course.walk("--junit-xml=junit.xml")
        report = (course.root / "junit.xml").read_text()
        assert 'errors="0" failures="1" skipped="0" tests="2"' in report

    def test_what_a_koan_printed(self, course: Course) -> None:
        """It is in its report, once."""
        course.fill("5")
        course.edit("x = 3.0", "x = 3.0\n    print('x is', x)")
        course.walk("--junit-xml=junit.xml", "-o", "junit_logging=all")
        assert (course.root / "junit.xml").read_text().count("x is 3.0") == 1

    def test_set_up_and_torn_down_is_no_result(self, course: Course) -> None:
        """pytest counts each koan once."""
        counted: list[int] = []

        class Counts:
            @pytest.hookimpl(trylast=True)
            def pytest_sessionfinish(self, session: pytest.Session) -> None:
                reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
                stats = reporter.stats
                counted.extend(len(stats.get(name, [])) for name in ("passed", "failed"))

        course.fill("6", "5")
        course.pytester.runpytest_inprocess(plugins=[Counts()])
        assert counted == [1, 1]

    def test_a_koan_that_was_named_has_a_result(self, course: Course) -> None:
        """Those that are named and lie ahead are skipped, and say which one comes first."""
        koans = [f"{course.page()}::test_double", f"{course.page()}::test_double_and_half"]
        course.walk(*koans, "--junit-xml=junit.xml")
        report = (course.root / "junit.xml").read_text()
        assert 'errors="0" failures="1" skipped="1" tests="2"' in report
        assert "ahead: test_double comes first" in report

    def test_where_it_failed(self, course: Course, beside: Callable[[str], None]) -> None:
        """A failure has a file and a line for programs that mark them."""
        course.fill("6", "350")
        beside(
            "def pytest_runtest_logreport(report):\n"
            "    if report.failed: print('at', report.longrepr.reprcrash[:2])"
        )
        line = course.page().read_text().split("350")[0].count("\n") + 1
        assert f"at ('{course.page()}', {line})" in str(course.walk("-s").stdout)

    def test_what_is_run_again_is_told_once(
        self, course: Course, beside: Callable[[str], None]
    ) -> None:
        """A plugin that runs a koan again doesn't double what it printed."""
        course.fill("5")
        course.edit("x = 3.0", "x = 3.0\n    print('x is', x)")
        beside(
            "from _pytest.runner import runtestprotocol\n"
            "@pytest.hookimpl(tryfirst=True)\n"
            "def pytest_runtest_protocol(item, nextitem):\n"
            "    runtestprotocol(item, log=False, nextitem=nextitem)"
        )
        course.walk("--junit-xml=junit.xml", "-o", "junit_logging=all")
        assert (course.root / "junit.xml").read_text().count("x is 3.0") == 1
