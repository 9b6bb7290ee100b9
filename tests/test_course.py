"""The course: notebooks are what the sources give, cells are short, every widget and every number named exists."""
from __future__ import annotations

import re
import statistics
import sys
from pathlib import Path

import nbformat
import pytest

import cmelab
from cmelab.exercises import UNITS
from cmelab.exercises.finding import NOT_TRIED
from cmelab.exercises.misconceptions import beliefs, parts
from cmelab.grading.check import check_notebook
from cmelab.grading.make_notebooks import (
    BEATS,
    COURSE,
    KEPT,
    KERNELSPEC,
    SourceError,
    build,
    handed_out,
    numbered,
    read,
    run,
    with_exercises,
)
from cmelab.grading.make_release import release

FOLDERS = sorted(path.name for path in (COURSE / "src").glob("[0-9][0-9]_*"))
TAUGHT = [folder for folder in FOLDERS if (COURSE / "src" / folder / "lesson.md").is_file()]
LESSONS = [f"{folder}/lesson.ipynb" for folder in TAUGHT]
EXERCISES = [f"{folder}/exercises.ipynb" for folder in FOLDERS]
SOLUTIONS = [f"{folder}/solutions.ipynb" for folder in FOLDERS]
PAGES = ["map.ipynb", "glossary.ipynb"]  # to look things up in
READ = ["start.ipynb", *LESSONS, *EXERCISES]  # what a student reads
ALL = [*READ, *PAGES, *SOLUTIONS]
WRITTEN = sorted((COURSE / "src").rglob("*.md"))  # what a person writes
UNIT_OF = {folder: next(unit for unit in UNITS if unit.id == folder[:2]) for folder in FOLDERS}


def open_notebook(name: str, course: Path = COURSE):
    return nbformat.read(course / name, as_version=4)


def code_cells(name: str):
    return [cell for cell in open_notebook(name).cells if cell.cell_type == "code"]


def text_cells(name: str):
    return [cell for cell in open_notebook(name).cells if cell.cell_type == "markdown"]


def about(cell, key: str):
    return cell.metadata.get("cmelab", {}).get(key)


def without_outputs(cell) -> tuple:
    return cell.cell_type, cell.id, cell.source, cell.metadata


# The notebooks are what the sources give ------------------------------------------------------------------


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> Path:
    """The whole course built anew, not executed."""
    folder = tmp_path_factory.mktemp("course")
    build(execute=False, into=folder)
    return folder


@pytest.mark.needs("jupytext")
@pytest.mark.parametrize("name", ALL)
def test_committed_notebook_is_what_the_sources_give(name, fresh):
    committed, made = open_notebook(name), open_notebook(name, fresh)
    assert committed.metadata == made.metadata
    assert [without_outputs(cell) for cell in committed.cells] == [without_outputs(cell) for cell in made.cells], (
        f"{name} is out of date; run `cmelab build`"
    )


@pytest.mark.needs("jupytext")
def test_no_notebook_is_left_over_from_an_older_source(fresh):
    assert {path.relative_to(fresh) for path in fresh.rglob("*.ipynb")} == {
        path.relative_to(COURSE) for path in COURSE.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
    }


@pytest.mark.needs("jupytext")
def test_building_twice_gives_the_same_bytes(fresh, tmp_path):
    for path in build(["01"], execute=False, into=tmp_path):
        assert path.read_bytes() == (fresh / path.relative_to(tmp_path)).read_bytes()


@pytest.mark.parametrize("name", ALL)
def test_notebook_opens_with_the_python_of_the_course(name):
    assert open_notebook(name).metadata.kernelspec == KERNELSPEC


@pytest.mark.parametrize("name", EXERCISES)
def test_handed_out_notebook_has_neither_solutions_nor_outputs(name):
    assert not any("SOLUTION" in cell.source for cell in open_notebook(name).cells)
    assert not any(cell.outputs or cell.execution_count for cell in code_cells(name))


