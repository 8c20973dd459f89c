"""What a name that Python does not know is likely to mean, in a claim of each kind. Pure."""

from __future__ import annotations

import ast
import builtins
import difflib
import re
import sys
from collections.abc import Iterable

from sensei.judge.case import Case, parts
from sensei.judge.claim import Claim, Reply
from sensei.judge.kinds import kind_in_words
from sensei.judge.prediction import asks_for_value
from sensei.judge.secrets import hints_at
from sensei.koan import source
from sensei.koan.graft import Fill, read_fill
from sensei.run.values import Thing

#: What torch's and other libraries' own examples call a module.
_ALIASES = {
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "optim": "torch.optim",
    "tf": "tensorflow",
    "jnp": "jax.numpy",
}
#: Modules beyond Python's own that people use beside torch.
_MODULES = frozenset({"autograd", "jax", "numpy", "pytest", "scipy", "sympy", "tensorflow"})
#: Where a name is at home that torch does not have.
_ELSEWHERE = {
    "tape": "TensorFlow",
    "GradientTape": "TensorFlow",
    "custom_gradient": "TensorFlow",
    "stop_gradient": "TensorFlow and JAX",
    "value_and_grad": "JAX",
    "custom_vjp": "JAX",
    "custom_jvp": "JAX",
    "array": "NumPy",
    "ndarray": "NumPy",
}
_FLAGS = frozenset({"true", "false", "yes", "no", "on", "off"})
_NOTHING = frozenset({"null", "nil", "none", "nonetype", "nothing", "void", "undefined"})
_NO_ORDINARY_NUMBER = frozenset({"nan", "inf", "infinity"})
_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy "
    "eighty ninety hundred thousand half quarter"
)
_DIGITS = frozenset(_NUMBERS.split())
#: How alike two names have to be for one to be taken for the other, and not to be doubted.
_ALIKE, _ALMOST_THE_SAME = 0.7, 0.85
#: The same for names that Python has and the koan has not.
_ALIKE_IN_PYTHON = 0.8


def say_of_name(case: Case) -> Reply | None:
    """Say what there is to say of the name that stopped a fill; None if none did."""
    name = _unknown(case)
    if name is None:
        return None
    rules = (
        _known_elsewhere_in_koan,
        _text_of_koan,
        _word,
        _of_others,
        _misspelled,
        _in_a_module,
        _nearly,
        _not_alone,
    )
    return next(filter(None, (rule(case, name) for rule in rules)), None) or _no_such(
        case, name
    )


def _unknown(case: Case) -> str | None:
    """Return the name that has no value in the line of the blank."""
    error = case.outcome.error
    if error is None or not error.is_a("NameError") or case.ends_elsewhere:
        return None
    found = re.search(r"(?:name|variable) '(\w+)'", error.message)
    return found[1] if found else None


def _is(case: Case, name: str) -> bool:
    return name == _unknown(case)


# A name of the koan, with no value here.

_NO_VALUE_YET = Claim(
    "At this point {name} has no value yet.",
    lambda case, name: _is(case, name) and name in _scopes(case)[0] | _set_by(case.fill),
)
_ONLY_INSIDE = Claim(
    "{name} has a value only inside {where}.",
    lambda case, name, where: _is(case, name) and _inner(case).get(name) == where,
)


def _known_elsewhere_in_koan(case: Case, name: str) -> Reply | None:
    if where := _inner(case).get(name):
        return _ONLY_INSIDE(name=name, where=where)
    is_set = name in _scopes(case)[0] | _set_by(case.fill)
    return _NO_VALUE_YET(name=name) if is_set else None


_TEXT_HERE = Claim(
    "{name} is a text in this koan, in quotes. It needs them here, too.",
    lambda case, name: _is(case, name) and name in _texts(case) and _asks_for_text(case),
)


def _text_of_koan(case: Case, name: str) -> Reply | None:
    is_text = name in _texts(case) and _asks_for_text(case)
    return _TEXT_HERE(name=name) if is_text else None


def _texts(case: Case) -> set[object]:
    """Return the texts that stand in the koan."""
    nodes = ast.walk(case.sheet.pattern.tree())
    return {node.value for node in nodes if isinstance(node, ast.Constant)}


def _set_by(fill: Fill) -> frozenset[str]:
    """Return the names that a fill assigns to."""
    names = (part for node in fill.nodes for part in ast.walk(node))
    return frozenset(
        n.id for n in names if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    )


def _inner(case: Case) -> dict[str, str]:
    """Return the names that have a value in another part of the koan alone, and in which."""
    return _scopes(case)[1]


