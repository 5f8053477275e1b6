"""Transcripts of a single question, for tests that look at what is kept."""

from autograder.grade.transcript import KeptQuestion, Transcript


def keep_run(*exchanges, buffers=(), **fields):
    """A run in which `q1` was checked and `exchanges` passed."""
    known = {
        "key": "",
        "rebound": False,
        "untouched": False,
        "reached": True,
        "isolation": "separate",
        "limit_seconds": 9.0,
        "cell_cpu_seconds": 1.0,
        "cell_wall_seconds": 1.0,
        "cpu_seconds": 2.0,
        "wall_seconds": 2.0,
    }
    question = KeptQuestion(name="q1", exchanges=exchanges, **(known | fields))
    return Transcript(
        run_key="",
        plan_key="",
        scope_key="",
        general_limit_seconds=9,
        general_cpu_seconds=0,
        questions=(question,),
        buffers=tuple(buffers),
    )
