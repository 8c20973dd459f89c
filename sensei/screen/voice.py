"""What a learner reads, but for the replies to a fill. Pure: verdicts become lines of text."""

from __future__ import annotations

import ast
import itertools
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from sensei.judge.judge import FillState, JudgedFill, Progress, State, Verdict
from sensei.judge.memory import Hint
from sensei.judge.rules import NOTHING_TO_SAY
from sensei.koan import source
from sensei.koan.path import Chapter, Koan, Problem, Trouble
from sensei.koan.source import Part
from sensei.options import OPTIONS

WIDTH = 80
BAR = 12
#: How much of a long koan is shown above and below the line it is about.
LINES_AROUND = 12
LINES_PRINTED = 12
LINES_OF_OTHERS = 2
NAMES_SOLVED = 5


class Line(NamedTuple):
    """One line of the screen; `style` names pytest's own markup, or nothing."""

    text: str = ""
    style: str = ""


class Neighbour(NamedTuple):
    """Another plugin had the run of a koan skipped, or broke it; and why, as it says itself."""

    did: str
    name: str
    words: str


class Run(NamedTuple):
    """One run over the selected koans, as far as it went.

    Args:
        progress: where each of them stands.
        just_solved: those that were not solved in the run before.
        hint: the hints of the current koan that were asked for.
        offers_hint: whether the learner is stuck.
        reveal: whether the current koan's answer was asked for.
        account: pytest's own words on the difference, where it was asked for.
        printed: what the current koan wrote to standard output.
        answered: whether the answer sheet is there.
        interrupted: whether the learner stopped the run.
        watched: whether saving is enough to run it again.
        whole: whether all koans were selected.
        graph: what autograd recorded in the koan that was drawn.
        neighbours: what other plugins did to koans.
    """

    progress: Progress
    just_solved: Sequence[Verdict] = ()
    hint: Hint | None = None
    offers_hint: bool = False
    reveal: bool = False
    account: str = ""
    printed: str = ""
    answered: bool = True
    interrupted: bool = False
    watched: bool = False
    whole: bool = False
    graph: Sequence[str] = ()
    neighbours: Sequence[Neighbour] = ()


def screen(run: Run) -> list[Line]:
    """Return the whole screen of a run."""
    if not run.progress.verdicts:
        return [Line(), Line("  No koan fits this selection. All of them: pytest")]
    current = run.progress.current
    blocks = [_progress(run.progress)]
    if run.just_solved:
        blocks += [_just_solved(run.just_solved), *_chapter_done(run)]
    if run.interrupted:
        blocks.append([Line("  Stopped. Nothing is lost; you are here:")])
    blocks += _where(run, current) if current else _at_the_end(run)
    if not run.answered:
        blocks.append([Line("  (answers/ is not here: a wrong prediction gets no reply.)")])
    if run.neighbours:
        blocks.append(_neighbours(run.neighbours))
    return [line for block in blocks for line in (Line(), *block)]


def _neighbours(neighbours: Sequence[Neighbour]) -> list[Line]:
    """What other plugins did, in the words of the first of them. It changes nothing here."""
    first, others = neighbours[0], len(neighbours) - 1
    also = f" (and {others} more)" if others else ""
    words = [line for line in first.words.splitlines() if line.strip()][:LINES_OF_OTHERS]
    return [
        *_wrapped(f"Another plugin {first.did} the run of {first.name}{also}. It says:", 2),
        *(Line(_shortened(f"      {line.strip()}")) for line in words),
        Line("  Where the koans stand is known all the same, and shown above."),
    ]


def _where(run: Run, current: Verdict) -> list[list[Line]]:
    """The current koan, what was asked to be shown of it, and the next step."""
    blocks = []
    if _opens_chapter(current):
        blocks.append(_opening(current.koan.chapter))
    blocks.append(_place(current) + koan(current, run.printed))
    if run.graph:
        blocks.append(list(map(Line, run.graph)))
    if run.hint:
        blocks.append(_hints(run.hint, watched=run.watched))
    if run.reveal:
        blocks.append(_answer(current, run.account))
    blocks.append(_next_step(current, watched=run.watched))
    if run.offers_hint and not run.hint:
        to_type = "h and Enter" if run.watched else "pytest --hint"
        blocks[-1].append(Line(f"  Stuck? A hint: {to_type}"))
    return blocks