def _scopes(case: Case) -> tuple[set[str], dict[str, str]]:
    """Return the names that are set where the blank can see them, and those that are not."""
    function = source.function_in(case.sheet.pattern)
    blank = source.blanks_in(function)[case.number]
    seen: set[str] = set()
    inner: dict[str, str] = {}

    def sort(node: ast.AST, where: str) -> None:
        for name in _sets(node):
            if where:
                inner.setdefault(name, where)
            else:
                seen.add(name)
        scope = _scope(node)
        within = where if not scope or blank in ast.walk(node) else scope
        for child in ast.iter_child_nodes(node):
            sort(child, within)

    for statement in function.body:
        sort(statement, "")
    return seen, {name: where for name, where in inner.items() if name not in seen}


def _sets(node: ast.AST) -> list[str]:
    match node:
        case ast.Name(name, ast.Store()) | ast.arg(name):
            return [name]
        case ast.FunctionDef(name) | ast.ClassDef(name):
            return [name]
    return []


def _scope(node: ast.AST) -> str:
    """Return what a node is called if names that are set in it are its own."""
    match node:
        case ast.FunctionDef(name):
            return f"the function {name}"
        case ast.ClassDef(name):
            return f"the class {name}"
        case ast.Lambda():
            return "the lambda"
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return "the brackets that its for stands in"
    return ""


# Words, and names of other languages and libraries.

_A_FLAG = Claim(
    "Python knows no {name}. It has two words for yes and no, both with a capital letter.",
    lambda case, name: _is(case, name) and name.lower() in _FLAGS,
)
_FOR_NOTHING = Claim(
    "Python knows no {name}. It has another word for nothing at all, with a capital letter.",
    lambda case, name: _is(case, name) and name.lower() in _NOTHING,
)
_NO_NAME_OF_ITS_OWN = Claim(
    "Python has no word of its own for that number. Modules have one, in small letters, "
    "behind a dot.",
    lambda case: str(_unknown(case)).lower() in _NO_ORDINARY_NUMBER,
)
_IN_DIGITS = Claim(
    "{name} is a word. Python writes numbers in digits.",
    lambda case, name: _is(case, name) and name.lower() in _DIGITS,
)
_ALIAS = Claim(
    "{name} is what many programs call {module}. This chapter imports nothing by that name.",
    lambda case, name, module: (
        _is(case, name) and _ALIASES[name] == module and name not in _imported(case)
    ),
)
_NOT_IMPORTED = Claim(
    "{name} is a module, and this chapter does not import it. The blank can be filled "
    "without it.",
    lambda case, name: (
        _is(case, name) and _is_module(case, name) and name not in _imported(case)
    ),
)
_OF_ANOTHER_LIBRARY = Claim(
    "{name} is at home in {library}. PyTorch has another way.",
    lambda case, name, library: _is(case, name) and _ELSEWHERE[name] == library,
)


def _word(case: Case, name: str) -> Reply | None:
    lower = name.lower()
    if lower in _FLAGS:
        return _A_FLAG(name=name)
    if lower in _NOTHING:
        return _FOR_NOTHING(name=name)
    if lower in _NO_ORDINARY_NUMBER:
        return _NO_NAME_OF_ITS_OWN()
    is_number = lower in _DIGITS and asks_for_value(case.marker)
    return _IN_DIGITS(name=name) if is_number else None


def _of_others(case: Case, name: str) -> Reply | None:
    if name in _ALIASES:
        return _ALIAS(name=name, module=_ALIASES[name])
    if name in _ELSEWHERE:
        return _OF_ANOTHER_LIBRARY(name=name, library=_ELSEWHERE[name])
    return _NOT_IMPORTED(name=name) if _is_module(case, name) else None


def _is_module(case: Case, name: str) -> bool:
    """Whether a name is a module's, and is used as one: many are plain words as well."""
    parts = (part for node in case.fill.nodes for part in ast.walk(node))
    has_dot = any(
        isinstance(part, ast.Attribute)
        and isinstance(part.value, ast.Name)
        and part.value.id == name
        for part in parts
    )
    return name in _MODULES or (has_dot and name in sys.stdlib_module_names)


def _imported(case: Case) -> list[str]:
    """Return the modules that the chapter imports, by the names that it gives them."""
    nodes = (node for node in case.sheet.head.tree().body if isinstance(node, ast.Import))
    return [alias.asname or alias.name for node in nodes for alias in node.names]


# A name of a module that is imported.

