"""The proof of the koans: what must hold of each of them, of a chapter, and of the path.

A proof is a function that yields a sentence for each thing that does not hold; its name is
the rule. Whoever wants to know more of a rule reads its docstring here.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from sensei.author.names import introduced_by, names_of, strange_names
from sensei.author.near_misses import near_misses
from sensei.author.running import as_it_is, judged, once
from sensei.files import typed
from sensei.judge.case import compared
from sensei.judge.errors import in_words
from sensei.judge.foreseen import meets
from sensei.judge.secrets import reveals
from sensei.judge.verdict import FillState, Progress, State, Verdict
from sensei.koan import source
from sensei.koan.graft import read_fill
from sensei.koan.path import Chapter, Koan, Sheet
from sensei.koan.source import Marker, Part
from sensei.run.outcome import Outcome
from sensei.run.runner import Run
from sensei.screen.end import BY_THE_END
from sensei.screen.lines import WIDTH as SCREEN_WIDTH
from sensei.screen.verdict import about
from sensei.screen.walk import Report, screen

#: What a line of a koan may take, so that the screen shows it within 80 columns.
WIDTH = 74
#: What can be seen of a koan without scrolling.
LINES = 12


class Blank(NamedTuple):
    """One blank of a koan; `number` counts from 0."""

    number: int
    marker: Marker

    def __str__(self) -> str:
        return f"blank {self.number + 1} (line {self.marker.node.lineno})"


class Tried(NamedTuple):
    """A wrong fill in a blank, with the answers in the others, and what became of it."""

    blank: Blank
    code: str
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.blank}, {self.code}"

    @property
    def is_wrong(self) -> bool:
        """Whether the koan does not hold because of it."""
        fills = self.verdict.fills
        return self.verdict.state is State.WRONG and (
            fills[self.blank.number].state is FillState.WRONG
        )


@dataclass(frozen=True)
class Candidate:
    """A koan to be proved, and those that may follow it: on the path, and on a route.

    Everything that has to be run is run once, when the first proof asks for it.

    Args:
        koan: the koan.
        run: runs its trials.
        following: the koans that may come after it.
    """

    koan: Koan
    run: Run
    following: Sequence[Koan] = ()

    @cached_property
    def sheet(self) -> Sheet:
        """The answered koan."""
        return _sheet(self.koan)

    @cached_property
    def blanks(self) -> list[Blank]:
        """The koan's blanks."""
        return [Blank(number, marker) for number, marker in enumerate(self.sheet.markers)]

    @cached_property
    def question(self) -> str:
        """What the koan asks."""
        return source.opening(self.sheet.pattern)[0]

    @cached_property
    def answers(self) -> list[str]:
        """The answers as code."""
        return [ast.unparse(blank.marker.answer) for blank in self.blanks]

    @cached_property
    def met(self) -> Verdict:
        """The verdict of the fresh koan."""
        return judged(self.koan, [source.BLANK] * len(self.blanks), self.run)

    @cached_property
    def solved(self) -> Verdict:
        """The verdict of the koan with its answers."""
        return judged(self.koan, self.answers, self.run)

    def outcome(self, part: Part) -> Outcome:
        """Run a text of the koan as it is, blank or answered."""
        return self.run(as_it_is(self.koan, part))

    @cached_property
    def with_answers(self) -> Outcome:
        """How the koan ends as it stands in answers/."""
        return self.outcome(self.sheet.part)

    @cached_property
    def listed(self) -> list[Tried]:
        """What becomes of the wrong fills that the koan foresees."""
        return [
            self._tried(blank, code) for blank in self.blanks for code in blank.marker.wrong
        ]

    @cached_property
    def near(self) -> list[Tried]:
        """What becomes of fills that are almost the answer, or have the koan compute it."""
        return [
            self._tried(blank, code)
            for blank in self.blanks
            for code in (*near_misses(blank.marker.answer), *self._left_of(blank))
        ]

    def _left_of(self, blank: Blank) -> Iterator[str]:
        """Yield what a blank is compared with."""
        if there := compared(self.sheet, blank.marker):
            yield ast.unparse(there.left)

    @cached_property
    def wrong(self) -> list[Tried]:
        """Those of them that are wrong, as all should be."""
        return [tried for tried in (*self.listed, *self.near) if tried.is_wrong]

    def _tried(self, blank: Blank, code: str) -> Tried:
        fills = [*self.answers]
        fills[blank.number] = code
        return Tried(blank, code, judged(self.koan, fills, once(self.run)))