def _at_the_end(run: Run) -> list[list[Line]]:
    drawn = [_drawn(run.progress.verdicts[-1], run.graph)] if run.graph else []
    return [*drawn, *_end(run)]


# Where the learner is.


def _progress(progress: Progress) -> list[Line]:
    current = progress.current
    chapters = _by_chapter(progress)
    here = current.koan.chapter if current else chapters[-1][0]
    number = next(i for i, (chapter, _) in enumerate(chapters, 1) if chapter == here)
    counts = f"{progress.solved} of {len(progress.verdicts)}"
    if len(chapters) > 1:
        counts += f", chapter {number} of {len(chapters)}"
    lines = [Line(f"  Autograd koans{counts:>{WIDTH - 18}}", "bold"), Line()]
    width = max(len(chapter.title) for chapter, _ in chapters)
    for chapter, verdicts in chapters[:number]:
        line = _chapter(chapter, verdicts, width)
        is_here = current and chapter == here
        lines.append(Line(f"{line}   <- you are here") if is_here else Line(line, "green"))
    return lines


def _by_chapter(progress: Progress) -> list[tuple[Chapter, list[Verdict]]]:
    groups = itertools.groupby(progress.verdicts, lambda verdict: verdict.koan.chapter)
    return [(chapter, list(verdicts)) for chapter, verdicts in groups]


def _chapter(chapter: Chapter, verdicts: Sequence[Verdict], width: int) -> str:
    solved = sum(v.state is State.SOLVED for v in verdicts)
    full = BAR * solved // len(verdicts)
    bar = "#" * full + "-" * (BAR - full)
    return f"  {chapter.number:02} {chapter.title:{width}}  {bar} {solved:>3}/{len(verdicts)}"


def _just_solved(verdicts: Sequence[Verdict]) -> list[Line]:
    first, *others = [verdict.koan.name for verdict in verdicts[-NAMES_SOLVED:]]
    said = "  solved just now: "
    more = len(verdicts) - NAMES_SOLVED
    lines = [Line(f"{said}{more} koans, and", "green")] if more > 0 else []
    lines.append(Line(f"{' ' * len(said) if lines else said}{first}", "green"))
    lines += [Line(f"{' ' * len(said)}{name}", "green") for name in others]
    return lines + _wrapped(_why(verdicts[-1].koan), 6)


def _opens_chapter(verdict: Verdict) -> bool:
    first = verdict.koan.chapter.koans[0].name
    return verdict.state is State.BLANK and verdict.koan.name == first


#: How the last paragraph of a chapter's docstring begins; it is told when the chapter is done.
AT_ITS_END = "At its end you can "


def _opening(chapter: Chapter) -> list[Line]:
    return _wrapped(_docstring(chapter).split(AT_ITS_END)[0].rstrip(), 2)


def _chapter_done(run: Run) -> list[list[Line]]:
    """What a learner can do now, if the koan just solved was the last one of its chapter."""
    chapter = run.just_solved[-1].koan.chapter
    own = [v for v in run.progress.verdicts if v.koan.chapter == chapter]
    if len(own) < len(chapter.koans) or any(v.state is not State.SOLVED for v in own):
        return []
    _, _, skill = _docstring(chapter).partition(AT_ITS_END)
    done = f"Chapter {chapter.number}, {chapter.title}, is done."
    return [_wrapped(f"{done} You can now {skill}" if skill else done, 2)]


def _docstring(chapter: Chapter) -> str:
    assert chapter.head is not None
    return ast.get_docstring(chapter.head.tree()) or ""


def _why(koan: Koan) -> str:
    return " ".join(marker.why for marker in koan.sheet.markers) if koan.sheet else ""


def _place(verdict: Verdict) -> list[Line]:
    place, name = f"  {_file_and_line(verdict)}", verdict.koan.name
    if len(place) + 3 + len(name) <= WIDTH:
        return [Line(f"{place}   {name}", "bold")]
    return [Line(place, "bold"), Line(f"  {name}", "bold")]


