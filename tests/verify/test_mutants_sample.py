"""Which mutants are tried: bounded, spread over questions and kinds, the same each time."""

from __future__ import annotations

from autograder.verify.mutants import Kind, Mutant, sample_mutants

KINDS = (Kind.OPERATOR, Kind.AXIS, Kind.CONSTANT)


def make(question, kinds):
    stub = [Mutant(f"{question}-0", question, Kind.STUB, "c", None, "", "", {})]
    return stub + [
        Mutant(f"{question}-{number}", question, kind, "c", 1, "a", "b", {})
        for number, kind in enumerate(kinds, start=1)
    ]


MUTANTS = [*make("q1", [Kind.OPERATOR] * 20 + [Kind.AXIS]), *make("q2", KINDS * 8), *make("q3", [])]


def test_all_are_tried_where_there_are_few():
    sample = sample_mutants(MUTANTS, 1000)
    assert sample.mutants == tuple(MUTANTS)
    assert sample.left_out == {}


def test_every_stub_comes_first_and_every_kind_has_its_turn():
    sample = sample_mutants(MUTANTS, 11)
    assert len(sample.mutants) == 11
    of = {name: [m for m in sample.mutants if m.question == name] for name in ("q1", "q2", "q3")}
    assert [len(of[name]) for name in of] == [5, 5, 1]
    assert {mutant.kind for mutant in of["q1"]} == {Kind.STUB, Kind.OPERATOR, Kind.AXIS}
    assert {mutant.kind for mutant in of["q2"]} == {Kind.STUB, *KINDS}
    assert sample.left_out == {"q1": 17, "q2": 20}


def test_what_one_question_does_not_need_goes_to_the_others():
    few = [*make("q1", KINDS), *make("q2", KINDS * 8)]
    sample = sample_mutants(few, 20)
    assert sum(mutant.question == "q1" for mutant in sample.mutants) == 4
    assert len(sample.mutants) == 20


def test_the_same_are_chosen_each_time_and_others_with_another_seed():
    first, again, other = (sample_mutants(MUTANTS, 12, seed) for seed in (0, 0, 1))
    assert first == again
    assert first.mutants != other.mutants


def test_they_stay_in_the_order_of_the_notebook():
    order = {mutant.name: number for number, mutant in enumerate(MUTANTS)}
    numbers = [order[mutant.name] for mutant in sample_mutants(MUTANTS, 15).mutants]
    assert numbers == sorted(numbers)
