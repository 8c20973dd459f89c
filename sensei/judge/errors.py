"""What an error says, in words that stand by themselves and give nothing away. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from sensei.run.values import Error

#: Longer messages are not shown: what is cut says half of it.
_LONGEST = 200
_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-Z'\"`(])")
#: What only tells what to write instead is not a learner's prediction any more.
_ADVICE = re.compile(
    r"\b(use|try|consider|specify|set|please|instead|hint|make sure|did you mean|if you|"
    r"you should|you can(?! only)|see also)\b",
    re.IGNORECASE,
)
#: What speaks of the library's own insides.
_INSIDES = re.compile(r" at 0x|INTERNAL ASSERT|\bto be (true|false), but got\b|\w::\w")
#: Which tensor was written to, as torch counts them.
_VERSIONS = re.compile(r": \[torch\.\w+ \[.*?\]\], which is .*? instead(?=\.)")
#: What torch says in two lines, the first of which ends with a colon.
_LIST_OF_ONE = re.compile(r"\A([^\n]*:)\s*\n\s*(?=[^\n]+\Z)")
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))
#: What is said of a message that may not be shown, where its kind says nothing.
_KEPT_BACK = "its message would say too much."
#: What kind of error it is, by the first type in this order that it is one of.
_KINDS = {
    "SyntaxError": "Python can't read this in its place.",
    "ImportError": "there is no such module, or no such name in it.",
    "AttributeError": "something here has no attribute of that name.",
    "NameError": "a name here has no value.",
    "LookupError": "there is nothing at that place.",
    "ZeroDivisionError": "something is divided by zero.",
    "OverflowError": "a number is too large.",
    "RecursionError": "a function calls itself too many times.",
    "NotImplementedError": "there is no such operation for these values.",
    "AssertionError": "a check of the library's own fails.",
    "TypeError": "a call or an operation is given what it can't take.",
    "ValueError": "a value here is not one that can be used so.",
}
AN_ERROR = "an error of its own."


def in_words(error: Error, is_secret: Callable[[str], bool] = lambda _: False) -> str:
    """Return an error's type and message, or what kind it is where that can't be shown.

    Args:
        error: the error.
        is_secret: whether a text must not be shown.
    """
    return next((text for text in _ways_to_say(error) if not is_secret(text)), AN_ERROR)


def is_said_of(told: str, error: Error) -> bool:
    """Whether that is one of the ways to say an error."""
    return told == AN_ERROR or told in _ways_to_say(error)


def is_vague(told: str) -> bool:
    """Whether only the kind of an error is told, and nothing of its message."""
    return ": " not in told or told == AN_ERROR or told.endswith((_KEPT_BACK, *_KINDS.values()))


def _ways_to_say(error: Error) -> list[str]:
    name, message = error.type.name, whole(error.message)
    kind = next((words for each, words in _KINDS.items() if error.is_a(each)), "")
    said = [message] if message else []
    if message and not kind:
        said.append(_KEPT_BACK)
    elif kind and error.message.strip():
        said.append(kind)
    named = [f"{name}: {words}" for words in said] or [name]
    return named + [f"an error: {kind}"] * bool(kind)


def whole(message: str) -> str:
    """Return the first sentences of a message that are whole and no advice, or nothing."""
    text = _LIST_OF_ONE.sub(r"\1 ", _VERSIONS.sub("", message.strip().replace("aten::", "")))
    first, _, more = text.partition("\n")
    sentences = _SENTENCES.split(first.strip().removesuffix(","))
    if more.strip() and not first.rstrip().endswith((".", "!", "?", ",")):
        sentences.pop()
    kept = ""
    for sentence in sentences:
        longer = f"{kept} {sentence}".strip()
        if len(longer) > _LONGEST or _ADVICE.search(sentence) or not _is_whole(sentence):
            break
        kept = longer
    return kept


def _is_whole(sentence: str) -> bool:
    pairs_up = all(sentence.count(one) == sentence.count(other) for one, other in _PAIRS)
    return (
        pairs_up
        and not _INSIDES.search(sentence)
        and not sentence.endswith((":", ",", ";", "...", "-", "(", "but"))
    )