@pytest.mark.parametrize("name", ["start.ipynb", *LESSONS, *SOLUTIONS])
def test_committed_outputs_can_be_shown_without_a_kernel(name):
    for cell in code_cells(name):
        assert cell.execution_count
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text
            assert set(output.get("data", {})) <= set(KEPT)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_solution_of_every_exercise_is_right(name):
    """As the student sees it: the first line of each check in the committed notebook."""
    verdicts = {about(cell, "exercise"): cell for cell in code_cells(name) if about(cell, "kind") == "check"}
    for exercise in UNIT_OF[Path(name).parent.name]:
        first = verdicts[exercise.id].outputs[0].data["text/plain"].splitlines()[0]
        said = "noted" if UNIT_OF[Path(name).parent.name].quiet else "right" if exercise.automatic else "awaiting"
        assert said in first, first


@pytest.mark.parametrize("name", EXERCISES)
def test_untouched_exercises_are_not_tried_and_raise_nothing(name, monkeypatch, tmp_path):
    """Run in one namespace, as Restart and Run All does; each check must give a verdict and say `not tried`."""
    monkeypatch.setenv("CMELAB_PROGRESS", str(tmp_path / "progress.json"))
    namespace: dict = {}
    for cell in code_cells(name):
        if about(cell, "kind") == "check":
            assert eval(cell.source, namespace).state == NOT_TRIED, cell.source
        else:
            exec(cell.source, namespace)


# Exercises and their table ---------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_exercise_of_the_table_is_asked_and_checked_in_its_order(folder):
    unit = UNIT_OF[folder]
    cells = code_cells(f"{folder}/exercises.ipynb")
    for kinds in (("answer", "text"), ("check",)):
        asked = [about(cell, "exercise") for cell in cells if about(cell, "kind") in kinds]
        assert asked == [exercise.id for exercise in unit]


@pytest.mark.parametrize("folder", FOLDERS)
def test_exercise_says_its_title_its_points_and_its_convention(folder):
    text = "\n".join(cell.source for cell in text_cells(f"{folder}/exercises.ipynb"))
    sections = {found[1]: found[0] for found in re.finditer(r"^#+ (\d+\.\d+[a-z]?) .*?(?=^#+ |\Z)", text, re.M | re.S)}
    for exercise in UNIT_OF[folder]:
        section = sections[exercise.id]
        assert exercise.title in section.splitlines()[0]
        assert UNIT_OF[folder].quiet or f"*{exercise.points} point" in section
    assert f"{UNIT_OF[folder].points} points" in text


def test_exercises_of_unit_01_name_the_convention_of_every_k():
    for cell in text_cells("01_propensities/exercises.ipynb"):
        found = re.match(r"#+ (1\.[1234][a-z]?) ", cell.source)
        if found:
            said = ("d[A]/dt", "d[C]/dt", "d[P]/dt", "same convention", "rate equation is", "same $k$")
            assert any(words in cell.source for words in said), cell.source


@pytest.mark.parametrize("name", EXERCISES)
def test_answer_and_check_cells_carry_what_a_grader_needs(name):
    for cell in code_cells(name):
        if about(cell, "kind") in ("answer", "text", "check"):
            dashed = about(cell, "exercise").replace(".", "-")
            assert cell.id == cell.metadata.nbgrader.grade_id
            assert cell.id == ("check-" if about(cell, "kind") == "check" else "answer-") + dashed
            assert cell.metadata.nbgrader.schema_version == 3
            assert {"topic", "hints", "misconceptions"} <= set(cell.metadata.cmelab)


# How a lesson reads ----------------------------------------------------------------------------------------


def words(markdown: str) -> int:
    """Words a reader meets: no fold-outs, tables, margin labels, markup and link targets; a formula is one word."""
    markdown = re.sub(r"^\|.*$", " ", markdown, flags=re.M)
    text = re.sub(r"<details>.*?</details>|<div.*?</div>", " ", markdown, flags=re.S)
    text = re.sub(r"\$\$.*?\$\$|\$[^$]+\$", " formula ", text, flags=re.S)
    text = re.sub(r"<[^>]+>|\]\([^)]*\)", " ", text)
    return len(re.findall(r"[^\W_]+(?:['’.-][^\W_]+)*", text))