def _file_and_line(verdict: Verdict) -> str:
    page, file = verdict.koan.page, f"koans/{verdict.koan.chapter.page.name}"
    line = verdict.line or (page.line if page and not _hides_code(verdict) else None)
    return f"{file}:{line}" if line else file


_STANDS = {
    State.SOLVED: "solved",
    State.BLANK: "blank",
    State.WRONG: "wrong",
    State.BROKEN: "broken",
    State.AHEAD: "",
}


def path_map(progress: Progress, number: int) -> list[Line]:
    """Return where every koan stands, or those of the chapter with that number; 0 is all."""
    lines: list[Line] = []
    width = max(len(verdict.koan.chapter.title) for verdict in progress.verdicts)
    for chapter, verdicts in _by_chapter(progress):
        if number not in {0, chapter.number}:
            continue
        lines += [Line(), Line(_chapter(chapter, verdicts, width), "bold"), Line()]
        for verdict in verdicts:
            here = "   <- you are here" if verdict is progress.current else ""
            text = f"      {_STANDS[verdict.state]:7} {verdict.koan.name}{here}"
            lines.append(Line(text, "green" if verdict.state is State.SOLVED else ""))
    none = f"  There is no chapter {number} here. All of them: pytest --map"
    return lines or [Line(), Line(none)]


def graph_alone(
    verdicts: Sequence[Verdict], graph: Sequence[str], *, watched: bool
) -> list[Line]:
    """Return the graph of one koan, without the path around it."""
    drawn = [line for verdict in verdicts for line in _drawn(verdict, graph)]
    to_type = "Enter" if watched else "pytest"
    return [Line(), *drawn, Line(), Line(f"  To go on with the path: {to_type}")]


def _drawn(verdict: Verdict, graph: Sequence[str]) -> list[Line]:
    return [*_place(verdict), Line(), *map(Line, graph)]


# The koan and what is said about it.


def koan(verdict: Verdict, printed: str = "") -> list[Line]:
    """Return the koan's question and code, and what there is to say about it."""
    lines = _question(verdict) + _code(verdict)
    if printed.strip():
        lines += [Line(), *_printed(printed)]
    comment = _comment(verdict)
    if comment and lines:
        lines.append(Line())
    return lines + comment


def _question(verdict: Verdict) -> list[Line]:
    if verdict.koan.page is None or _hides_code(verdict):
        return []
    return _wrapped(_asked(verdict.koan, verdict.koan.page)[0], 6)


def _asked(koan: Koan, page: Part) -> tuple[str, int]:
    """Return the koan's question, and the learner's line in which its code begins."""
    try:
        return source.opening(page)
    except SyntaxError:
        if koan.sheet is None:
            return "", page.line
    # No Python yet: as long as it begins as it was written, the question is known all the same.
    pattern = koan.sheet.pattern
    question, first = source.opening(pattern)
    begins = pattern.text.split("\n")[: first - 1]
    if page.text.split("\n")[: first - 1] != begins:
        return "", page.line
    return question, page.line + first - 1


def _hides_code(verdict: Verdict) -> bool:
    return verdict.problem is not None and verdict.problem.what in _WITHOUT_CODE


def _code(verdict: Verdict) -> list[Line]:
    """The learner's lines, with a mark at the one that the verdict is about."""
    page, head, here = verdict.koan.page, verdict.koan.chapter.head, verdict.line
    if page is None or head is None or _hides_code(verdict):
        return []
    part = head if here and here < page.line else page
    first = _asked(verdict.koan, page)[1] if part is page else part.line
    near = [
        (number, text)
        for number, text in enumerate(part.text.rstrip().split("\n"), part.line)
        if number >= first and (not here or abs(number - here) <= LINES_AROUND)
    ]
    numbered = list(itertools.dropwhile(lambda line: not line[1].strip(), near))
    indent = min(
        (len(text) - len(text.lstrip()) for _, text in numbered if text.strip()), default=0
    )
    lines = [Line()]
    for number, text in numbered:
        mark, style = (">", "bold") if number == here else (" ", "")
        lines.append(Line(_shortened(f"    {mark}     {text[indent:]}".rstrip()), style))
        if number == here and verdict.column:
            lines.append(Line(" " * (9 + verdict.column - indent) + "^"))
    return lines


