"""`autograder doctor`: what works on this machine, tried, and what to do about the rest."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from contextlib import closing

import psutil
from rich.markup import escape
from rich.table import Table

from autograder import doctor
from autograder.cli.console import console, notes
from autograder.errors import GraderError
from autograder.machine import count_cores
from autograder.sandbox.base import SandboxOptions
from autograder.sandbox.engine import find_engine
from autograder.sandbox.walls import PROTECTIONS, list_unprotected, parse_minimum
from autograder.sites import choose_sandbox, open_sandbox


def examine_machine(sandbox: str, walls: str | None, *, as_json: bool) -> int:
    """Examine; exit code 1 where less than the minimum holds, or a wall is broken."""
    minimum = parse_minimum(walls)
    name = sandbox or choose_sandbox()
    with notes.status(f"{name}: running into every wall"):
        options = SandboxOptions(minimum=())
        with closing(open_sandbox(name, options)) as opened:
            examined = doctor.examine(opened, minimum)
    machine = _describe_machine()
    broken = [item.wall for item in examined.findings if item.broken]
    if as_json:
        data = {"machine": machine, **examined.model_dump(mode="json"), "broken": broken}
        console.print_json(data=data)
    else:
        _tell(machine, examined, minimum)
    return 1 if broken or examined.missing or examined.failure else 0


def _describe_machine() -> dict[str, str]:
    memory = psutil.virtual_memory()
    try:
        engine = find_engine().version
    except GraderError as error:
        engine = f"none ({error})"
    user = "root" if os.geteuid() == 0 else f"user {os.geteuid()}"
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}, {user}",
        "python": platform.python_version(),
        "cores": str(count_cores()),
        "memory": f"{memory.available / 2**30:.1f} of {memory.total / 2**30:.1f} GiB free",
        "container engine": engine,
    }


def _tell(machine: dict[str, str], examined: doctor.Examination, minimum: Sequence[str]) -> None:
    facts = Table(show_header=False, show_edge=False, box=None)
    for name, text in machine.items():
        facts.add_row(f"[dim]{name}[/]", escape(text))
    if examined.training_seconds is not None:
        speed = f"{examined.training_seconds:.2f} s for a small training"
        facts.add_row("[dim]Keras[/]", f"{examined.keras}, {speed}")
    console.print(facts)
    console.print()
    if examined.failure:
        console.print(f"[red]✗[/] {examined.sandbox}: {escape(examined.failure)}", soft_wrap=True)
        return
    console.print(_tabulate(examined))
    console.print()
    held = [item.wall for item in examined.findings if item.held]
    open_names = {item.name for item in list_unprotected(held)}
    for item in PROTECTIONS:
        mark = "[red]✗ not protected:[/]" if item.name in open_names else "[green]✓ protected:[/]"
        console.print(f"{mark} {item.of}", highlight=False)
    if examined.missing:
        names = ", ".join(examined.missing)
        console.print(
            f"[red]✗[/] below the minimum ({', '.join(minimum)}): {names}. "
            "`autograder grade` refuses to run student code here.",
            soft_wrap=True,
            highlight=False,
        )


def _tabulate(examined: doctor.Examination) -> Table:
    table = Table(title=f"Walls of `{examined.sandbox}`", title_justify="left", show_edge=False)
    for name in ("", "wall", "what ran into it met", "to have it"):
        table.add_column(name, overflow="fold")
    for item in examined.findings:
        mark = "[green]✓[/]" if item.held else "[bold red]broken[/]" if item.broken else "[red]✗[/]"
        table.add_row(mark, item.wall, escape(item.met), escape(item.advice))
    return table