@pytest.mark.parametrize("name", [*READ, *SOLUTIONS])
def test_code_cells_are_short(name):
    lengths = [len(cell.source.splitlines()) for cell in code_cells(name)]
    assert max(lengths) <= 15
    assert statistics.median(lengths) <= 6


@pytest.mark.parametrize("name", READ)
def test_text_cells_have_at_most_sixty_words(name):
    long = {cell.source.strip().splitlines()[0]: words(cell.source) for cell in text_cells(name)}
    assert {first: count for first, count in long.items() if count > 60} == {}


@pytest.mark.parametrize("name", LESSONS)
def test_sections_of_a_lesson_have_at_most_three_hundred_words(name):
    sections = re.split(r"^## ", "\n".join(cell.source for cell in text_cells(name)), flags=re.M)
    assert max(words(section) for section in sections) <= 300


@pytest.mark.parametrize("name", ALL)
def test_notebook_has_no_magic_plots_installs_or_star_imports(name):
    for cell in code_cells(name):
        assert not re.search(r"%matplotlib|pip install|conda install|import \*|\binteract\b|plt\.show", cell.source)


@pytest.mark.parametrize("name", LESSONS)
def test_lesson_breathes_in_seven_beats_of_about_fifty_minutes(name):
    beats = [cell.metadata.cmelab for cell in text_cells(name) if about(cell, "beat")]
    assert tuple(beat.beat for beat in beats) == BEATS
    assert 45 <= sum(beat.minutes for beat in beats) <= 55


@pytest.mark.parametrize("name", LESSONS)
def test_title_of_a_lesson_asks_a_question(name):
    assert re.match(r"# .*\?$", text_cells(name)[0].source.splitlines()[0])


@pytest.mark.parametrize("name", [name for name in READ if name not in EXERCISES])
def test_last_cell_drives_every_widget_the_notebook_shows(name):
    *cells, last = code_cells(name)
    shown = {found for cell in cells for found in re.findall(r'cmelab\.show\("([\w-]+)"', cell.source)}
    assert about(last, "kind") == "drive"
    assert last.metadata.jupyter.source_hidden
    assert all(f'"{widget}"' in last.source for widget in shown)


def decimals(text: str) -> set[float]:
    return {float(number) for number in re.findall(r"(?<![\w.])\d+\.\d+(?![\w.])|\d+\.\d+e-?\d+", text)}


@pytest.mark.parametrize("name", LESSONS)
def test_every_decimal_number_in_the_text_is_computed_by_a_cell(name):
    """Those of fold-outs and sources are left out: derivations use letters, and DOIs are no numbers."""
    text = "\n".join(cell.source for cell in text_cells(name))
    text = re.sub(r"<details>.*?</details>|<div.*?</div>", " ", text, flags=re.S)
    computed = set()
    for cell in code_cells(name):
        computed |= decimals(cell.source)
        for output in cell.outputs:
            computed |= decimals(output.get("text") or output.get("data", {}).get("text/plain", ""))
    numbers = decimals(text)
    assert numbers
    assert numbers - computed == set()


# What stands before the course ------------------------------------------------------------------------------


def table_rows(page: str) -> list[list[str]]:
    """The cells of every line of a table in a page's source."""
    text = (COURSE / "src" / page).read_text("utf-8")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]


def source(unit: str, *pages: str) -> str:
    folder = next(each for each in FOLDERS if each.startswith(unit))
    return "\n".join((COURSE / "src" / folder / page).read_text("utf-8") for page in pages)


