"""Does an answer use a name of cmelab that is the answer? Read from its text; nothing is run."""
from __future__ import annotations

import ast
import threading
from collections.abc import Iterable, Sequence

PACKAGE = "cmelab"

_PARSER = threading.Lock()


def shortcuts(answer: str, helpers: Sequence[str], forbidden: Iterable[str]) -> list[str]:
    """The forbidden names of cmelab that an answer uses, itself or through definitions in the student's other cells."""
    trees = [unfolded(parse(text)) for text in (*helpers, answer)]
    forbidden = set(forbidden)
    known = _imports(trees, forbidden)
    definitions: dict[str, list[ast.AST]] = {}
    for statement in (each for tree in trees[:-1] for each in tree.body):
        for name in defined(statement):
            definitions.setdefault(name, []).append(statement)
    used: set[str] = set()
    seen: set[str] = set()
    read: set[int] = set()
    waiting: list[ast.AST] = [trees[-1]]
    while waiting:
        node = waiting.pop()
        used |= _uses(node, known) & forbidden
        for name in {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} - seen:
            seen.add(name)
            # Once each: a statement of n names would be read n times.
            waiting += [each for each in definitions.get(name, []) if id(each) not in read]
            read |= {id(each) for each in definitions.get(name, [])}
    return sorted(used)


def parse(text: str) -> ast.Module:
    """The tree of a cell; lines for IPython (%, !, ?) are left out, a cell with an error is empty."""
    lines = ("pass" if line.lstrip().startswith(("%", "!", "?")) else line for line in text.splitlines())
    return tree_of("\n".join(lines)) or ast.Module([], [])


def unfolded(tree: ast.Module) -> ast.Module:
    """The tree, and with it what it hands to exec and eval as plain text."""
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call) and each.args]
    texts = [_constant(each.args[0]) for each in calls if _root(each.func) in ("exec", "eval", "compile")]
    inside = [statement for text in texts for statement in parse(text).body]
    return ast.Module([*tree.body, *inside], [])


def imported(node: ast.AST) -> str:
    """The module that `__import__("...")`, `import_module("...")` or `sys.modules["..."]` stands for."""
    if isinstance(node, ast.Call) and node.args:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else _root(node.func)
        return _constant(node.args[0]) if name in ("__import__", "import_module") else ""
    if isinstance(node, ast.Subscript):
        name = node.value.attr if isinstance(node.value, ast.Attribute) else _root(node.value)
        return _constant(node.slice) if name == "modules" else ""
    return ""


def _constant(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def tree_of(source: str) -> ast.Module | None:
    """The tree of a source, None where Python cannot read it; one thread at a time, because the parser of Python 3.11
    keeps the depth of its recursion for all threads together ("AST constructor recursion depth mismatch")."""
    with _PARSER:
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _imports(trees: Iterable[ast.AST], forbidden: set[str]) -> dict[str, set[str]]:
    """Local name -> what of cmelab it stands for; the package itself stands for nothing yet."""
    known: dict[str, set[str]] = {}
    for node in (each for tree in trees for each in ast.walk(tree)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in known:
            # `c = cmelab`: another name for the same.
            known |= {each.id: known[node.value.id] for each in node.targets if isinstance(each, ast.Name)}
        elif isinstance(node, ast.Assign) and (module := imported(node.value)):
            package, *inside = module.split(".")
            if package == PACKAGE:
                known |= {each.id: {*inside} for each in node.targets if isinstance(each, ast.Name)}
        elif isinstance(node, ast.Import):
            for each in node.names:
                package, *inside = each.name.split(".")
                if package == PACKAGE:
                    known.setdefault(each.asname or PACKAGE, set()).update(inside)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            package, *inside = (node.module or "").split(".")
            if package == PACKAGE:
                for each in node.names:
                    stars = {name: {name} for name in forbidden}
                    known |= stars if each.name == "*" else {each.asname or each.name: {each.name, *inside}}
    return known


def _uses(tree: ast.AST, known: dict[str, set[str]]) -> set[str]:
    """Everything of cmelab that a piece of code reaches for."""
    found: set[str] = set()
    names: set[str] = set()
    begins: dict[int, str] = {}  # what a chain of attributes begins with is looked for once, not from each of its links
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            begins[id(node.value)] = begins[id(node)] = begins.get(id(node)) or _root(node)
        if isinstance(node, ast.Name) and node.id in known:
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and (inside := imported(node.value).split("."))[0] == PACKAGE:
            found |= {node.attr, *inside[1:]}
        elif isinstance(node, ast.Attribute) and begins[id(node)] in known:
            found.add(node.attr)
        elif isinstance(node, ast.Call) and _root(node.func) == "getattr" and _root(node.args[:1]) in known:
            found |= {str(each.value) for each in node.args[1:] if isinstance(each, ast.Constant)}
    return found.union(*(known[each] for each in names))


def _root(node: ast.AST | list[ast.expr]) -> str:
    """The name that a chain of attributes begins with; of a list, that of its first entry."""
    if isinstance(node, list):
        return _root(node[0]) if node else ""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def defined(statement: ast.stmt) -> list[str]:
    """The names that a statement defines."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [statement.name]
    return [each.id for each in ast.walk(statement) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)]
