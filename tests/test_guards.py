"""What holds a submission, part by part: hidden files, bubblewrap, damage put back, a killed supervisor, no room."""
from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from corpus import KILL, LIMITS, answer, corpus, hand_in
from small_unit import RIGHT, UNIT, course, solved, write
from test_corpus import grade_class, room, wrong

from cmelab.grading import guards as module
from cmelab.grading.confine import CALLS, landlock_version, readable
from cmelab.grading.guards import (
    CLOSED,
    NOBODY,
    Guards,
    bubblewrap,
    capable,
    furnish,
    guards,
    open_to_all,
    places_hidden,
)
from cmelab.grading.handout import handout
from cmelab.grading.launch import run_sealed
from cmelab.grading.limits import descendants, guarded_parent, occupied
from cmelab.grading.lots import Lots
from cmelab.grading.notebook import parse_notebook
from cmelab.grading.reseal import seal
from cmelab.grading.score import score
from cmelab.grading.snapshot import Snapshot
from cmelab.grading.submissions import files

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="users, Landlock and namespaces are Linux")


def tree(top: Path, *names: str) -> None:
    for name in names:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(name)


def test_everything_but_the_hidden_is_readable(tmp_path: Path):
    tree(tmp_path, "a/one", "a/two", "b/three", "c")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    told = readable({str(tmp_path / "a" / "one"), str(tmp_path / "b")}, str(tmp_path))
    assert sorted(told) == [str(tmp_path / "a" / "two"), str(tmp_path / "c")]


def test_a_link_opens_nothing_that_is_hidden(tmp_path: Path):
    """A rule for a link would be a rule for what it leads to."""
    tree(tmp_path, "hidden/x", "seen/y")
    (tmp_path / "seen" / "way").symlink_to(tmp_path / "hidden")
    assert readable({str(tmp_path / "hidden")}, str(tmp_path)) == [str(tmp_path / "seen")]


def test_where_python_lies_among_the_submissions_only_the_notebooks_are_hidden(tmp_path: Path):
    inside = Path(sys.prefix).resolve().parent
    assert places_hidden(inside, [inside / "a.ipynb"]) == [inside / "a.ipynb"]
    assert places_hidden(tmp_path, [tmp_path / "a.ipynb"]) == [tmp_path]


def test_a_file_below_a_closed_folder_is_not_open_to_all(tmp_path: Path):
    tree(tmp_path, "closed/file")
    (tmp_path / "closed").chmod(0o700)
    assert not open_to_all(tmp_path / "closed" / "file")
    assert open_to_all(Path("/"))


def test_files_below_a_folder_are_counted_up_to_enough(tmp_path: Path):
    for name in ("a", "b/c", "b/d"):
        tree(tmp_path, name)
        (tmp_path / name).write_bytes(bytes(100_000))
    assert occupied(tmp_path, 10**9) >= 300_000
    assert occupied(tmp_path / "nowhere", 10) == 0


@linux
def test_a_folder_that_cannot_be_looked_into_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its owner may still write there; for root, whom rights do not stop, it is a place like others."""

    def closed(place: str) -> None:
        raise PermissionError(errno.EACCES, "closed", place)

    monkeypatch.setattr(os, "scandir", closed)
    for user, more in ((1000, True), (0, False)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        assert (occupied(tmp_path, 10) > 10) == more


# What is given up ----------------------------------------------------------------------------------------


def confined(code: str, **wanted: object) -> None:
    """Run a piece of Python under the guards that are asked for."""
    told = json.dumps({"user": 0, "reads_all": True, "landlock": 0, "own": [], "hidden": [], "tasks": 0} | wanted)
    script = str(Path(module.__file__).with_name("confine.py"))
    subprocess.run([sys.executable, "-I", "-S", script, told, sys.executable, "-c", code], check=True)


@linux
def test_rights_and_times_of_files_and_limits_of_others_stay_as_they_are(tmp_path: Path):
    """Landlock lets whoever owns a folder close it, and a report in a closed folder is lost; limits are no better."""
    if os.uname().machine not in CALLS:
        pytest.skip("the system calls of this machine are not known")
    tree(tmp_path, "report/page")
    places = (tmp_path / "report", tmp_path / "report" / "page")
    before = [each.stat() for each in places]
    resource = pytest.importorskip("resource")
    limit, nice = resource.getrlimit(resource.RLIMIT_FSIZE), os.getpriority(os.PRIO_PROCESS, 0)
    confined(f"""import os, resource
