"""Mutants: the solution with one thing wrong in it, to see whether the tests notice.

Our own small set of mutators on `ast`: the known libraries change packages that a test suite
imports, not cells of a notebook, and know no axis, layer, activation or loss.
"""

from autograder.verify.mutants.allowed import mark_allowed
from autograder.verify.mutants.answer import find_answers
from autograder.verify.mutants.limits import limit_bundle
from autograder.verify.mutants.maker import make_mutants
from autograder.verify.mutants.mutant import Kind, Mutant
from autograder.verify.mutants.reading import Mutants, read_mutants
from autograder.verify.mutants.sample import Sample, sample_mutants
from autograder.verify.mutants.trial import Fate, Trial, Tried, judge_mutant, share_killed

__all__ = [
    "Fate",
    "Kind",
    "Mutant",
    "Mutants",
    "Sample",
    "Trial",
    "Tried",
    "find_answers",
    "judge_mutant",
    "limit_bundle",
    "make_mutants",
    "mark_allowed",
    "read_mutants",
    "sample_mutants",
    "share_killed",
]
