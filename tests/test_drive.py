"""The cell that drives a widget, run under nbval as a course notebook is."""
from __future__ import annotations

import subprocess
import sys

import nbformat

from cmelab.widgets import WIDGETS

# Each control goes to its least, its middle and its greatest value, and back; no change may end in an alarm.
DRIVE = """
import cmelab
shown = cmelab.show({name!r})
for control in shown.design.controls(shown.values):
    begin, first, last = shown.values[control.name], control.ends()[0], control.ends()[-1]
    middle = (first + last) / 2 if control.kind in ("float", "log") else begin
    for value in (first, middle, last, begin):
        shown.inputs[control.name].value = value
        assert shown.stage.error == "", (control.name, value, shown.stage.error)
print(shown.caption)
"""


def test_every_widget_can_be_driven_in_a_notebook(tmp_path):
    """nbval holds what is printed at the end against the caption that the widget begins with."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for count, design in enumerate(WIDGETS, 1):
        said = nbformat.v4.new_output("stream", name="stdout", text=f"{design().caption}\n")
        code = DRIVE.format(name=design.name).strip()
        notebook.cells.append(nbformat.v4.new_code_cell(code, outputs=[said], execution_count=count))
    nbformat.write(notebook, tmp_path / "drive.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=300", "-q",
               "-p", "no:cacheprovider", "drive.ipynb"]  # fmt: skip
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1200, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert f"{len(WIDGETS)} passed" in ran.stdout
