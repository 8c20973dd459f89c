"""Which fills marking runs: those of the blanks' language. Pure: decided from trees alone.

A fill is code that somebody else wrote. Before one is run for a mark, it has to consist of
expressions and simple statements about what its koan has, of functions of torch and math by
their full names, and of what needs no trust. What is outside is not marked: shown to whoever
marks, and called neither right nor wrong. The koan's process is the second wall.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from sensei.judge.prediction import bound
from sensei.koan import source
from sensei.koan.graft import Fill, read_fill
from sensei.koan.path import Sheet

#: Longer fills, or such of more parts, are not looked at.
LONGEST, MOST = 2_000, 400

#: Expressions that compute with what is there.
_COMPUTING = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Load),
    *(ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Starred, ast.UnaryOp, ast.BinOp, ast.BoolOp),
    *(ast.Compare, ast.IfExp, ast.Lambda, ast.arguments, ast.arg),
    *(ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
)
_NODES = (
    # expressions
    *_COMPUTING,
    *(ast.Expression, ast.Call, ast.keyword, ast.expr_context, ast.JoinedStr),
    *(ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.comprehension),
    ast.FormattedValue,
    # statements
    *(ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete, ast.Pass, ast.Assert),
    *(ast.If, ast.For, ast.With, ast.withitem, ast.Return, ast.Break, ast.Continue),
    *(ast.FunctionDef, ast.NamedExpr, ast.Yield),
)
#: Python's own that need no trust.
_BUILTINS = frozenset(
    "abs all any bool complex dict enumerate float frozenset int isinstance len list map max "
    "min print range reversed round set sorted str sum tuple type zip True False None "
    "ArithmeticError AssertionError AttributeError BaseException Exception FloatingPointError "
    "IndexError KeyError LookupError MemoryError NameError NotImplementedError OverflowError "
    "hasattr staticmethod RecursionError RuntimeError RuntimeWarning StopIteration "
    "SyntaxError TypeError "
    "UserWarning ValueError Warning ZeroDivisionError".split()
)
#: Python's own that do no harm either, where a fill gives their name to something else. A name
#: that is given in one place of a fill is still Python's in another one.
_GIVEN = frozenset(
    "bin bytes chr divmod filter format hash hex id input iter next oct ord pow repr "
    "slice".split()
)
#: All that Python has without an import: a name that nothing has at all does no harm.
_PYTHONS = frozenset(dir(builtins))
#: What of tensors, modules, lists and texts may be named, beside what authors name. Others may
#: lead anywhere: from an exception to the code that it passed through, from there to files.
_ATTRIBUTES = frozenset(
    "abs add add_ all allclose amax amin any append argmax argmin atan backward bfloat16 bias "
    "bool buffers ceil children chunk clamp clamp_ clear clone copy copy_ cos cosh count cpu "
    "cumprod cumsum data deepcopy det detach detach_ device diag dim div div_ dot double dtype "
    "element_size eq equal erf eval exp exp_ expand expand_as expm1 extend fill_ first flatten "
    "flip float floor forward ge get grad grad_fn gt half imag index index_add index_select "
    "int inverse is_complex is_floating_point is_inference is_leaf isclose isfinite isinf "
    "isnan item items itemsize keys le lerp log log10 log1p log2 log_ log_softmax logsumexp "
    "long lt masked_fill masked_fill_ masked_select matmul max maximum mean median min minimum "
    "mm mul mul_ mv name named_parameters nan_to_num ndim ne neg neg_ next_functions norm "
    "numel numpy outer parameters permute pop pow pow_ prod ravel real reciprocal relu relu_ "
    "repeat requires_grad requires_grad_ reshape resolve_conj retain_grad retains_grad "
    "reversed round round_ rsqrt select shape sigmoid sigmoid_ sign sin sinh size softmax sort "
    "split sqrt sqrt_ square squeeze std step sub sub_ sum t tan tanh tanh_ to tolist topk "
    "trace train training transpose tril triu trunc type unbind unflatten unsqueeze values var "
    "view view_as weight where zero_ zero_grad T mT conj angle sgn register_hook remove "
    "state_dict load_state_dict named_modules modules param_groups state".split()
)
#: What of anything may be given another value, in a statement.
_CHANGED = frozenset("bias data grad requires_grad training weight".split())
_APPROX = "pytest.approx"
#: It makes objects of any numbers: np.ndarray(1, "O", np.array([8])).
_ARRAY = "numpy.ndarray"
#: Functions of modules by the full name of what they are in: all but a few of these are.
_OPEN_MODULES: Mapping[str, Collection[str]] = {
    "torch": frozenset(
        "abs acos acosh add all allclose amax amin any arange argmax argmin as_tensor asin "
        "asinh atan atan2 atanh bfloat16 bmm bool broadcast_tensors cat ceil chunk clamp clone "
        "complex complex128 complex64 conj cos cosh cross cumsum cumprod det diag diagonal div "
        "dot double einsum empty empty_like enable_grad eq equal erf exp exp2 expm1 eye "
        "flatten flip float float16 float32 float64 floor fmax fmin full full_like func gather "
        "ge half gt heaviside hypot imag index_select inference_mode int int16 int32 int64 "
        "int8 inverse is_complex is_floating_point is_grad_enabled is_inference is_tensor "
        "isclose isfinite isinf isnan le lerp linspace log log10 log1p log2 logical_and "
        "logical_not logical_or logit logsumexp long lt masked_select matmul max maximum mean "
        "median min minimum mm mul multiply mv nan_to_num narrow ne neg no_grad norm numel "
        "ones ones_like outer permute pow prod rand rand_like randint randn randn_like "
        "randperm real reciprocal relu relu_ reshape rot90 round rsqrt scatter select "
        "set_grad_enabled sgn sigmoid sign sin sinc sinh softmax sort special split sqrt "
        "square squeeze stack std sub subtract sum swapaxes t take tan tanh tensor tensordot "
        "tile topk trace transpose tril triu trunc uint8 unbind unsqueeze var vdot "
        "view_as_complex view_as_real vmap vstack where xlogy zeros zeros_like Tensor Size "
        "dtype manual_seed log_softmax logsigmoid dropout device hstack ravel "
        "inf nan pi e".split()
    ),
    "torch.autograd": frozenset(
        "backward grad Function gradcheck gradgradcheck detect_anomaly "
        "set_detect_anomaly forward_ad functional graph".split()
    ),
    "torch.autograd.functional": frozenset("jacobian hessian vjp jvp hvp vhp".split()),
    "torch.autograd.forward_ad": frozenset("dual_level make_dual unpack_dual".split()),
    "torch.autograd.graph": frozenset(
        "saved_tensors_hooks save_on_cpu Node GradientEdge get_gradient_edge "
        "allow_mutation_on_saved_tensors register_multi_grad_hook".split()
    ),
    "torch.func": frozenset(
        "grad grad_and_value vjp jvp jacrev jacfwd hessian vmap functional_call "
        "stack_module_state linearize".split()
    ),
    "torch.nn.functional": frozenset(
        "relu relu_ relu6 leaky_relu elu selu celu gelu silu mish softplus softsign sigmoid "
        "tanh hardtanh hardsigmoid hardswish logsigmoid softmax softmin log_softmax threshold "
        "tanhshrink softshrink hardshrink prelu rrelu glu gumbel_softmax mse_loss l1_loss "
        "smooth_l1_loss huber_loss cross_entropy nll_loss binary_cross_entropy "
        "binary_cross_entropy_with_logits kl_div cosine_similarity pairwise_distance dropout "
        "linear one_hot normalize layer_norm batch_norm group_norm conv1d conv2d max_pool1d "
        "max_pool2d avg_pool1d avg_pool2d embedding pad interpolate".split()
    ),
    "torch.nn.init": frozenset(
        "constant_ ones_ zeros_ normal_ uniform_ eye_ orthogonal_ trunc_normal_ xavier_normal_ "
        "xavier_uniform_ kaiming_normal_ kaiming_uniform_ calculate_gain".split()
    ),
    "torch.nn.utils": frozenset(
        "clip_grad_norm_ clip_grad_value_ parameters_to_vector vector_to_parameters "
        "get_total_norm".split()
    ),
    "torch.optim": frozenset("SGD Adam AdamW RMSprop Adagrad NAdam RAdam lr_scheduler".split()),
    "torch.optim.lr_scheduler": frozenset(
        "StepLR MultiStepLR ExponentialLR LambdaLR LinearLR CosineAnnealingLR".split()
    ),
    "torch.linalg": frozenset(
        "norm vector_norm matrix_norm det inv solve eigh eigvalsh svd svdvals qr "
        "cholesky".split()
    ),
    "torch.special": frozenset("expit logit xlogy sinc log1p expm1 entr".split()),
    "torch.utils.checkpoint": frozenset({"checkpoint"}),
    "numpy": frozenset(
        "array asarray float32 float64 int64 ones zeros sin cos exp log sum mean allclose abs "
        "sqrt full arange inf nan pi".split()
    ),
    "pytest": frozenset({"approx", "raises", "warns"}),
    "copy": frozenset({"copy", "deepcopy"}),
    "itertools": frozenset({"chain", "product", "permutations", "combinations", "pairwise"}),
}
#: Of this module everything is open, and of that one its classes.
_MATH, _LAYERS = "math", "torch.nn"
#: Classes that are about other machines, or read beyond their inputs.
_CLOSED_LAYERS = frozenset({"DataParallel", "CTCLoss"})


class Outside(NamedTuple):
    """What in a fill is not of the language, in words."""

    why: str


class Language:
    """What fills of a path may be made of.

    Args:
        sheets: the koans. What answers and listed wrong fills name is part of it.
    """

    def __init__(self, sheets: Iterable[Sheet]) -> None:
        self._sheets = list(sheets)
        self._known: dict[str, tuple[dict[str, str], frozenset[str]]] = {}

    @cached_property
    def _authors(self) -> frozenset[str]:
        """The full names and attributes in what authors wrote: koans and listed fills."""
        found: set[str] = set()
        for sheet in self._sheets:
            modules = _modules(sheet)
            for marker in sheet.markers:
                nodes = [n for code in marker.wrong for n in read_fill(code).nodes]
                found.update(name for node in nodes for name in _full_names(node, modules))
            # What a koan itself calls, such as torch.fx, fills need not call.
            own = _full_names(sheet.part.tree(), modules)
            found.update(name for name in own if _is_within(name))
            answers = (m.answer for m in sheet.markers)
            found.update(name for node in answers for name in _full_names(node, modules))
        return frozenset(name for name in found if not name.startswith("_"))

    @cached_property
    def _changed(self) -> frozenset[str]:
        """The attributes that fills may give another value: what authors foresaw, and some."""
        codes = (code for sheet in self._sheets for m in sheet.markers for code in m.wrong)
        nodes = [node for code in codes for node in read_fill(code).nodes]
        nodes += [marker.answer for sheet in self._sheets for marker in sheet.markers]
        parts = (part for node in nodes for part in ast.walk(node))
        found = (p for p in parts if isinstance(p, ast.Attribute))
        return _CHANGED | {p.attr for p in found if not isinstance(p.ctx, ast.Load)}

    def outside(self, fill: Fill, sheet: Sheet) -> Outside | None:
        """Return what keeps a fill from being run for a mark, or None.

        Args:
            fill: what stands in a blank.
            sheet: the answered koan.
        """
        parts = [part for node in fill.nodes for part in ast.walk(node)]
        if len(fill.text) > LONGEST or len(parts) > MOST:
            return Outside("it is longer than any fill needs to be")
        if isinstance(fill.nodes[0], ast.Starred | ast.Slice):
            return Outside("it is no value")
        if not _is_the_same_as_code(fill):
            # It is run as that code, and nobody has looked at what it would be.
            return Outside("Python cannot write it down")
        modules, known = self._known_in(sheet)
        known |= _GIVEN & set(bound(parts))
        if why := _strange_together(fill.nodes, parts, modules, self._changed):
            return Outside(why)
        inner = {id(part.value) for part in parts if isinstance(part, ast.Attribute)}
        # Of a.b.c only the whole says what it is.
        for part in parts:
            if id(part) in inner and isinstance(part, ast.expr) and _full_name(part, modules):
                continue
            if why := self._strange(part, modules, known):
                return Outside(why)
        return None

    def _known_in(self, sheet: Sheet) -> tuple[dict[str, str], frozenset[str]]:
        """Return the modules of a koan's chapter, and all names that it knows."""
        name = sheet.part.name
        if name not in self._known:
            modules = _modules(sheet)
            own = {n for n in _names_of(sheet) if n not in _PYTHONS or n in _GIVEN}
            known = frozenset({*_BUILTINS, *modules, *own})
            self._known[name] = modules, known
        return self._known[name]

    def _strange(self, node: ast.AST, modules: Mapping[str, str], known: frozenset[str]) -> str:
        if isinstance(node, ast.Attribute):
            return self._strange_attribute(node, modules)
        if name := _name_in(node):
            if _is_ours(name) or (isinstance(node, ast.Name) and name in _PYTHONS - known):
                return f"it names {name}"
            if name in modules and _gives(node, modules[name]):
                return f"it gives the name {name} to something else"
            if isinstance(node, ast.Name) and _is_module(modules.get(name, "")):
                return f"it names the module {name} by itself"
        return _strange_node(node)

    def _strange_attribute(self, node: ast.Attribute, modules: Mapping[str, str]) -> str:
        full = _full_name(node, modules)
        if full is None:
            if not isinstance(node.ctx, ast.Load) and any(map(_is_call, ast.walk(node))):
                return "it changes what a call returns"
            is_open = node.attr in _ATTRIBUTES or node.attr in self._authors
            return "" if is_open else f"it names .{node.attr}"
        if not isinstance(node.ctx, ast.Load):
            return f"it changes {full}"
        if _is_module(full):
            return f"it names the module {full} by itself"
        if full in self._authors or _is_open(full):
            return ""
        return f"it names {full}"


