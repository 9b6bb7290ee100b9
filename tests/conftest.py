"""What every test folder shares: missing parts named in the skip reason, paths, Chromium."""
from __future__ import annotations

import importlib.metadata as metadata
import os
from pathlib import Path

import pytest

from cmelab.doctor import find_chromium

ROOT = Path(__file__).resolve().parent.parent
# Set where everything is meant to be installed: a browser test that skips is then a failure.
REQUIRE_BROWSER = os.environ.get("CMELAB_REQUIRE_BROWSER", "") not in ("", "0")

browser_tests_passed = 0
browser_modules_skipped: list[str] = []


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the clone."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; mark the test `needs("chromium")`."""
    found = find_chromium()
    assert found, "the fixture `chromium` is used by a test that is not marked needs('chromium')"
    return found


def missing(part: str) -> str:
    """Why a part cannot be used, with the cure; empty where it is there."""
    if part == "chromium":
        return "" if find_chromium() else "chromium is not installed (sudo apt install chromium)"
    try:
        metadata.version(part)
    except metadata.PackageNotFoundError:
        return f"{part} is not installed (pip install {part})"
    return ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for part in marker.args:
            if reason := missing(part):
                pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    report = yield
    if item.get_closest_marker("browser") and REQUIRE_BROWSER and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CMELAB_REQUIRE_BROWSER is set, and this browser test skipped: {reason}"
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Counts where the summary is written: with several workers that process runs no test, but sees every report."""
    global browser_tests_passed
    browser_tests_passed += report.when == "call" and report.passed and "browser" in report.keywords


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped and "browser" in report.nodeid:
        browser_modules_skipped.append(report.nodeid)


def browser_trouble() -> str:
    """What a run that requires a browser must not hide: tests that were never collected skip without a word."""
    if not REQUIRE_BROWSER:
        return ""
    if browser_modules_skipped:
        return f"CMELAB_REQUIRE_BROWSER is set, and {', '.join(browser_modules_skipped)} skipped as a whole."
    return "" if browser_tests_passed else "CMELAB_REQUIRE_BROWSER is set, and no browser test passed."


def pytest_sessionfinish(session: pytest.Session) -> None:
    is_worker = hasattr(session.config, "workerinput")
    if not is_worker and browser_trouble() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if trouble := browser_trouble():
        terminalreporter.write_line(trouble, red=True)
