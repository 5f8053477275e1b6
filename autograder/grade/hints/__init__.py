"""What is known about failures in students' code, as tables of small rules.

The first rule that applies is told. The order is from causes to symptoms: a placeholder raises
whatever Python makes of it; code for an old version is told by names that only it uses; a foreign
path or a missing module hides what comes after it; then shapes; everyday mistakes stand last.
"""

from autograder.grade.hints import machine, migration, placeholder, shape, usage
from autograder.grade.hints.rule import Failure, Rule

RULES: tuple[Rule, ...] = (
    *placeholder.RULES,
    *migration.RULES,
    *machine.RULES,
    *shape.RULES,
    *usage.RULES,
)

__all__ = ["RULES", "Failure", "Rule"]
