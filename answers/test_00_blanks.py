"""Blanks.

Each koan is a short test that asks a question and has a blank, `__`, for your prediction. Read
it, work out what belongs in the blank, write it there, save, and run pytest again. These four
need no PyTorch: they show what a blank can be.

By the end you can fill every kind of blank that this path has.
"""

import pytest

from sensei import __  # noqa: F401 - stays when no blank is left


def test_a_number():
    """An assert holds when both sides of == are equal. Which number belongs here?"""
    price = 7
    assert 6 * price == __(
        42,
        wrong={
            "13": "13 is 6 + 7; the star multiplies.",
            "67": "67 is the two digits side by side; the star multiplies.",
            "7": "7 is the price of one. How much do six cost?",
            "6 * price": "That has Python work it out. Predict the number, and write it down.",
        },
        hints=["Which number does price stand for?", "6 times 7: add 7 six times."],
        why="That is how it goes: predict, write, save, run pytest. When a koan asks for a "
        "value, write the value itself.",
        core=True,
    )


def test_a_list():
    """lambda v: v + 1 is a function without a name: v goes in, v + 1 comes out.

    The second line calls both functions with 4. Which list does it make?
    """
    functions = [lambda v: v + 1, lambda v: 10 * v]
    results = [f(4) for f in functions]
    assert results == __(
        [5, 40],
        wrong={
            "[40, 5]": "The results come in the order of the functions.",
            "[5, 50]": "Each function gets the 4, not the result of the one before it.",
            "45": "45 is the sum; the line makes a list with one result for each function.",
            "[4, 4]": "4 is what goes in. What comes out of each function?",
        },
        hints=["A list goes in square brackets: [1, 2].", "Put 4 in place of each v."],
        why="Koans use a lambda where a short function is all they need, and ask for a list "
        "where one number alone could be guessed.",
        core=True,
    )


def test_an_exception():
    """with pytest.raises(...) expects the lines inside it to raise, and keeps what is raised.

    1 / 0 raises an error: division by zero. What is its type, caught.type?
    """
    with pytest.raises(Exception) as caught:
        1 / 0
    assert caught.type is __(
        ZeroDivisionError,
        wrong={
            "ValueError": "A ValueError complains about an argument, as in int('x'). Division "
            "by zero has a type of its own.",
            "ArithmeticError": "That is its base class. Which subclass is raised?",
            "Exception": "Every error here is an Exception. Which type is it exactly?",
            "'ZeroDivisionError'": "In quotes it is text; the type itself belongs here.",
            "ZeroDivisionError()": "The ( ) makes an instance; the type itself belongs here.",
            "None": "Then nothing would be raised. Dividing by zero does raise.",
        },
        hints=[
            "Type 1 / 0 into Python and read the first word of the last line.",
            "Write the name of the type without quotes and without brackets.",
        ],
        why="Errors are part of what PyTorch tells you. Where a koan shows one, the useful "
        "words of its message are in the koan.",
        core=True,
    )


def test_a_line():
    """shared, also_shared and kept are names for one list. Which line puts 3 at its end?"""
    kept = shared = also_shared = [1, 2]
    __(
        shared.append(3),
        wrong={
            "shared = [1, 2, 3]": "That makes a new list and calls it shared; also_shared is "
            "still the old one.",
            "shared = shared + [3]": "The + makes a new list; also_shared is still the old "
            "one.",
            "shared + [3]": "That makes a new list, and nothing keeps it.",
            ("shared = shared.append(3)", "also_shared = shared.append(3)"): "append changes "
            "the list and returns None, so the = gives that name to None. Leave out the =.",
            "shared = also_shared = [1, 2, 3]": "That makes a new list with two names; kept is "
            "still the old one.",
            "shared.append": "That names the method without calling it; a call has brackets.",
            "append(3)": "append is a method of the list. How do you call a method?",
            "shared.append([3])": "That appends a list; the number itself should be appended.",
        },
        hints=[
            "This blank stands alone on its line, so a whole statement belongs here.",
            "A list has a method that adds one element at the end, in place.",
        ],
        why="name = object gives a name to an object, and never changes an object. Tensors "
        "work the same way, and several koans depend on it. When it asks for a line or an "
        "expression, whatever makes the koan hold is right.",
        core=True,
    )
    assert kept is shared is also_shared
    assert kept == [1, 2, 3]