def test_questions_before_the_course_offer_one_right_choice_and_a_belief_behind_each_other():
    asked = [cell.source for cell in text_cells("00_pretest/exercises.ipynb") if re.match(r"\d\. ", cell.source)]
    assert len(asked) == len(UNITS[0].exercises)
    for exercise, choices in zip(UNITS[0], asked, strict=True):
        numbers = [float(each) for each in re.findall(r"^(\d)\. \S", choices, re.M)]
        assert numbers == [1, 2, 3, 4] == list(range(1, exercise.choices + 1))
        leads = [exercise.values(name)[0][0] for name in ("right", *exercise.wrong)]
        assert sorted(leads) == numbers


def test_no_choice_is_a_number_that_could_be_typed_for_another():
    """Who writes the value in place of the number of its choice is told so, and not noted as another choice."""
    for cell in text_cells("00_pretest/exercises.ipynb"):
        for number, value in re.findall(r"^(\d)\. (\d+)(?![\d.,/])", cell.source, re.M):
            assert value == number or int(value) > 4, cell.source


def test_solutions_of_the_questions_say_why():
    cells = [cell for cell in code_cells("00_pretest/solutions.ipynb") if about(cell, "kind") == "answer"]
    for exercise, cell in zip(UNITS[0], cells, strict=True):
        assert cell.source.startswith(f"# {exercise.why}\n")


def test_notebook_of_questions_is_noted_where_a_choice_is_made_and_not_judged(tmp_path, capsys):
    """A value in place of a number, a text, a word, two choices, and nothing, as `cmelab check` sees them."""
    typed = {"answer_1": "10", "answer_2": '"2"', "answer_3": "fewer", "answer_4": "1", "answer_5": "2"}
    notebook = open_notebook("00_pretest/exercises.ipynb")
    for cell in notebook.cells:
        name = cell.source.partition(" = ")[0]
        if about(cell, "kind") == "answer" and name in typed:
            cell.source = f"{name} = {typed[name]}"
    nbformat.write(notebook, tmp_path / "exercises.ipynb")
    assert check_notebook(tmp_path / "exercises.ipynb") == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0].strip("◌○ ") for line in lines[1:6]] == ["not tried 0/0"] * 3 + ["noted"] * 2
    assert lines[-1] == "2 of 10 questions answered."


def test_instructors_page_names_the_right_choice_and_every_belief_of_each_question():
    rows = {row[0].split()[0]: row for row in table_rows("00_pretest/instructor.md")}
    for exercise in UNITS[0]:
        _, right, beliefs, _ = rows[exercise.id]
        assert float(right) == exercise.values("right")[0][0]
        told = {}
        for numbers, text in re.findall(r"((?:\d, )*\d): ([^;]*)", beliefs):
            told |= {float(number): set(re.findall(r"\b[A-Z]\d\b", text)) for number in numbers.split(", ")}
        assert told == {exercise.values(key)[0][0]: set(parts(key)) for key in exercise.wrong}


def test_units_of_the_start_page_and_of_the_map_are_those_of_the_course():
    asks = {folder: text_cells(f"{folder}/lesson.ipynb")[0].source.splitlines()[0][2:] for folder in TAUGHT}
    on_map = {row[0][1:3]: row[1] for row in table_rows("map.md") if row[0][:1] == "["}
    on_start = {row[0][:2]: (row[0][3:], row[1]) for row in table_rows("start.md") if row[0][:1].isdigit()}
    assert on_map == {folder[:2]: question for folder, question in asks.items()}
    titles = {unit.id: unit.title for unit in UNITS}
    assert sum(each.points for unit in UNITS for each in unit if not each.automatic) == 9  # "Nine more points"
    assert on_start == {"00": (titles["00"], "ten questions"), **{id: (titles[id], on_map[id]) for id in on_map}}


def test_pictures_of_the_map_are_those_of_the_units():
    """Each is shown in its unit's lesson or hints, and none that a lesson shows is missing from the map."""
    listed = {row[0][1:3]: set(row[3].split(", ")) for row in table_rows("map.md") if row[0][:1] == "["}
    for id, pictures in listed.items():
        unit = UNIT_OF[next(each for each in FOLDERS if each.startswith(id))]
        text = source(id, "lesson.md") + "".join(" ".join(each.hints) for each in unit)
        text += "".join(belief.line for each in unit for key in each.wrong for belief in beliefs(key))
        shown = set(re.findall(r'cmelab\.show\("([\w-]+)"', text))
        assert pictures <= shown
        assert set(re.findall(r'cmelab\.show\("([\w-]+)"', source(id, "lesson.md"))) <= set().union(*listed.values())
    assert set().union(*listed.values()) == {each.name for each in cmelab.widgets.WIDGETS}