def _printed(printed: str) -> list[Line]:
    lines = printed.rstrip().splitlines()
    cut = lines[-LINES_PRINTED:]
    head = (
        "It printed:"
        if len(cut) == len(lines)
        else f"It printed (the last {LINES_PRINTED} lines):"
    )
    return [Line(f"      {head}"), *_quoted("\n".join(cut))]


def _comment(verdict: Verdict) -> list[Line]:
    if verdict.problem:
        return _told(verdict.problem, verdict.koan)
    if verdict.state is State.AHEAD or all(j.state is FillState.BLANK for j in verdict.fills):
        return _wrapped(NOTHING_TO_SAY.text, 6) if verdict.state is State.WRONG else []
    if len(verdict.fills) == 1:
        return _reply(verdict.fills[0])
    return [line for n, judged in enumerate(verdict.fills, 1) for line in _numbered(n, judged)]


def _reply(judged: JudgedFill) -> list[Line]:
    assert judged.reply is not None
    wrote = [Line("      You wrote:", "red"), *_quoted(textwrap.dedent(judged.fill.text))]
    if "\n" not in judged.fill.text:
        wrote = [Line(_shortened(f"      You wrote {judged.fill.text}"), "red")]
    return wrote + _wrapped(judged.reply.text, 6)


def _numbered(number: int, judged: JudgedFill) -> list[Line]:
    wrote = " ".join(judged.fill.text.split())
    if judged.state is FillState.BLANK:
        return [Line(f"      Blank {number} is still empty.")]
    if judged.state is FillState.RIGHT:
        return [Line(f"      Blank {number}, {wrote}: right.", "green")]
    assert judged.reply is not None
    said = Line(f"      Blank {number}, {wrote}: not yet.", "red")
    return [said, *_wrapped(judged.reply.text, 10)]


def _hints(hint: Hint, *, watched: bool) -> list[Line]:
    *old, new = hint.seen
    lines = [line for text in old for line in _wrapped(text, 6)]
    lines += _wrapped(f"Hint {len(hint.seen)} of {hint.total}: {new}", 6)
    if len(hint.seen) == hint.total:
        to_type = "r and Enter" if watched else "pytest --reveal"
        lines += _wrapped(f"There are no more. The answer, if you want it: {to_type}", 6)
    return lines


def _answer(verdict: Verdict, account: str) -> list[Line]:
    """The answers of the blanks that are still open, their reasons, and pytest's account."""
    if verdict.koan.sheet is None or not verdict.fills:
        return [Line("      There is no answer to show.")]
    lines: list[Line] = []
    for judged, marker in zip(verdict.fills, verdict.koan.sheet.markers, strict=True):
        if judged.state is not FillState.RIGHT:
            lines += [Line(f"      The answer: {ast.unparse(marker.answer)}", "bold")]
            lines += _wrapped(marker.why, 6)
    if account:
        lines += [Line(), Line("      In pytest's own words:"), *_quoted(account)]
    return lines


def _next_step(verdict: Verdict, *, watched: bool) -> list[Line]:
    again = "type a and Enter" if watched else "run pytest again"
    save = "and save" if watched else "save, and run pytest again"
    if verdict.state is State.AHEAD:
        return [Line(f"  To go on, {again}.")]
    if verdict.state is State.BLANK:
        return [Line(f"  Write your prediction in place of __, {save}.")]
    if verdict.problem is None:
        return [Line(f"  Change it, {save}.")]
    if verdict.problem.what in _COMMANDS:
        return [Line(f"  Then {again}.")]
    lines = [Line(f"  Mend it, {save}.")]
    koan, what = verdict.koan, verdict.problem.what
    if koan.sheet and what in _CHAPTER_TO_RESET | _KOAN_TO_RESET:
        name = koan.chapter.number if what in _CHAPTER_TO_RESET else koan.name
        to_type = "x and Enter" if watched else f"pytest --reset {name}"
        lines += _wrapped(f"Or have it blank again: {to_type}", 2)
    return lines