_BEHIND_A_DOT = Claim(
    "{name} is a name in {module}: put {module} and a dot in front of it.",
    lambda case, name, module: _is(case, name) and module in _homes(case, name),
)
_NOT_OF_THAT_KIND = Claim(
    "{name} is a name in {module}, but not that of {kind}.",
    lambda case, name, module, kind: (
        _is(case, name) and kind == _kind_missed(case, name, _homes(case, name)[module])
    ),
)
_BEHIND_SOME_DOT = Claim(
    "{name} is a name in a module that this chapter imports. Put the module and a dot "
    "in front of it.",
    lambda case, name: _is(case, name) and _homes(case, name),
)
_IN_BOTH = Claim(
    "{name} is a name in several modules: {modules}. Put one and a dot in front of it.",
    lambda case, name, modules: (
        _is(case, name) and set(modules.split(" and ")) == _homes(case, name).keys()
    ),
)
_FOR_TENSORS_OR_NUMBERS = Claim(
    "torch and math both have a {name}: torch's takes a tensor, math's takes numbers. Put "
    "the module and a dot in front of it.",
    lambda case, name: (
        _is(case, name)
        and _homes(case, name).keys() == {"torch", "math"}
        and all(_can_be_called(value) for value in _homes(case, name).values())
    ),
)


def _in_a_module(case: Case, name: str) -> Reply | None:
    homes = _homes(case, name)
    if not homes or not any(_is_used_as(value, case, name) for value in homes.values()):
        return None
    if len(homes) > 1:
        if homes.keys() == {"torch", "math"} and all(map(_can_be_called, homes.values())):
            return _FOR_TENSORS_OR_NUMBERS(name=name)
        return _IN_BOTH(name=name, modules=" and ".join(homes))
    module, value = next(iter(homes.items()))
    if kind := _kind_missed(case, name, value):
        return _NOT_OF_THAT_KIND(name=name, module=module, kind=kind)
    if _leads_on(case, name, f"{module}.{name}"):
        return _BEHIND_SOME_DOT(name=name)
    return _BEHIND_A_DOT(name=name, module=module)


def _is_used_as(value: object, case: Case, name: str) -> bool:
    """Whether a name is called, where what a module has under it is a function."""
    return not _can_be_called(value) or _is_called(case, name) or case.fill.text == name


def _is_called(case: Case, name: str) -> bool:
    calls = (node.func for node in parts(case.fill.nodes) if isinstance(node, ast.Call))
    return any(isinstance(called, ast.Name) and called.id == name for called in calls)


def _kind_missed(case: Case, name: str, value: object) -> str:
    """Return what the name of such a value is no name of, and should be."""
    kind = kind_in_words(value)
    if _is_called(case, name):
        return "" if kind in {"a function", "a type"} else "a function"
    asked = {kind_in_words(wanted) for wanted in case.wanted}
    can_be_named = len(asked) == 1 and asked <= {"a type", "a dtype", "a function"}
    by_name_alone = case.fill.text == name or asked != {"a function"}
    return asked.pop() if can_be_named and by_name_alone and kind not in asked else ""


def _homes(case: Case, name: str) -> dict[str, object]:
    """Return what imported modules have under a name."""
    seen = {
        module: case.look(read_fill(f"{module}.{name}")).blank(case.number)
        for module in _imported(case)
    }
    return {module: values[0] for module, values in seen.items() if values}


def _can_be_called(value: object) -> bool:
    return isinstance(value, Thing) and value.callable


def _leads_on(case: Case, name: str, meant: str) -> bool:
    """Whether a fill would be the answer, or one that the koan foresaw, with another name."""
    there = _spelled(re.sub(rf"(?<![\w.]){name}\b", meant, case.fill.code))
    codes = (ast.unparse(case.marker.answer), *case.marker.wrong)
    return any(_spelled(code) in {there, _spelled(meant)} for code in codes)


def _spelled(code: str) -> str:
    return re.sub(r"\s", "", code)


# A name that is nearly one, or a part of one.