def changes_nothing(fill: Fill) -> bool:
    """Whether a fill only computes: it calls nothing, and gives nothing a value."""
    parts = [part for node in fill.nodes for part in ast.walk(node)]
    return not fill.goes_on and all(isinstance(part, _COMPUTING) for part in parts)


def _is_module(full: str) -> bool:
    """Whether a full name is that of a module, as far as fills get to one."""
    return bool(full) and (full in _OPEN_MODULES or full in {_MATH, _LAYERS} or "." not in full)


def _is_within(name: str) -> bool:
    """Whether it is an attribute of anything, or a name of a module that fills may use."""
    module = name.rpartition(".")[0]
    return not module or _is_module(module) or module in {"torch.Tensor", "torch.autograd"}


def _gives(node: ast.AST, full: str) -> bool:
    """Whether a node gives the name of what is imported to something else.

    What is no module may be an argument's name, as in `lambda grad: 2 * grad`.
    """
    if isinstance(node, ast.arg):
        return _is_module(full)
    is_given = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
    return is_given or isinstance(node, ast.FunctionDef)


def _is_the_same_as_code(fill: Fill) -> bool:
    """Whether a fill's code is the fill; of some trees ast.unparse makes another one."""
    try:
        again = read_fill(fill.code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return [*map(ast.dump, again.nodes)] == [*map(ast.dump, fill.nodes)]


def _strange_together(
    nodes: Iterable[ast.AST],
    parts: Collection[ast.AST],
    modules: Mapping[str, str],
    changed: Collection[str],
) -> str:
    """Say what is strange where it stands.

    A type that can be called makes other types, approx() with a tolerance equals anything,
    and attributes that are changed change more than the koan.
    """
    shown = _shown(nodes, parts)
    calls = _of_one_value(parts)
    types = {id(call.func) for call in calls if id(call) in shown}
    called = {id(call.func) for call in calls}
    for part in parts:
        match part:
            case ast.Name("type") if id(part) not in types:
                return "it does more with type() than to compare a type"
            case ast.Attribute(_, name, ast.Store() | ast.Del()):
                if name not in changed or id(part) not in _assigned(parts):
                    return f"it changes .{name}"
            case ast.Attribute() | ast.Name():
                full = _full_name(part, modules)
                if full == _ARRAY and id(part) not in shown:
                    return "it does more with an array's type than to compare it"
                if full == _APPROX and id(part) not in called:
                    return "it gives approx() more than a value"
    return ""


def _shown(nodes: Iterable[ast.AST], parts: Collection[ast.AST]) -> set[int]:
    """Return what is the value of a fill, or is compared: nothing is done with it there."""
    shown = {id(node) for node in nodes}
    is_pythons = "isinstance" not in set(bound(parts))
    for part in parts:
        match part:
            case ast.Compare(left, _, others):
                shown.update(map(id, (left, *others)))
            case ast.List(elements) | ast.Tuple(elements) if id(part) in shown:
                shown.update(map(id, elements))
            case ast.Call(ast.Name("isinstance"), [_, kind], []) if is_pythons:
                shown.add(id(kind))
    return shown


def _of_one_value(parts: Iterable[ast.AST]) -> list[ast.Call]:
    """Return the calls with one value and nothing else."""
    calls = (part for part in parts if isinstance(part, ast.Call) and not part.keywords)
    return [c for c in calls if len(c.args) == 1 and not isinstance(c.args[0], ast.Starred)]


def _assigned(parts: Iterable[ast.AST]) -> set[int]:
    """Return what assignments give a value to; a loop may do so, too, and nobody sees it."""
    found: set[int] = set()
    for part in parts:
        match part:
            case ast.Assign(targets):
                found.update(id(each) for target in targets for each in ast.walk(target))
            case ast.AugAssign(target) | ast.AnnAssign(target):
                found.add(id(target))
    return found


def _name_in(node: ast.AST) -> str:
    """Return the name that a node uses or gives, if it is one that does."""
    match node:
        case ast.Name(name) | ast.arg(name) | ast.FunctionDef(name) | ast.keyword(str(name)):
            return name
    return ""


def _strange_node(node: ast.AST) -> str:
    match node:
        case ast.FunctionDef(decorator_list=[_, *_]):
            return "it has a decorator"
        case ast.Constant(int(value)) if abs(value) > 2**64:
            return "it holds a number of many digits"
        case ast.Constant(str(text)) if "__" in text:
            return "it holds text with two underscores"
        case ast.Call(ast.Name("type"), [_, _, *_]):
            return "it makes a type"
    return "" if isinstance(node, _NODES) else f"it holds: {_in_words(node)}"


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call)