def _sheet(koan: Koan) -> Sheet:
    assert koan.sheet is not None
    return koan.sheet


def _code_of(koan: Koan) -> str:
    """Return what a learner sees of a koan's code."""
    pattern = _sheet(koan).pattern
    _, first = source.opening(pattern)
    return "\n".join(pattern.text.split("\n")[first - 1 :])


def _told(text: str, koan: Koan) -> list[str]:
    """Return the answers of a koan that a text gives away."""
    answers = [marker.answer for marker in _sheet(koan).markers]
    code = _code_of(koan)
    return [ast.unparse(answer) for answer in answers if reveals(text, answer, code)]


# What must hold before anything else can be asked.


def can_be_read(koan: Koan) -> Iterator[str]:
    """It is Python, with one blank at least, and so are the wrong fills that it lists."""
    assert koan.answered is not None
    if koan.chapter.sheet_head is None:
        yield "the head of its chapter is not Python"
        return
    try:
        markers = source.markers_in(koan.answered.tree())
    except SyntaxError as error:
        yield f"line {error.lineno} is not Python: {error.msg}"
        return
    except ValueError as error:
        yield f"the notes of a marker are plain text: {error}"
        return
    if not markers:
        yield "it has no blank"
    for blank in map(Blank, range(len(markers)), markers):
        for code in blank.marker.wrong:
            if not Part("", 1, code).is_python:
                yield f"{blank}, {code}: this entry is not Python"


def lines_stand_apart(koan: Koan) -> Iterator[str]:
    """Of two blanks that are lines, side by side, nobody could tell whose a line is."""
    for node in ast.walk(koan.sheet.pattern.tree()) if koan.sheet else ():
        for block in (value for _, value in ast.iter_fields(node) if isinstance(value, list)):
            if any(_is_line(one) and _is_line(other) for one, other in pairwise(block)):
                yield "two blanks that are whole lines stand side by side"


def _is_line(node: object) -> bool:
    return isinstance(node, ast.Expr) and source.is_blank(node.value)


#: Without these, no other question can be asked.
FIRST_PROOFS: tuple[Callable[[Koan], Iterator[str]], ...] = (can_be_read, lines_stand_apart)

# What must hold of a koan.


def is_one_function(candidate: Candidate) -> Iterator[str]:
    """Helpers stand before the first koan, so that each koan runs alone after them."""
    if len(candidate.sheet.part.tree().body) > 1:
        yield "something stands behind it that belongs into the head of its chapter"


def fits_the_screen(candidate: Candidate) -> Iterator[str]:
    """It is short and narrow, and so is every screen that shows it."""
    lines = _code_of(candidate.koan).rstrip().split("\n")
    long = len([line for line in lines if line.strip()])
    if long > LINES:
        yield f"it has {long} lines of code; {LINES} can be seen without scrolling"
    for line in lines:
        if len(line) > WIDTH:
            yield f"a line is longer than {WIDTH} characters: {line.strip()}"
    report = Report(Progress([candidate.solved, candidate.met]), just_solved=[candidate.solved])
    screens = [("as it is met and solved", screen(report))]
    screens += [(str(tried), about(tried.verdict)) for tried in candidate.wrong]
    for where, each in screens:
        if max(len(line.text) for line in each) > SCREEN_WIDTH:
            yield f"{where}: its screen is wider than {SCREEN_WIDTH} columns"


def asks_for_something(candidate: Candidate) -> Iterator[str]:
    """Its docstring ends with a question, or says what to write or to give."""
    asks = candidate.question.endswith("?")
    if not asks and not re.search(r"\b(write|give)\b", candidate.question, re.IGNORECASE):
        yield "its docstring neither ends with a question nor says what to write"


def blanks_fail(candidate: Candidate) -> Iterator[str]:
    """As it is, it is blank, and run all the same it does not hold."""
    if candidate.met.state is not State.BLANK:
        yield f"as it is handed out it is {candidate.met.state.value}, and not blank"
    if candidate.outcome(candidate.sheet.pattern).held:
        yield "it holds although its blanks are empty"