_NEARLY = Claim(
    "There is no {name} here. Is {other} meant?",
    lambda case, name, other: (
        _is(case, name) and other in _candidates(case) and _are_alike(name, other)
    ),
)
_SPELLING = Claim(
    "There is no {name} here, but a name much like it. How is that spelled?",
    lambda case, name: (
        _is(case, name) and any(_are_alike(name, other) for other in _candidates(case))
    ),
)
_A_VALUE = Claim(
    "There is no {name} here. And the blank asks for a value, not for a variable.",
    lambda case, name: (
        _is(case, name) and name not in _candidates(case) and asks_for_value(case.marker)
    ),
)
_PART_OF_A_VARIABLE = Claim(
    "{name} is no name by itself: in this koan it stands behind a dot. And the blank asks for "
    "a value, not for what has one.",
    lambda case, name: (
        _is(case, name)
        and f".{name}" in case.sheet.pattern.text
        and asks_for_value(case.marker)
    ),
)
_OF_AN_OBJECT = Claim(
    "{name} is no name by itself: in this koan it stands behind a dot. Of what is it asked?",
    lambda case, name: _is(case, name) and f".{name}" in case.sheet.pattern.text,
)
_AN_ARGUMENT = Claim(
    "{name} is the name of an argument in this koan. It has no value outside its call.",
    lambda case, name: (
        _is(case, name) and re.search(rf"[(,]\s*{name}=", case.sheet.pattern.text)
    ),
)
_TEXT = Claim(
    "Python takes {name} for the name of something, and there is nothing of that name. "
    "Put text in quotes.",
    lambda case, name: _is(case, name) and _asks_for_text(case),
)
_NO_SUCH_NAME = Claim(
    "There is nothing of the name {name}, neither in the koan nor in Python.",
    lambda case, name: _is(case, name) and name not in {*_candidates(case), *_inner(case)},
)


def _misspelled(case: Case, name: str) -> Reply | None:
    """Whether it is nearly a variable of the koan, though a module may have it, too."""
    other = _closest(name, _scopes(case)[0])
    if other is None or _ratio(name, other) < _ALMOST_THE_SAME:
        return None
    return _nearly(case, name)


def _nearly(case: Case, name: str) -> Reply | None:
    other = _closest(name, _candidates(case))
    if other is None:
        return None
    if asks_for_value(case.marker) and other in _scopes(case)[0]:
        return _A_VALUE(name=name)
    if _leads_on(case, name, other) or hints_at(other, case.sheet):
        return _SPELLING(name=name)
    # Of errors there are so many that some are always alike.
    enough = _ALMOST_THE_SAME if other.endswith("Error") else _ALIKE_IN_PYTHON
    is_doubtful = other in dir(builtins) and _ratio(name, other) < enough
    return None if is_doubtful else _NEARLY(name=name, other=other)


def _candidates(case: Case) -> list[str]:
    """Return the names that there are: those on the screen first."""
    here = _scopes(case)[0] - _set_here_alone(case) | {*_imported(case)}
    return [*sorted(here), *(each for each in dir(builtins) if not each.startswith("_"))]


def _set_here_alone(case: Case) -> set[str]:
    """Return the names that only the statement of the blank sets: it can't use them."""
    nodes = [n for n in ast.walk(case.sheet.part.tree()) if isinstance(n, ast.Name)]
    stores = [node for node in nodes if isinstance(node.ctx, ast.Store)]
    elsewhere = {node.id for node in stores if node.lineno not in case.own_lines}
    return {node.id for node in stores} - elsewhere


def _closest(name: str, others: Iterable[str]) -> str | None:
    alike = [(_ratio(name, other), -n, other) for n, other in enumerate(others)]
    best = max(alike, default=None)
    return best[2] if best and _are_alike(name, best[2]) else None


def _are_alike(name: str, other: str) -> bool:
    # Of names of one or two letters every slip makes another name.
    return min(len(name), len(other)) > 2 and _ratio(name, other) >= _ALIKE


def _ratio(name: str, other: str) -> float:
    return difflib.SequenceMatcher(None, name.lower(), other.lower()).ratio()


def _not_alone(case: Case, name: str) -> Reply | None:
    nodes = [*ast.walk(case.sheet.pattern.tree())]
    if any(isinstance(node, ast.Attribute) and node.attr == name for node in nodes):
        return (_PART_OF_A_VARIABLE if asks_for_value(case.marker) else _OF_AN_OBJECT)(
            name=name
        )
    is_argument = any(isinstance(node, ast.keyword) and node.arg == name for node in nodes)
    return _AN_ARGUMENT(name=name) if is_argument else None


def _no_such(case: Case, name: str) -> Reply:
    return (_TEXT if _asks_for_text(case) else _NO_SUCH_NAME)(name=name)


def _asks_for_text(case: Case) -> bool:
    values = (part for value in case.wanted for part in _held(value))
    return not case.marker.is_line and any(isinstance(value, str) for value in values)


def _held(value: object) -> list[object]:
    return [*value] if isinstance(value, list | tuple) else [value]