os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)
assert resource.prlimit(0, resource.RLIMIT_FSIZE) == {limit}
try:
    resource.prlimit(os.getppid(), resource.RLIMIT_FSIZE, (2**40, 2**40))
except PermissionError:
    pass
else:
    raise AssertionError
for place in {[*map(str, places)]!r}:
    os.chmod(place, 0o777)
    os.fchmod(os.open(place, os.O_RDONLY), 0)
    os.utime(place, (1, 1))
    os.setxattr(place, 'user.x', b'1')
open({str(tmp_path / 'new')!r}, 'w').write('x')""")
    assert (resource.getrlimit(resource.RLIMIT_FSIZE), os.getpriority(os.PRIO_PROCESS, 0)) == (limit, nice)
    for was, each in zip(before, places, strict=True):
        now = each.stat()
        assert (now.st_mode, now.st_mtime_ns, now.st_ctime_ns) == (was.st_mode, was.st_mtime_ns, was.st_ctime_ns)
    assert (tmp_path / "new").read_text() == "x"


@linux
def test_shared_memory_goes_with_the_submission_that_made_it():
    if os.geteuid() or not (capable(21) and capable(7)):
        pytest.skip("not root, or root who may not mount")
    name, key = f"cmelab-test-{os.getpid()}", 0x43000000 + os.getpid()
    confined(f"""import ctypes, os
open('/dev/shm/{name}', 'w').write('x')
assert os.listdir('/dev/shm') == [{name!r}]
assert ctypes.CDLL(None).shmget({key}, 4096, 0o1600) >= 0""", user=NOBODY)
    assert not Path("/dev/shm", name).exists()
    assert f" {key} " not in Path("/proc/sysvipc/shm").read_text()


def test_numba_looks_for_compiled_kernels_where_they_are_linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Otherwise each submission that simulates would wait for the compiler; numba's own rule is the oracle."""
    caching = pytest.importorskip("numba.core.caching")
    name = caching._CacheLocator.get_suitable_cache_subpath(str(module.PACKAGE / "kernels" / "ssa.py"))
    assert module.kept_kernels()[0] == name
    tree(tmp_path, f"kept/{name}/ssa.direct-1.py311.nbi")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    module.kept_kernels.cache_clear()
    environment = furnish(tmp_path)
    module.kept_kernels.cache_clear()
    linked = Path(environment["NUMBA_CACHE_DIR"], name, "ssa.direct-1.py311.nbi")
    assert linked.read_text() == f"kept/{name}/ssa.direct-1.py311.nbi"
    assert Path(environment["TMPDIR"]).is_dir() and Path(environment["HOME"]).is_relative_to(tmp_path)


# Damage --------------------------------------------------------------------------------------------------


def test_what_was_changed_or_removed_is_put_back_and_named(tmp_path: Path):
    tree(tmp_path, "in/a", "in/b", "in/c", "in/d")
    (tmp_path / "in" / "a").chmod(0o600)
    snapshot = Snapshot([tmp_path / "in" / name for name in "abcde"], tmp_path / "changed")
    (tmp_path / "in" / "a").write_text("other")
    (tmp_path / "in" / "b").unlink()
    (tmp_path / "in" / "c").unlink()
    (tmp_path / "in" / "c").symlink_to("/etc/passwd")
    said = snapshot.repair()
    assert [Path(each.split(" was ")[0]).name for each in said] == ["a", "b", "c"]
    assert [(tmp_path / "in" / name).read_text() for name in "abcd"] == [f"in/{name}" for name in "abcd"]
    assert (tmp_path / "in" / "a").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "in" / "c").is_symlink()
    assert [(each.name, each.read_text()) for each in (tmp_path / "changed").iterdir()] == [("a", "other")]
    assert snapshot.repair() == []