def test_time_that_the_map_gives_for_one_afternoon_is_that_of_its_sections():
    """Predict, Play and Break it of all lessons: two and a half hours, give or take ten minutes."""
    beats = [cell.metadata.cmelab for name in LESSONS for cell in text_cells(name) if about(cell, "beat")]
    assert abs(sum(each.minutes for each in beats if each.beat in ("Predict", "Play", "Break it")) - 150) <= 10


def test_word_and_symbol_of_the_glossary_are_used_from_its_unit_on():
    """A word (or one of its names) and its symbol stand in the texts of the unit named or of a later one."""
    bare = re.compile(r"\\[,;!]|[\s{}$]")
    texts = {folder[:2]: source(folder[:2], "lesson.md", "exercises.md") for folder in TAUGHT}
    rows = [row for row in table_rows("glossary.md") if len(row) == 4 and row[3].isdigit()]
    assert len(rows) > 60
    for word, symbol, _, unit in rows:
        text = "\n".join(text for id, text in texts.items() if id >= unit)
        words = re.sub(r"[\s_*]+", " ", text).lower()
        assert any(each.lower() in words for each in word.split(", ")), word
        if symbol:
            assert any(bare.sub("", each) in bare.sub("", text) for each in symbol.split(", ")), (word, symbol)


def test_glossary_explains_each_word_once():
    words = [word for row in table_rows("glossary.md") if len(row) == 4 for word in row[0].split(", ")]
    words = [word for word in words if word not in ("word", "---")]
    assert len(words) == len(set(words))


# What the texts point at -----------------------------------------------------------------------------------


def shows() -> list[tuple[str, str, str]]:
    """Every cmelab.show of sources, hints and feedback: where, widget, preset."""
    texts = {str(path.relative_to(COURSE)): path.read_text("utf-8") for path in WRITTEN}
    texts |= {f"hint {each.id}": " ".join(each.hints) for unit in UNITS for each in unit}
    found = []
    for where, text in texts.items():
        for widget, rest in re.findall(r'cmelab\.show\("([\w-]+)"([^)]*)\)', text):
            preset = re.search(r'preset="([\w-]+)"', rest)
            found.append((where, widget, preset[1] if preset else ""))
    return found


@pytest.mark.parametrize(("where", "widget", "preset"), shows())
def test_widget_and_preset_named_in_the_course_exist(where, widget, preset):
    known = {each.name: each for each in cmelab.widgets.WIDGETS}
    assert widget in known
    assert not preset or preset in known[widget].presets


@pytest.mark.parametrize("name", ALL)
def test_links_between_notebooks_lead_somewhere(name):
    for cell in text_cells(name):
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", cell.source):
            assert ((COURSE / name).parent / target).is_file(), target


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_unit_has_a_page_for_instructors(folder):
    text = (COURSE / "src" / folder / "instructor.md").read_text("utf-8")
    for part in ("**Goals.**", "**Timing", "**Live demo", "**Beliefs to expect**", "**In 20 minutes.**"):
        assert part in text


# Sources that cannot become a notebook ---------------------------------------------------------------------