def _end(run: Run) -> list[list[Line]]:
    verdicts = run.progress.verdicts
    count = len(verdicts)
    holds = f"  All {count} koans hold." if count > 1 else "  This koan holds."
    if not run.whole:
        return [[Line(holds, "green")]]
    first, last = verdicts[0].koan.chapter, verdicts[-1].koan.chapter
    blanks = sum(len(verdict.fills) for verdict in verdicts)
    predicted = f" You filled {blanks} blanks," if blanks else " You came all the way,"
    back = f"{predicted} from {first.title} to {last.title}.{_BEYOND}"
    return [
        [Line(holds, "green"), *_wrapped(back, 2)],
        [Line(f"  {line}") for line in _READ_ON],
    ]


_BEYOND = (
    " What held here holds in every model. Take one of your own, predict a gradient, call "
    "backward(), and compare."
)
_READ_ON = (
    "To read on: the note Autograd mechanics, at pytorch.org/docs.",
    "To walk a part of it again: pytest --reset NAME",
)


def _quoted(text: str) -> list[Line]:
    return [Line(_shortened(f"          {line}".rstrip())) for line in text.splitlines()]


def _shortened(line: str) -> str:
    """Return as much of a line that is not ours as the screen is wide."""
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}..."


def _wrapped(text: str, indent: int) -> list[Line]:
    lines: list[Line] = []
    for paragraph in text.split("\n\n"):
        if lines:
            lines.append(Line())
        words = " ".join(paragraph.split())
        wrapped = textwrap.wrap(words, WIDTH - 2 - indent, break_long_words=False)
        lines += [Line(" " * indent + line) for line in wrapped]
    return lines


# What can be wrong besides the fills.

_WITHOUT_CODE = {
    Trouble.NO_FILE,
    Trouble.UNREADABLE,
    Trouble.NOT_UTF8,
    Trouble.EMPTY,
    Trouble.HEAD_CHANGED,
    Trouble.GONE,
    Trouble.RENAMED,
    Trouble.TWICE,
}
#: What may be easier to begin again than to mend.
_CHAPTER_TO_RESET = {Trouble.NOT_UTF8, Trouble.HEAD_CHANGED}
_KOAN_TO_RESET = {
    Trouble.SYNTAX,
    Trouble.GONE,
    Trouble.RENAMED,
    Trouble.TWICE,
    Trouble.CHANGED,
}
_TROUBLES = {
    Trouble.NO_FILE: "{file} is not there. To have it written again:",
    Trouble.UNREADABLE: "{file} cannot be read: {detail}.",
    Trouble.NOT_UTF8: "Line {line} of {file} is not UTF-8 text: it holds {detail}. Save the "
    "file as UTF-8.",
    Trouble.EMPTY: "{file} is empty. To have it written again:",
    Trouble.SYNTAX: "Line {line} is not Python yet: {detail}.",
    Trouble.HEAD_CHANGED: "A line at the top of {file} is gone or reads otherwise. It belongs "
    "there again:",
    Trouble.GONE: "{name} is gone from {file}. It belongs there again:",
    Trouble.RENAMED: "{name} is called {detail} now, in line {line}. Give it its name back.",
    Trouble.TWICE: "{name} stands in {file} twice, in lines {detail} and {line}. Keep one of "
    "them.",
    Trouble.CHANGED: "This koan was changed beyond its blanks. The line marked > below is gone "
    "or reads otherwise. It belongs there again:",
    Trouble.UNFIT: "What you wrote does not fit into the blank. One expression goes there: a "
    "list needs [ ], a tuple ( ) and so does what has and, or, if or lambda in it, a number "
    "a point and no comma. The line was:",
    Trouble.ENDLESS: "It did not come to an end in {detail} s.",
    Trouble.DIED: "It ended the whole process that it ran in: {detail}.",
    Trouble.FLOODED: "It wrote more than {detail}, and was stopped.",
    Trouble.RAISED: "What you predicted is right. But something that you added stops the koan: "
    "{detail}",
    Trouble.STOPPED: "Something stops the koan here: {detail}.",
    Trouble.NOT_INSTALLED: "This Python has no {detail}. Step into the virtual environment "
    "that has it, or install what is needed:",
    Trouble.UNJUDGED: "This koan could not be run: {detail}.",
}
_WRITE_AGAIN = "python -m sensei blank"
_COMMANDS = {
    Trouble.NO_FILE: _WRITE_AGAIN,
    Trouble.EMPTY: _WRITE_AGAIN,
    Trouble.NOT_INSTALLED: "python -m pip install -c constraints.txt -e .",
}