def test_everything_beside_the_submissions_is_remembered_but_the_report(tmp_path: Path):
    tree(tmp_path, "in/ada/new", "in/ada/.ipynb_checkpoints/old", "in/report/results/ada", "in/notes.txt")
    found = files(tmp_path / "in", tmp_path / "in" / "report", hidden=True)
    assert {each.name for each in found} == {"new", "old", "notes.txt"}


def test_what_has_no_room_in_memory_is_named_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tree(tmp_path, "a", "b")
    monkeypatch.setattr("cmelab.grading.snapshot.MOST", 1)
    snapshot = Snapshot([tmp_path / "a", tmp_path / "b"], tmp_path / "changed")
    assert [each.content for each in snapshot.kept.values()] == [b"a", None]
    (tmp_path / "a").unlink()
    (tmp_path / "b").unlink()
    assert [("again" in each, "too large" in each) for each in snapshot.repair()] == [(True, False), (False, True)]
    snapshot.keep(tmp_path / "a")
    assert snapshot.kept[tmp_path / "a"].content == b"a"


def test_a_touch_is_no_damage(tmp_path: Path):
    tree(tmp_path, "a")
    snapshot = Snapshot([tmp_path / "a"], tmp_path / "changed")
    os.utime(tmp_path / "a", (1, 1))
    assert snapshot.repair() == []


def test_a_file_too_large_to_keep_is_named_all_the_same(tmp_path: Path):
    tree(tmp_path, "a")
    os.truncate(tmp_path / "a", 30_000_000)
    snapshot = Snapshot([tmp_path / "a"], tmp_path / "changed")
    os.truncate(tmp_path / "a", 30_000_001)
    (said,) = snapshot.repair()
    assert "could not be put back (it was too large" in said


# bubblewrap ----------------------------------------------------------------------------------------------


def test_without_bubblewrap_a_sandbox_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match="sudo apt install bubblewrap"):
        guards(sandbox=True)


@linux
def test_a_bubblewrap_that_may_not_work_is_refused_with_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(module.shutil, "which", lambda name: str(fake))
    with pytest.raises(RuntimeError, match=r"does not let it work .*No permissions to create new namespace"):
        guards(sandbox=True)


@linux
def test_in_the_sandbox_an_attack_changes_reads_and_reaches_nothing(tmp_path_factory: pytest.TempPathFactory):
    try:
        bubblewrap()
    except RuntimeError as error:
        pytest.skip(str(error))
    names = ("right", "searcher", "destroyer", "killer", "network", "loop-cell")
    graded = grade_class(room(tmp_path_factory), lambda case: case.name in names, "sandbox")
    cases = [case for case in corpus(graded.folder, graded.report, graded.course) if case.name in names]
    assert wrong(graded, *cases) == {}
    assert {each: each.read_bytes() for each in graded.before} == graded.before
    assert "was changed or removed" not in graded.said
    assert "runs in bubblewrap" in graded.said


# What is found here --------------------------------------------------------------------------------------


@linux
def test_a_graded_kernel_never_sees_references_or_the_grader():
    held = guards()
    assert held.landlock == landlock_version()
    assert {str(each) for each in CLOSED if each.exists()} <= set(held.hidden)
    assert held.user <= (os.geteuid() == 0)
    assert ("as a user of its own" in held.describe()) == held.user


# A killed supervisor -------------------------------------------------------------------------------------