HEAD = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n\n# Title\n\n"
ANSWER = """```{code-cell} python
:exercise: "1.1"
:kind: answer
def propensity(n, k, omega):
    ### BEGIN SOLUTION
    return 0
    ### END SOLUTION
```

"""
MALFORMED = {
    "open": (HEAD + "```{code-cell} python\n1 + 1\n\n# Next\n\n```{code-cell} python\n2\n```\n", 7, "never closed"),
    "yaml": (HEAD + "```{code-cell} python\n:kind: [setup\n1\n```\n", 7, "Invalid YAML"),
    "kind": (HEAD + "```{code-cell} python\n:kind: anser\n1\n```\n", 7, "kind: anser is none of setup"),
    "beat": (HEAD + '+++ {"beat": "Sleep, 5"}\n\ntext\n', 8, 'beat "Sleep, 5"'),
    "orphan": (HEAD + "```{code-cell} python\n:kind: check\n1\n```\n", 7, "belongs to an exercise"),
    "unknown": (HEAD + ANSWER.replace("1.1", "1.9"), 7, "exercise '1.9' is not in Counting molecules"),
    "twice": (HEAD + ANSWER + ANSWER, 16, "has a second cell with kind: answer, after line 7"),
    "nameless": (HEAD + ANSWER.replace("def propensity", "def rate"), 7, "does not define 'propensity'"),
    "leak": (HEAD + ANSWER.replace("    ### BEGIN SOLUTION\n", ""), 7, "would be handed out"),
}


@pytest.mark.needs("jupytext")
@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_source_is_refused_with_its_file_and_line(case, tmp_path):
    text, line, says = MALFORMED[case]
    path = tmp_path / "exercises.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as refused:
        with_exercises(read(path), UNITS[1])
    assert str(path) in str(refused.value)
    assert says in str(refused.value)
    assert f"line {line}" in str(refused.value)


@pytest.mark.needs("jupytext")
def test_exercise_missing_from_the_source_is_named(tmp_path):
    path = tmp_path / "exercises.md"
    path.write_text(HEAD + ANSWER, encoding="utf-8")
    with pytest.raises(SourceError, match=r"exercise 1\.1 has no cell with kind: check"):
        with_exercises(read(path), UNITS[1])


@pytest.mark.needs("jupytext")
@pytest.mark.parametrize(
    "body", ["### BEGIN SOLUTION\n1", "### END SOLUTION", "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION"]
)
def test_solution_marks_must_come_in_pairs(body, tmp_path):
    path = tmp_path / "exercises.md"
    path.write_text(HEAD + f"```{{code-cell}} python\n{body}\n```\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"line 7.*SOLUTION"):
        handed_out(numbered(read(path)), UNITS[1])


@pytest.mark.needs("jupytext")
def test_cell_that_fails_is_named_by_its_line(tmp_path):
    path = tmp_path / "lesson.md"
    path.write_text(HEAD + "```{code-cell} python\n1 + 1\n```\n\n```{code-cell} python\n1 / 0\n```\n", encoding="utf-8")
    with pytest.raises(SourceError, match="line 11: the cell that begins here fails") as refused:
        run(numbered(read(path)), tmp_path)
    assert "ZeroDivisionError" in str(refused.value)


def test_missing_jupytext_is_named_with_its_cure(monkeypatch):
    monkeypatch.setitem(sys.modules, "jupytext.myst", None)
    with pytest.raises(ImportError, match="needs jupytext: pip install jupytext"):
        build(execute=False)


def test_unknown_unit_is_refused_with_the_known_ones():
    with pytest.raises(SourceError, match="no unit '77'; there is 00, 01"):
        build(["77"], execute=False)


@pytest.mark.needs("jupytext")
def test_every_unit_can_be_released_and_what_is_asked_before_the_course_stays_unjudged(tmp_path):
    written = {path.relative_to(tmp_path).as_posix() for path in release(None, tmp_path, execute=False)}
    assert written == {
        *(f"handout/{name}" for name in (*LESSONS, *EXERCISES)), *(f"source/{name}" for name in EXERCISES)
    }  # fmt: skip
    for name in EXERCISES:
        cells = nbformat.read(tmp_path / "source" / name, as_version=4).cells
        judged = [cell for cell in cells if about(cell, "kind") == "test"]
        unit = UNIT_OF[Path(name).parent.name]
        assert len(judged) == (0 if unit.quiet else sum(each.automatic for each in unit))
