"""Make .venv, install cmelab into it, then run Python there with what follows.

    python tools/setup_venv.py [--dev] [--python PYTHON] [-m cmelab course]

Nothing is done twice: a stamp in .venv says what is installed. Standard library only, and no syntax newer
than Python 2.7: an old Python must be able to read this file in order to say that it is old.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time

OLDEST = (3, 11)
NAMES = ("python3", "python3.13", "python3.12", "python3.11", "python3.14", "python")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "cmelab-installed.json")
# Lies in .venv while pip works: found at the start, it says that pip was killed half-way.
UNFINISHED = os.path.join(VENV, "cmelab-installing")
LOG = os.path.join(VENV, "cmelab-setup.log")
VENV_PYTHON = os.path.join(VENV, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))

PROBE = """
import json, sys
missing = []
for module in ("venv", "ensurepip"):
    try:
        __import__(module)
    except ImportError:
        missing.append(module)
# In an environment: the interpreter that it was made with, which outlives it.
executable = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps({"executable": executable, "version": list(sys.version_info[:3]), "missing": missing}))
"""

# What pip says in each trouble, and the sentence for it.
CURES = (
    (
        ("require a different python version", "Requires-Python", "Failed building wheel"),
        "A package has no version for this Python. Choose another: `make clean`, then `make course PYTHON=python3.12`.",
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED",),
        "The package index's certificate was refused. Check the computer's date, and your network's own "
        "certificate (PIP_CERT), then run the same command again.",
    ),
    (("No space left",), "The disk is full. Make room (1 to 2 GB), then run the same command again."),
    (
        ("NewConnectionError", "name resolution", "Network is unreachable", "Timeout", "from versions: none"),
        "The package index could not be reached. Check the network (behind a proxy: set HTTPS_PROXY), then run the "
        "same command again; what was fetched is kept.",
    ),
)


class Stop(Exception):
    """A sentence for the person: what is wrong and what to do."""


def run(command):
    """Run a command to its end; return (exit code, all it said)."""
    try:
        ran = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    except OSError as error:
        return 127, str(error)
    output = ran.communicate()[0]
    return ran.returncode, output


def probe(python):
    """Ask an interpreter for its version and for missing modules; None where it does not run."""
    code, output = run([python, "-c", PROBE])
    return json.loads(output) if code == 0 else None


def choose(named, ask=probe):
    """Return the first interpreter that can make the environment; Stop says why there is none."""
    found = []
    for python in [named] if named else (sys.executable,) + NAMES:
        answer = ask(python)
        if answer is None:
            continue
        if tuple(answer["version"]) >= OLDEST and not answer["missing"]:
            return answer["executable"]
        found.append(answer)
    raise Stop(why_none(named, found))


def why_none(named, found):
    new_enough = [answer for answer in found if tuple(answer["version"]) >= OLDEST]
    if new_enough:
        answer = new_enough[0]
        short = "%d.%d" % tuple(answer["version"][:2])
        return (
            "Python %s (%s) has no `%s` module, which makes environments. On Debian or Ubuntu: "
            "`sudo apt install python%s-venv`; then run the same command again."
            % (short, answer["executable"], "` and no `".join(answer["missing"]), short)
        )
    cure = (
        "Install one (https://www.python.org/downloads), then run the same command again, or name one you have: "
        "`make course PYTHON=/path/to/python3.12`."
    )
    if found:
        versions = ["%d.%d.%d (%s)" % (tuple(answer["version"]) + (answer["executable"],)) for answer in found]
        listed = ", ".join(sorted(set(versions)))
        return "cmelab needs Python %d.%d or newer, and found only Python %s. %s" % (OLDEST + (listed, cure))
    return "cmelab needs Python %d.%d or newer, and %s does not run. %s" % (OLDEST + (named or "none", cure))


def wanted(dev):
    """What must be installed: a changed pyproject.toml, or a moved folder, asks for a new installation."""
    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        return {"pyproject": hashlib.sha256(file.read()).hexdigest(), "folder": ROOT, "dev": dev}


def installed():
    """What the stamp says is installed; nothing where .venv is missing, broken or half-made."""
    try:
        with open(STAMP) as file:
            stamp = json.load(file)
    except (OSError, IOError, ValueError):
        return {}
    return stamp if os.path.exists(VENV_PYTHON) else {}


def is_enough(stamp, want):
    same = all(stamp.get(key) == want[key] for key in ("pyproject", "folder"))
    return same and (stamp.get("dev") or not want["dev"])


def make_environment(python):
    """Create .venv, or create it anew where it is half-made; a healthy one is left alone."""
    moved = installed().get("folder", ROOT) != ROOT
    healthy = os.path.exists(VENV_PYTHON) and not os.path.exists(UNFINISHED) and not moved
    if healthy and run([VENV_PYTHON, "-m", "pip", "--version"])[0] == 0:
        return
    if os.path.lexists(VENV):
        say("The .venv found here is half-made or moved; making it anew.")
    chosen = choose(python)
    say("Making .venv with %s." % chosen)
    shutil.rmtree(VENV, ignore_errors=True)
    code, output = run([chosen, "-m", "venv", VENV])
    if code != 0:
        raise Stop("%s\n.venv could not be made by %s; its words are above." % (output.strip(), chosen))


def install(dev):
    """Run pip quietly; show its last words, and what to do, only when it fails."""
    say("Installing cmelab and what it needs; the first time takes a few minutes.")
    open(UNFINISHED, "w").close()
    # A user's pip settings may ask for --user, which an environment refuses.
    environment = dict(os.environ, PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    pip = subprocess.Popen(
        [VENV_PYTHON, "-m", "pip", "install", "--progress-bar", "off", "-e", ".[dev]" if dev else "."],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True,
    )
    lines = []
    with open(LOG, "w") as log:
        for line in pip.stdout:
            log.write(line)
            lines.append(line)
            show_progress(line)
    show_progress("")
    failed = pip.wait() != 0
    # Not reached when this program is killed: pip itself puts things back when it fails.
    os.remove(UNFINISHED)
    if failed:
        said = "".join(lines)
        cures = [cure for signs, cure in CURES if any(sign in said for sign in signs)]
        cure = cures[0] if cures else "Run the same command again; if that fails too, `make clean` starts afresh."
        lines.append("\npip could not install cmelab. %s (All it said: .venv/cmelab-setup.log)" % cure)
        raise Stop("".join(lines[-12:]))


def show_progress(line):
    """On a terminal, one line that says which package pip is at."""
    if not sys.stdout.isatty():
        return
    words = line.split()
    if not words:
        sys.stdout.write("\r" + 60 * " " + "\r")
    elif words[0] in ("Collecting", "Installing", "Building"):
        sys.stdout.write("\r%-60s" % " ".join(words[:2])[:60])
    sys.stdout.flush()


def say(sentence):
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def setup(dev, python):
    """Bring .venv to what pyproject.toml asks for; does nothing when it is there already."""
    want = wanted(dev)
    stamp = installed()
    if is_enough(stamp, want):
        return
    start = time.time()
    # Who once asked for the dev tools keeps them when pyproject.toml changes.
    want["dev"] = dev or bool(stamp.get("dev"))
    make_environment(python)
    install(want["dev"])
    with open(STAMP, "w") as file:
        json.dump(want, file)
    say("Installed in %.0f s." % (time.time() - start))


def main(arguments):
    dev, python = False, None
    while arguments and arguments[0] in ("--dev", "--python"):
        if arguments.pop(0) == "--dev":
            dev = True
        else:
            python = arguments.pop(0) or None
    try:
        setup(dev, python)
    except Stop as stop:
        sys.stderr.write("%s\n" % stop)
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. The same command takes it up again.\n")
        return 130
    if not arguments:
        return 0
    if os.name == "posix":
        os.execv(VENV_PYTHON, [VENV_PYTHON] + arguments)
    return subprocess.call([VENV_PYTHON] + arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