def running(pids: list[int]) -> list[int]:
    """Those that still run: of one that has ended only its number may be left, until its parent asks."""
    found = []
    for pid in pids:
        with suppress(OSError):
            state = Path("/proc", str(pid), "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
            found += [pid] * (state != "Z")
    return found


@linux
def test_killing_the_supervisor_costs_one_exercise_and_leaves_nothing(tmp_path: Path):
    """Without guards, as on an old Linux: the answer ends nbval and the process that watches over both."""
    grandparent = "int(open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1])"
    made = answer(KILL.format(grandparent=grandparent), "9.1b")
    pristine = handout(UNIT, course(tmp_path))
    one = seal(pristine, parse_notebook(json.dumps(made).encode()), Lots(b"secret"), seconds=3.0)
    before = set(descendants(os.getpid()))  # the browser and the servers of other tests
    with guarded_parent():
        outcome = run_sealed(one, LIMITS, held=Guards())
        gone = time.monotonic() + 20  # what was killed takes a moment to go
        while (left := running([*{*descendants(os.getpid())} - before])) and time.monotonic() < gone:
            time.sleep(0.02)
    assert left == []
    results = {each.exercise: each for each in score(UNIT, one, outcome, LIMITS.cell)}
    assert {id: each.points for id, each in results.items()} == {"9.1": 3, "9.1b": 0, "9.2": 1, "9.3": None}
    assert results["9.1b"].flags == ("grading process ended",)
    assert "was itself ended" in results["9.1b"].lines[0][1]


# A full disk ---------------------------------------------------------------------------------------------

FULL_DISK = """
import os, subprocess, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from corpus import LIMITS
from small_unit import UNIT
from cmelab.grading import batch
report = Path({report!r})
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", str(report)], check=True)
def grade():
    where = {{"course": Path({course!r}), "units": (UNIT,), "limits": LIMITS}}
    return batch.grade_folder(Path({folder!r}), report, jobs=1, **where)
try:
    grade()
except OSError as error:
    print("said", error)
kept = report / "results" / "a-09.json"
print("kept", sorted(each.name for each in kept.parent.iterdir()))
before = kept.stat().st_mtime_ns
subprocess.run(["mount", "-o", "remount,size=4m", str(report)], check=True)
print("again", grade(), kept.stat().st_mtime_ns == before, len((report / "grades.csv").read_text().splitlines()))
"""


@linux
def test_a_full_disk_loses_no_finished_student(tmp_path: Path):
    """On a real file system of 48 kB: the second student's long answer does not fit."""
    space = ["unshare", "--map-root-user", "--mount"]
    if not shutil.which("unshare") or subprocess.run([*space, "true"], capture_output=True).returncode:
        pytest.skip("this computer does not let a user make a small file system (unshare)")
    write(solved(), tmp_path / "in" / "a.ipynb")
    write(solved(**{"9_1": RIGHT["9.1"] + "\n# " + "x" * 60_000}), tmp_path / "in" / "b.ipynb")
    (tmp_path / "out").mkdir()
    text = FULL_DISK.format(
        tests=str(Path(__file__).parent), report=str(tmp_path / "out"), folder=str(tmp_path / "in"),
        course=str(course(tmp_path / "course")),
    )  # fmt: skip
    run = subprocess.run([*space, sys.executable, "-c", text], capture_output=True, text=True)
    lines = dict(line.split(" ", 1) for line in run.stdout.splitlines() if line.split()[0] in ("said", "kept", "again"))
    assert "no room left on the disk" in lines["said"], run.stderr
    assert "Stopped: 1 of 2 notebooks are graded and kept" in run.stderr
    assert lines["kept"] == "['a-09.json']"
    assert lines["again"] == "0 True 9"


def test_the_corpus_writes_what_it_says(tmp_path: Path):
    for case in corpus(tmp_path, tmp_path / "out"):
        hand_in(case, tmp_path)
    assert {"right.ipynb", "double", "folder.ipynb", "pipe.ipynb"} <= {each.name for each in tmp_path.iterdir()}
