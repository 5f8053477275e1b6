"""Every command in README.md and docs/ is run, or held against the program that it starts."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import dask.config
import distributed.config  # noqa: F401 - its options
import pytest
import typer
from packaging.requirements import Requirement

from autograder.cli.main import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^( *)```(console|bash|sh|shell)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
CLI = typer.main.get_command(app)
OPTIONS_VARIABLES = {
    param.envvar for command in CLI.commands.values() for param in command.params if param.envvar
}
TARGETS = ["setup", "demo", "test", "check", "assignments", "bench NAME=overhead", "hostile"]


def find_commands():
    for page in PAGES:
        for _, language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            if language == "console":
                lines = [line[2:] for line in lines if line.startswith("$ ")]
            yield from (pytest.param(line, id=f"{page.name}: {line}") for line in lines)


def make(*arguments):
    """What `make` would do; the make that started these tests passes its own options on."""
    outer = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    command = ["make", "--dry-run", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def parse_autograder(arguments):
    """Raise where the command line has no such command, option or number of arguments."""
    context = CLI.make_context("autograder", list(arguments))
    name, command, rest = CLI.resolve_command(context, list(arguments))
    command.make_context(name, rest, parent=context)


def check_make(arguments):
    done = make(*arguments)
    assert done.returncode == 0, done.stderr


def check_source(arguments):
    assert arguments == [".venv/bin/activate"]
    assert "python3" in make("--always-make", "setup").stdout
    assert Path(sys.prefix, "bin", "activate").exists() or sys.prefix == sys.base_prefix


def check_pip(arguments):
    """What students install has the versions of otter-grader that releases are made for."""
    assert arguments[0] == "install"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = {one.name: one for one in map(Requirement, project["dependencies"])}
    for wanted in map(Requirement, arguments[1:]):
        if wanted.name != "jupyterlab":
            assert wanted.name in ours
        if wanted.name == "otter-grader":
            assert wanted.specifier == ours[wanted.name].specifier


def check_dask(arguments):
    """Dask's own command line knows the command and its options."""
    name, *rest = arguments
    (found,) = entry_points(group="dask_cli", name=name)
    known = {option for param in found.load().params for option in param.opts}
    known |= {option for param in found.load().params for option in param.secondary_opts}
    assert {word for word in rest if word.startswith("--")} <= known


def check_export(arguments):
    """A variable that Dask reads has the name of one of its options."""
    for argument in arguments:
        if argument.startswith("AUTOGRADER_"):
            assert argument.partition("=")[0] in OPTIONS_VARIABLES
            continue
        name = argument.partition("=")[0].removeprefix("DASK_").lower().split("__")
        assert dask.config.get(".".join(name), "none") != "none", argument


CHECKS = {
    "dask": check_dask,
    "export": check_export,
    "autograder": parse_autograder,
    "make": check_make,
    "source": check_source,
    "pip": check_pip,
}


@pytest.mark.parametrize("command", list(find_commands()))
def test_documented_command_exists_with_its_options(command):
    program, *arguments = shlex.split(command, comments=True)
    assert program in CHECKS, f"nothing checks `{program}`; add it to CHECKS"
    CHECKS[program](arguments)


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["grade", "a01_digits"], ["report", "a01_digits", "--nonsense"]]
)
def test_a_command_that_does_not_exist_would_be_noticed(arguments):
    with pytest.raises(Exception, match=r"No such|Missing"):
        parse_autograder(arguments)


def test_a_make_target_that_does_not_exist_would_be_noticed():
    assert make("frobnicate").returncode != 0


@pytest.mark.parametrize("target", TARGETS)
def test_make_target_exists(target):
    assert make(*target.split()).returncode == 0


@pytest.mark.parametrize("target", ["demo", "test", "check", "bench", "hostile"])
def test_make_target_sets_up_by_itself(target):
    recipe = make("--always-make", target, "NAME=overhead").stdout
    assert "-m venv .venv" in recipe
    assert "-c constraints.txt -e" in recipe


def test_readme_names_one_command_for_the_main_job_and_one_for_the_tests():
    commands = [param.values[0] for param in find_commands() if param.id.startswith("README")]
    assert commands[:2] == ["make demo", "make test"]


def test_assessments_of_readme_commands_are_there():
    commands = [param.values[0] for param in find_commands() if param.id.startswith("README")]
    named = {word for line in commands for word in re.findall(r"\b[ax]\d\d_\w+", line)}
    assert named
    assert all((ROOT / "solutions" / name).is_dir() for name in named)


def test_commands_in_the_text_exist():
    known = set(CLI.commands)
    for page in PAGES:
        for name in re.findall(r"`autograder ([a-z]+)", page.read_text(encoding="utf-8")):
            assert name in known, f"{page.name}: autograder {name}"


def test_no_registry_host_is_named_by_what_installs():
    for name in ("Makefile", "constraints.txt", ".ci/run", ".pre-commit-config.yaml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://|file:|--index|--find-links|--extra-index", text), name


def test_constraints_pin_every_direct_dependency():
    pins = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
    pins = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pins.items()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    for requirement in map(Requirement, wanted):
        if requirement.marker is None or requirement.marker.evaluate():
            assert requirement.specifier.contains(pins[requirement.name]), requirement.name