def answers_hold(candidate: Candidate) -> Iterator[str]:
    """With its answers it holds, as they are graded and as `solve` writes them."""
    if not candidate.with_answers.held:
        yield f"with its answers it does not hold: {how_it_ended(candidate.with_answers)}"
    if candidate.solved.state is not State.SOLVED:
        yield f"with its answers in a learner's file it is {candidate.solved.state.value}"
    solved = candidate.sheet.part._replace(text=source.solve(candidate.sheet.part.text))
    if not candidate.outcome(solved).held:
        yield "what solve writes does not hold"


def how_it_ended(outcome: Outcome) -> str:
    """Say in words how a run ended that should have held."""
    return in_words(outcome.error) if outcome.error else outcome.end.value


def leaves_torch_as_it_was(candidate: Candidate) -> Iterator[str]:
    """No setting of torch is another one after it."""
    for setting in candidate.with_answers.leaked:
        yield f"it leaves another {setting} behind"


def question_does_not_answer(candidate: Candidate) -> Iterator[str]:
    """No answer stands in the docstring that is not in the code as well."""
    for answer in _told(candidate.question, candidate.koan):
        yield f"its docstring holds the answer {answer}"


def why_does_not_answer_the_next(candidate: Candidate) -> Iterator[str]:
    """It is read beside the next koan."""
    for following in candidate.following:
        for answer in _told(candidate.sheet.why, following) if following.sheet else ():
            yield f"its why holds the answer {answer} of {following.name}"


def notes_stand_once(candidate: Candidate) -> Iterator[str]:
    """The last marker of a koan, and no other, carries its hints and its why."""
    *others, _ = candidate.blanks
    for blank in others:
        if blank.marker.notes:
            yield f"{blank}: hints, why, numbers and core belong to the koan's last blank"
    if len(candidate.sheet.hints) < 2:
        yield "it has fewer than two hints"
    if not candidate.sheet.why:
        yield "it has no why"


def has_what_it_needs(candidate: Candidate) -> Iterator[str]:
    """Misconceptions for each blank, and answers that fit into a line."""
    for blank in candidate.blanks:
        answer = blank.marker.answer
        if not blank.marker.wrong:
            yield f"{blank}: it lists no wrong fill"
        if answer.lineno != answer.end_lineno:
            yield f"{blank}: its answer goes over several lines"


def gives_nothing_away(candidate: Candidate) -> Iterator[str]:
    """Neither replies nor hints hold an answer that isn't on the page."""
    texts = [(_reply_of(blank, codes), reply) for blank, codes, reply in _entries(candidate)]
    texts += [(f"hint {number}", hint) for number, hint in enumerate(candidate.sheet.hints, 1)]
    for where, text in texts:
        for answer in _told(text, candidate.koan):
            yield f"{where} holds the answer {answer}"


def _entries(candidate: Candidate) -> Iterator[tuple[Blank, Sequence[str], str]]:
    for blank in candidate.blanks:
        for codes, reply in blank.marker.entries:
            yield blank, codes, reply


def _reply_of(blank: Blank, codes: Sequence[str]) -> str:
    return f"{blank}, {' and '.join(codes)}: its reply"


def listed_fills_are_wrong(candidate: Candidate) -> Iterator[str]:
    """A fill that is listed fails."""
    for tried in candidate.listed:
        if not tried.is_wrong:
            yield f"{tried}: with it the koan is {tried.verdict.state.value}"


def listed_fills_get_their_reply(candidate: Candidate) -> Iterator[str]:
    """A fill that is listed is told what is written beside it."""
    for tried in candidate.listed:
        reply = tried.verdict.fills[tried.blank.number].reply if tried.is_wrong else None
        if reply and reply.text != tried.blank.marker.wrong[tried.code]:
            yield f"{tried}: it is told something else: {reply.text}"


def near_misses_are_wrong(candidate: Candidate) -> Iterator[str]:
    """A small change of the answer fails."""
    for tried in candidate.near:
        if tried.verdict.state is not State.WRONG:
            state = tried.verdict.state.value
            yield f"{tried}: it is nearly the answer, and with it the koan is {state}"


