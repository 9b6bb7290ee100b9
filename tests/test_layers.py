"""What holds for the whole package: layers, lint, types, a complete and light list of public names."""
from __future__ import annotations

import ast
import json
import subprocess
import sys

import pytest

import cmelab

# The public names of the design, those of later units included: each that exists must be offered.
DESIGN = """
    Distribution Ensemble Flows NetworkError Path Reaction ReactionNetwork StateSpace check close compare
    detailed_balance enumerate_states exact first_passage flows generator given hint langevin linear_chain
    linear_noise models moment_equations path rate_equations rates show simulate solve start stationary
    structure widgets
""".split()
FIRST = """
    Distribution Ensemble Flows NetworkError Path Reaction ReactionNetwork StateSpace check enumerate_states
    exact flows generator given hint models path rates show simulate solve start widgets
""".split()
HEAVY = ("IPython", "ipywidgets", "anywidget", "matplotlib.pyplot", "scipy.stats", "pandas", "nbformat")


def run(root, *command: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, *command)
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)


def defined_names(root) -> set[str]:
    """Every module, function and class at the top of a module of cmelab."""
    names = set()
    for file in (root / "cmelab").rglob("*.py"):
        names.add(file.stem)
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names.update(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    return names


def test_all_offers_every_public_name_that_exists(root):
    exist = defined_names(root) | {path.name for path in (root / "cmelab").iterdir() if path.is_dir()}
    assert set(FIRST) <= set(cmelab.__all__)
    assert [name for name in DESIGN if name in exist and name not in cmelab.__all__] == []
    assert cmelab.__all__ == sorted(cmelab.__all__)


@pytest.mark.parametrize("name", cmelab.__all__)
def test_public_name_resolves_and_is_what_editors_are_told(name, root):
    value = getattr(cmelab, name)
    tree = ast.parse((root / "cmelab" / "__init__.py").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    told = {alias.name: node.module for node in imports for alias in node.names}
    home = value.__name__ if told[name] is None else value.__module__
    assert home.startswith(f"cmelab.{told[name] or name}")
    assert name in dir(cmelab)


def test_a_name_that_does_not_exist_gets_the_list_of_those_that_do():
    with pytest.raises(AttributeError, match=r"no attribute 'simulat'; it offers .*simulate"):
        cmelab.simulat  # noqa: B018


def test_import_stays_light(root):
    """Neither `import cmelab` nor any name but the widgets' own loads what draws, or what statistics need."""
    light = [name for name in cmelab.__all__ if name not in ("show", "widgets")]
    use = f"import json, sys, cmelab; [getattr(cmelab, name) for name in {light}]"
    ran = run(root, "-c", f"{use}; print(json.dumps(list(sys.modules)))")
    assert ran.returncode == 0, ran.stderr
    assert set(json.loads(ran.stdout)) & set(HEAVY) == set()


def test_import_alone_loads_no_module_of_cmelab(root):
    ran = run(root, "-c", "import sys, cmelab; print([name for name in sys.modules if name.startswith('cmelab.')])")
    assert ran.stdout.strip() == "[]"


def test_import_costs_no_more_than_numbas_own_and_a_third_of_a_second(root):
    """Processor seconds, which a busy computer does not stretch, least of several interleaved runs."""
    code = "import time; start = time.process_time(); {}; print(time.process_time() - start)"
    ours, numbas = [], []
    for _ in range(8):
        numbas.append(float(run(root, "-c", code.format("import numba")).stdout))
        ours.append(float(run(root, "-c", code.format("import cmelab; cmelab.simulate")).stdout))
        if min(ours) <= min(numbas) + 0.3:
            return
    pytest.fail(f"cmelab.simulate took {min(ours):.2f} s to import, numba {min(numbas):.2f} s")


@pytest.mark.needs("import-linter")
def test_imports_go_downward_only(root):
    ran = run(root, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())")
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.needs("import-linter")
@pytest.mark.parametrize(("module", "line"), [
    ("rates", "import cmelab.ssa"), ("models", "import ipywidgets"), ("ssa", "import numba"), ("newcomer", ""),
])
def test_import_linter_would_notice(module, line, root, tmp_path):
    """The contracts are not empty: an upward import, a foreign one, and a module without a layer break them."""
    copy = tmp_path / "cmelab"
    copy.mkdir()
    for file in (root / "cmelab").rglob("*.py"):
        (copy / file.relative_to(root / "cmelab")).parent.mkdir(exist_ok=True, parents=True)
        (copy / file.relative_to(root / "cmelab")).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text((root / "pyproject.toml").read_text())
    code = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    assert run(tmp_path, "-c", code).returncode == 0
    with (copy / f"{module}.py").open("a") as file:
        file.write(f"\n{line}\n")
    assert run(tmp_path, "-c", code).returncode == 1


@pytest.mark.needs("ruff")
def test_ruff_finds_nothing(root):
    ran = run(root, "-m", "ruff", "check", "--no-cache", ".")
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.needs("basedpyright")
def test_types_agree(root):
    ran = run(root, "-m", "basedpyright", "--pythonpath", sys.executable)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("suffix", [".py", ".js", ".css"])
def test_modules_are_short(suffix, root):
    """The tables of exercises are texts, and as long as a unit has questions."""
    files = [file for file in (root / "cmelab").rglob(f"*{suffix}") if not file.stem.startswith("unit")]
    lines = {str(file.relative_to(root)): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {file: count for file, count in lines.items() if count > 400} == {}, "split what does two things"