def _is_open(full: str) -> bool:
    """Whether a full name is one of a module's that need no trust, or leads to such."""
    if full in _OPEN_MODULES or full in {_MATH, _LAYERS}:
        return True
    module, _, name = full.rpartition(".")
    if module in _OPEN_MODULES:
        return name in _OPEN_MODULES[module]
    if module == _MATH:
        return not name.startswith("_")
    if module == _LAYERS:
        return name[:1].isupper() and name not in _CLOSED_LAYERS
    # What hangs on a function or a class of theirs, as torch.Tensor.sin does.
    return name in _ATTRIBUTES and _is_open(module)


def _is_ours(name: str) -> bool:
    return name.startswith("__")


def _in_words(node: ast.AST) -> str:
    return {
        "Import": "import",
        "ImportFrom": "import",
        "While": "while",
        "ClassDef": "class",
    }.get(type(node).__name__, type(node).__name__)


def _modules(sheet: Sheet) -> dict[str, str]:
    """Return by each name that a koan's chapter imports the full name of what it stands for."""
    found = {}
    for node in ast.walk(sheet.head.tree()):
        match node:
            case ast.Import(names):
                for each in names:
                    top = each.name.split(".")[0]
                    found[each.asname or top] = each.name if each.asname else top
            case ast.ImportFrom(str(module), names):
                for each in names:
                    found[each.asname or each.name] = f"{module}.{each.name}"
    found.pop(source.BLANK, None)
    return found


def _names_of(sheet: Sheet) -> set[str]:
    """Return the names that a koan and its chapter give to something."""
    trees = (sheet.head.tree(), sheet.part.tree())
    return {*bound(part for tree in trees for part in ast.walk(tree))} - {sheet.part.name}


def _full_name(node: ast.expr, modules: Mapping[str, str]) -> str | None:
    """Return the full name of what is reached from a module by names, or None."""
    match node:
        case ast.Name(name):
            return modules.get(name)
        case ast.Attribute(value, name):
            full = _full_name(value, modules)
            return f"{full}.{name}" if full else None
    return None


def _full_names(node: ast.AST, modules: Mapping[str, str]) -> Iterator[str]:
    """Yield the full names in what an author wrote, and attributes of anything else."""
    parts = [part for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    inner = {id(part.value) for part in parts}
    for part in parts:
        full = _full_name(part, modules)
        if not (full and id(part) in inner):  # of a.b.c only the whole
            yield full or part.attr