def screens_tell_no_answer(candidate: Candidate) -> Iterator[str]:
    """Whatever wrong fill was written, the screen says nothing that holds an answer."""
    for tried in candidate.wrong:
        for answer in _told(_said(tried.verdict), candidate.koan):
            yield f"{tried}: its screen tells the answer {answer}"


#: How lines of the screen begin that are a learner's own code or words: no secrets of ours.
_OWN = ("          ", "    >", "      You wrote", "      Blank")


def _said(verdict: Verdict) -> str:
    lines = (line.text for line in about(verdict))
    return "\n".join(line for line in lines if not line.startswith(_OWN))


def entries_differ(candidate: Candidate) -> Iterator[str]:
    """No fill meets two entries, or the answer."""
    for blank, answer in zip(candidate.blanks, candidate.answers, strict=True):
        codes = [code for codes, _ in blank.marker.entries for code in codes]
        for number, code in enumerate(codes):
            fill = read_fill(code)
            for other in codes[number + 1 :]:
                if meets(fill, other):
                    yield f"{blank}, {code}: the entry {other} means the same"
            if meets(fill, answer):
                yield f"{blank}, {code}: this entry is the answer"


def replies_differ(candidate: Candidate) -> Iterator[str]:
    """Where several fills get one reply, they are one entry, with a tuple for its key."""
    replies = Counter(reply for _, _, reply in _entries(candidate))
    for reply, count in replies.items():
        if count > 1:
            yield f"{count} entries have the same reply: {reply}"


def names_stand_in_the_koan(candidate: Candidate) -> Iterator[str]:
    """What a text calls by a name of code is in the koan, or is torch's or Python's."""
    seen = _names_seen(candidate)
    answers = {name for blank in candidate.blanks for name in names_of(blank.marker.answer)}
    texts = [
        ("its docstring", candidate.question, seen),
        ("its why", candidate.sheet.why, seen | answers),
    ]
    texts += [(f"hint {n}", hint, seen) for n, hint in enumerate(candidate.sheet.hints, 1)]
    for blank, codes, reply in _entries(candidate):
        own = {name for code in codes for name in names_of(ast.parse(code))}
        texts.append((_reply_of(blank, codes), reply, seen | own))
    for where, text, own in texts:
        for name in strange_names(text, own):
            yield f"{where} speaks of {name}, which is not in the koan"


def _names_seen(candidate: Candidate) -> set[str]:
    own = names_of(candidate.sheet.head.tree()) | names_of(candidate.sheet.pattern.tree())
    return own | introduced_by(candidate.question)


Proof = Callable[[Candidate], Iterator[str]]

PROOFS: tuple[Proof, ...] = (
    is_one_function,
    asks_for_something,
    notes_stand_once,
    has_what_it_needs,
    entries_differ,
    replies_differ,
    names_stand_in_the_koan,
    question_does_not_answer,
    gives_nothing_away,
    why_does_not_answer_the_next,
    blanks_fail,
    answers_hold,
    leaves_torch_as_it_was,
    listed_fills_are_wrong,
    listed_fills_get_their_reply,
    near_misses_are_wrong,
    screens_tell_no_answer,
    fits_the_screen,
)


# What must hold of a chapter.


def is_derived(chapter: Chapter) -> Iterator[str]:
    """The learners' file is the answered one to the byte, with blanks or with bare answers."""
    assert chapter.sheet is not None
    answered = chapter.sheet.read_bytes().decode()
    page = chapter.page.read_bytes().decode() if chapter.page.exists() else ""
    if page not in {source.blank(answered), source.solve(answered)}:
        yield (
            f"{typed(chapter.page)} is not what is written here; "
            "to derive it: python -m sensei blank --replace"
        )


def opening_does_not_answer_the_first(chapter: Chapter) -> Iterator[str]:
    """The opening of a chapter is read beside its first koan."""
    first_of_core = [koan for koan in chapter.koans if koan.is_core][:1]
    for first in dict.fromkeys([chapter.koans[0], *first_of_core]):
        for answer in _told(_docstring(chapter), first):
            yield f"its docstring holds the answer {answer} of {first.name}"