#: What else to say of errors in Python's grammar that beginners make.
_GRAMMAR = {
    "invalid decimal literal": " Between a number and a name it needs a *.",
    "invalid syntax": " If these are several values: they stand in [ ].",
}


def _told(problem: Problem, koan: Koan) -> list[Line]:
    told = _TROUBLES[problem.what].format(
        file=f"koans/{koan.chapter.page.name}",
        name=koan.name,
        line=problem.line,
        detail=problem.detail.rstrip("?"),
    )
    told += _GRAMMAR.get(problem.detail, "") if problem.what is Trouble.SYNTAX else ""
    if problem.what is Trouble.ENDLESS and problem.line:
        told += " The line marked > is where it was."
    to_write = _COMMANDS.get(problem.what, problem.missing)
    return _wrapped(told, 6) + ([Line(), *_quoted(to_write)] if to_write else [])


# While the path is watched.

KEYS = {option.key: option.does for option in OPTIONS if option.key} | {
    "a": "run all koans again, also those that are known to hold",
    "q": "quit; so does Ctrl-C",
    "?": "these lines",
}
_NAMES = [f"{option.key} {option.dest}" for option in OPTIONS if option.key]
KEY_LINE = f"  {', '.join([*_NAMES, 'a all', 'q quit', '?'])} (and Enter): "
GETTING_READY = "  Getting torch ready. This is needed once, and takes a few seconds."
NO_TERMINAL = "--watch needs a terminal, for its screen and its keys. Without: pytest"
NOTHING_TO_RESET = "  There is no open koan here. Another one by name: pytest --reset NAME"
NOT_RESET = "  Nothing was changed."


def keys() -> str:
    """Return what each key does."""
    lines = [f"  {key}   {does}" for key, does in KEYS.items()]
    first = "  Each key is a letter and Enter. Enter alone shows the path."
    return "\n".join([first, "", *lines, "", "  Saving a chapter shows the path again."])


def no_such_key(typed: str) -> str:
    """Return what is said where a key means nothing."""
    return f"  There is no key {typed[:20]!r}. All of them: ? and Enter"


def ask_to_reset(nodeid: str) -> str:
    """Return the question before a koan is made blank."""
    name = nodeid.rsplit("::", maxsplit=1)[-1]
    return f"  Make {name} blank again?\n  The old file is kept. For yes, y and Enter: "


def running(nodeid: str | None) -> str:
    """Return what is said while a run takes its time."""
    return f"  Running {nodeid.split('::')[-1] if nodeid else 'pytest'} ..."


def ended_early(problem: Problem) -> str:
    """Return what is said where a run ended outside any koan, so that it has no screen."""
    return (
        f"  The run ended outside the koans: {problem.detail}."
        "\n  What pytest says of it: quit with q and Enter, then run pytest"
    )


KEEPER_GONE = (
    "  The process that keeps torch ready is gone. The next run makes another one:"
    "\n  save a chapter, or type a and Enter."
)


def whereabouts(progress: Progress) -> str:
    """Return where a learner is, in a sentence."""
    count = f"{progress.solved} of {len(progress.verdicts)}"
    current = progress.current
    if current is None:
        return f"  {count}. You are at the end of the path."
    return f"  {count}. You are at {_file_and_line(current)}\n  {current.koan.name}"


def parting(place: str | None) -> str:
    """Return the last words, which begin below whatever the cursor stands in."""
    return "\n".join(["", "", *([place] if place else []), "  To go on: pytest --watch", ""])
