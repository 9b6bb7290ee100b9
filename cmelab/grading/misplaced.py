"""What students write into cells that were handed out for something else: answers, and numbers of their own."""
from __future__ import annotations

import ast

from ..exercises import Exercise
from .shortcuts import defined, parse


def answer_in_check(exercise: Exercise, source: str) -> str:
    """The answer in a check cell, as code that defines the exercise's name; nothing where the cell holds none.

    It stands above the check (`loss_rate = 4` and then `check("1.1b", loss_rate)`) or in it (`check("1.1b", 4)`).
    """
    tree = parse(source)
    above: list[ast.stmt] = []
    for statement in tree.body:
        if call := _check_call(statement, exercise.id):
            break
        above.append(statement)
    else:
        return ""
    lines = source.splitlines()[: statement.lineno]
    lines[-1] = lines[-1].encode()[: statement.col_offset].decode().rstrip("; ")
    given = [*call.args[1:2], *(each.value for each in call.keywords if each.arg == "answer")]
    names = {name for each in above for name in defined(each)}
    if given and not (isinstance(given[0], ast.Name) and given[0].id == exercise.name):
        if isinstance(given[0], ast.Constant) and given[0].value in (None, ...):
            return ""
        lines.append(f"{exercise.name} = {ast.unparse(given[0])}")
    elif exercise.name not in names:
        return ""
    return "\n".join(lines).strip()


def _check_call(statement: ast.stmt, id: str) -> ast.Call | None:
    for each in ast.walk(statement):
        if isinstance(each, ast.Call) and each.args and isinstance(each.args[0], ast.Constant):
            name = each.func.attr if isinstance(each.func, ast.Attribute) else getattr(each.func, "id", "")
            if name == "check" and each.args[0].value == id:
                return each
    return None


def numbers_edited(handed_out: str, submitted: str) -> bool:
    """True where a `given` cell no longer sets its names as it was handed out; a print beside them is no matter."""
    pristine = parse(handed_out).body
    names = {name for each in pristine for name in defined(each)}

    def setting(statements: list[ast.stmt]) -> list[str]:
        return [ast.dump(each) for each in statements if names & {*defined(each)}]

    return setting(pristine) != setting(parse(submitted).body)