def says_what_it_is_good_for(chapter: Chapter) -> Iterator[str]:
    """The docstring opens the chapter, and its last paragraph is told at the end."""
    paragraphs = _docstring(chapter).split("\n\n")
    # Behind it there may be a word on where to go from here.
    has_more = len(paragraphs) > 2 and paragraphs[-2].startswith(BY_THE_END)
    *opening, end = paragraphs[:-1] if has_more else paragraphs
    if not opening:
        yield "its docstring is no opening with a last paragraph"
    if not end.startswith(BY_THE_END):
        yield f"the last paragraph of its docstring does not begin: {BY_THE_END}"
    if len(end) > 4 * WIDTH:
        yield f"the last paragraph of its docstring is longer than {4 * WIDTH} characters"


#: What a chapter about torch ends with.
_READ_ON = re.compile(r', and\sread\s"[^"]+"\sin\sPyTorch')


def says_what_to_read(chapter: Chapter) -> Iterator[str]:
    """At its end it names what a learner can now read in PyTorch's own documentation."""
    is_about_torch = any(koan.uses_torch for koan in chapter.koans)
    if is_about_torch and not _READ_ON.search(_docstring(chapter)):
        yield 'its docstring does not end: ..., and read "HEADING" in PyTorch\'s PAGE.'


def _docstring(chapter: Chapter) -> str:
    assert chapter.sheet_head is not None
    return ast.get_docstring(chapter.sheet_head.tree()) or ""


CHAPTER_PROOFS: tuple[Callable[[Chapter], Iterator[str]], ...] = (
    is_derived,
    opening_does_not_answer_the_first,
    says_what_it_is_good_for,
    says_what_to_read,
)


# What must hold of the path.


def all_are_blank_or_solved(chapters: Sequence[Chapter]) -> Iterator[str]:
    """All chapters are blank, as on main, or all are solved, as on the answers branch."""
    pages = [chapter.page for chapter in chapters if chapter.page.exists()]
    blanks = {bool(source.blanks_in(ast.parse(page.read_text("utf-8")))) for page in pages}
    if len(blanks) > 1:
        yield "some chapters are blank and some are solved"


def has_no_stray_chapter(chapters: Sequence[Chapter]) -> Iterator[str]:
    """Each file of koans/ has its answers."""
    for folder in {chapter.page.parent for chapter in chapters}:
        for page in sorted({*folder.glob("*.py")} - {chapter.page for chapter in chapters}):
            yield f"{typed(page)} has no answers"


def names_differ(chapters: Sequence[Chapter]) -> Iterator[str]:
    """A name says which koan is meant, in the whole path."""
    parts = (part for chapter in chapters for part in (chapter.sheet_parts or (None, []))[1])
    for name, count in Counter(part.name for part in parts).items():
        if count > 1:
            yield f"{count} koans are called {name}"


def one_in_three_asks_for_code(chapters: Sequence[Chapter]) -> Iterator[str]:
    """A path of values alone would be dull."""
    koans = [koan for chapter in chapters for koan in chapter.koans if koan.sheet]
    code = [
        koan
        for koan in koans
        if any(_asks_for_code(marker.answer) for marker in _sheet(koan).markers)
    ]
    if len(code) < len(koans) // 3:
        yield f"only {len(code)} of {len(koans)} koans ask for code"


def _asks_for_code(answer: ast.expr) -> bool:
    """Whether an answer is more than a value or the name of an exception."""
    try:
        ast.literal_eval(answer)
    except ValueError:
        return not hasattr(builtins, ast.unparse(answer))
    return False


def one_in_three_is_core(chapters: Sequence[Chapter]) -> Iterator[str]:
    """The route core leads through all chapters that it begins with, in a third of the time."""
    core = {it: sum(koan.is_core for koan in it.koans) for it in chapters}
    marked = [chapter for chapter, count in core.items() if count]
    reached = chapters[: chapters.index(marked[-1]) + 1] if marked else ()
    for chapter in reached:
        if chapter not in marked:
            yield f"no koan of chapter {chapter.number} is on the route core"
    count, total = sum(core.values()), sum(len(chapter.koans) for chapter in reached)
    if marked and not total / 4 <= count <= total / 2 + 1:
        yield f"{count} of {total} koans are on the route core; a third would do"


PATH_PROOFS: tuple[Callable[[Sequence[Chapter]], Iterator[str]], ...] = (
    names_differ,
    has_no_stray_chapter,
    all_are_blank_or_solved,
    one_in_three_asks_for_code,
    one_in_three_is_core,
)
