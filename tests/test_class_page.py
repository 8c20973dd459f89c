"""The page of a class in a real browser, where there is one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensei.grading.grades import ChapterOf, MarkedFill, Tried
from sensei.grading.page import class_page
from sensei.grading.report import IN_WORDS, write_reports
from tests.a_class import CHAPTERS, a_class, big, learner
from tests.chromium import PROGRAM, Chromium

pytestmark = pytest.mark.skipif(
    PROGRAM is None or sys.platform == "win32", reason="there is no Chromium to drive"
)

SCRIPT = "</script><img src=x onerror=console.log(1)>"
FILL = MarkedFill(f"{SCRIPT}\n6.0", is_right=False, said=SCRIPT, is_known=True)
CLASS = a_class(
    learner("Ada Lovelace", fills=(FILL,), notes=("There is a file of no chapter.",)),
    learner(SCRIPT, "sscbb"),
    learner("Zoë Müller", "sssss"),
    learner("<b>Ed</b>", "mmmmm", trouble="The zip file is damaged."),
    learner("W" * 300, "snttm")._replace(
        tried=(Tried("test_one", "5", "No.", is_known=False),)
    ),
)

ROWS = "[...document.querySelectorAll('#learners tbody th')].map(each => each.textContent)"
CELLS = "[...document.querySelectorAll('#learners tr')].map(each => each.cells.length)"
STATES = "[...document.querySelectorAll('.state')].map(each => each.textContent)"
FILLS = "[...document.querySelectorAll('.fill')].map(each => each.textContent)"
STATUS = "document.querySelector('#found').textContent"
NODES = """(() => {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
  let count = 1;
  while (walker.nextNode()) count++;
  return count;
})()"""
#: What has too little contrast, computed as WCAG does, with what it is.
PALE = """(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((each) => each / 255)
    .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, number) => sum + each * [0.2126, 0.7152, 0.0722][number], 0);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parts(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const node of document.body.querySelectorAll("*")) {
    if (["SCRIPT", "STYLE", "NOSCRIPT"].includes(node.tagName)) continue;
    const texts = [...node.childNodes].filter((child) => child.nodeType === 3);
    if (!texts.some((child) => child.data.trim())) continue;
    const pair = [light(parts(getComputedStyle(node).color)), light(behind(node))];
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (contrast < 4.5) found.push([contrast, node.outerHTML.slice(0, 99)]);
  }
  return found;
})()"""
OPEN_ALL = """(async () => {
  for (const button of document.querySelectorAll("#learners tbody button")) button.click();
  for (const part of document.querySelectorAll("details")) part.open = true;
  await new Promise((done) => setTimeout(done, 50));
})()"""
FIND = """{
  const find = document.querySelector("#find");
  find.value = "%s";
  find.dispatchEvent(new Event("input"));
}"""
TAB, ENTER = ("Tab", 9), ("Enter", 13, "\r")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """Give a browser that all tests share."""
    with Chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def page(browser: Chromium, tmp_path: Path) -> Iterator[Chromium]:
    """Give the page of a small class, which must not complain of anything."""
    write_reports(tmp_path, CLASS)
    browser.errors.clear()
    browser.look(width=1400)
    browser.open(tmp_path / "class.html")
    yield browser
    assert not browser.errors


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_it_can_be_read(page: Chromium, width: int, scheme: str) -> None:
    """On a phone and on a wide screen, by day and by night, also with everything open."""
    page.look(width=width, scheme=scheme)
    page.run(OPEN_ALL)
    assert len(page.run(STATES)) == 25
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    assert page.run(PALE) == []
    if folder := os.environ.get("PICTURES"):
        Path(folder, f"class-{width}-{scheme}.png").write_bytes(page.picture())


def test_what_others_wrote_is_text(page: Chromium) -> None:
    """A name, a fill and a sentence are there as they were written, and are nothing else."""
    page.run(OPEN_ALL)
    assert page.run("document.querySelectorAll('img, b').length") == 0
    assert page.run(ROWS)[1:3] == ["Ada Lovelace", SCRIPT]
    assert FILL.text in page.run(FILLS)
    assert (
        page.run("document.querySelector('.trouble').textContent") == "The zip file is damaged."
    )


def test_a_policy_forbids_what_is_not_the_pages_own(page: Chromium) -> None:
    """A script that came in all the same would not run, and nothing could be sent."""
    page.run(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=window.ran=1>')"
    )
    said = "fetch('https://example.com').then(() => 'sent', () => 'refused')"
    assert page.run(said) == "refused"
    assert page.run("window.ran") is None
    assert all("Content Security Policy" in error for error in page.errors)
    assert page.errors
    page.errors.clear()


def test_finding_a_learner(page: Chromium) -> None:
    """Each word must be in the name, however it is written; how many are left is told."""
    page.run("document.querySelector('#find').focus()")
    page.type("muller zoe")
    assert page.run(ROWS) == ["Zoë Müller"]
    assert page.run(STATUS) == "1 of 5 learners"
    page.type("x")
    assert page.run(STATUS) == "0 of 5 learners"
    page.run(FIND % "")
    assert page.run(STATUS) == "5 learners"
    page.run("order.value = 'most'; order.dispatchEvent(new Event('change'))")
    assert page.run(ROWS)[1] == "Zoë Müller"


def test_opening_a_row_with_keys(page: Chromium) -> None:
    """The name is a button; koans are drawn when a chapter is open, and not before."""
    assert page.run(STATES) == []
    page.run("document.querySelector('.scroll').focus()")
    page.press(*TAB)
    page.press(*ENTER)
    page.run("new Promise((done) => setTimeout(done, 50))")
    assert page.run("document.activeElement.getAttribute('aria-expanded')") == "true"
    assert page.run(STATES) == ["wrong", "blank", "blank"]
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.press(*TAB)
    link = page.run("document.activeElement.href")
    assert link.endswith("/results/Ada%20Lovelace/report.txt")
    page.open(
        Path(page.run("decodeURIComponent(new URL(document.activeElement.href).pathname)"))
    )
    assert page.run("document.body.innerText").startswith("Ada Lovelace")


def test_opening_a_cell(page: Chromium) -> None:
    """It opens that chapter."""
    page.run("document.querySelectorAll('tbody tr')[1].querySelector('.chapter').click()")
    page.run("new Promise((done) => setTimeout(done, 50))")
    assert page.run(STATES) == ["solved", "solved"]


def test_what_a_screen_reader_is_told(page: Chromium) -> None:
    """The table has heads for its rows and columns, and so have the lists."""
    page.look(width=390)
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    told = [
        (each["role"]["value"], str(each.get("name", {}).get("value")).strip())
        for each in nodes
    ]
    for expected in (
        ("region", "The table of learners"),
        ("table", "Where the class stands still"),
        ("table", "Common wrong fills"),
        ("columnheader", "01 first gradient, of 3"),
        ("rowheader", "Zoë Müller"),
        ("searchbox", "Find a learner"),
        ("combobox", "Order"),
    ):
        assert expected in told
    assert [role for role, _ in told].count("table") == 3
    assert "status" in [role for role, _ in told]


def test_weights(browser: Chromium, tmp_path: Path) -> None:
    """Where chapters count more or less there are points, and each row has as many cells."""
    chapters = (CHAPTERS[0], ChapterOf(1, "first gradient", CHAPTERS[1].koans, 0.5))
    write_reports(tmp_path, a_class(*CLASS.learners, chapters=chapters))
    browser.open(tmp_path / "class.html")
    assert browser.run(CELLS) == [7] * 7
    assert (
        browser.run("document.querySelectorAll('#learners tr')[4].cells[2].textContent")
        == "3.5"
    )


def test_a_large_class(browser: Chromium, tmp_path: Path) -> None:
    """A thousand learners and three hundred koans are no more than a browser bears."""
    grades = big(1000, 300)
    file = tmp_path / "class.html"
    file.write_text(class_page(grades, ["a"] * 1000, IN_WORDS, ""), "utf-8")
    assert file.stat().st_size < 5_000_000
    browser.errors.clear()
    browser.look(width=1400)
    browser.open(file)
    assert browser.run(NODES) < 30_000
    shown = len(browser.run(ROWS))
    assert browser.run(STATUS) == f"1000 learners, 1 to {shown - 1} of them here"
    browser.run("next.click()")
    assert browser.run(STATUS).startswith(f"1000 learners, {shown} to ")
    browser.run(FIND % "0999")
    assert browser.run(STATUS) == "1 of 1000 learners"
    assert not browser.errors
