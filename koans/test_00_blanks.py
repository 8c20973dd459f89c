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
    assert 6 * price == __


def test_a_list():
    """lambda v: v + 1 is a function without a name: v goes in, v + 1 comes out.

    The second line calls both functions with 4. Which list does it make?
    """
    functions = [lambda v: v + 1, lambda v: 10 * v]
    results = [f(4) for f in functions]
    assert results == __


def test_an_exception():
    """with pytest.raises(...) expects the lines inside it to raise, and keeps what is raised.

    1 / 0 raises an error: division by zero. What is its type, caught.type?
    """
    with pytest.raises(Exception) as caught:
        1 / 0
    assert caught.type is __


def test_a_line():
    """shared, also_shared and kept are names for one list. Which line puts 3 at its end?"""
    kept = shared = also_shared = [1, 2]
    __
    assert kept is shared is also_shared
    assert kept == [1, 2, 3]
