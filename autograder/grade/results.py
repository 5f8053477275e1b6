"""From findings to the values of `result.json`."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.grade.checking import Findings
from autograder.grade.scoring import add_scores, combine_outcomes
from autograder.grade.verdict import CaseVerdict, TrainingVerdict
from autograder.grade.wording import word_case, word_question
from autograder.language import translate
from autograder.schema.assessment import AssessmentConfig
from autograder.schema.bundle import Bundle, Question, TestCase
from autograder.schema.outcome import Outcome
from autograder.schema.result import (
    QuestionResult,
    TestCaseResult,
    TrainingResult,
    name_training_case,
)

_NOT_RUN = CaseVerdict(outcome=Outcome.NOT_REACHED)


def make_question_results(
    bundle: Bundle, findings: Mapping[str, Findings], language: str
) -> tuple[QuestionResult, ...]:
    """Result of every question, in the bundle's order; of manual ones, that a person grades them.

    Args:
        bundle: of the assessment.
        findings: by the question's name; none for manual ones.
        language: of the messages.
    """
    return tuple(
        make_manual_result(question, language)
        if question.manual
        else make_question_result(findings[question.name], bundle.config, language)
        for question in bundle.questions
    )


def make_question_result(
    findings: Findings, config: AssessmentConfig, language: str
) -> QuestionResult:
    """Result of one question, worded for the student."""
    question = findings.question
    cases = _case_results(findings, config, language)
    score = add_scores(question, cases)
    outcomes = [case.outcome for case in cases]
    if findings.stopped is not None:
        outcomes.append(findings.stopped)
    elif score != question.points and any(item.error or item.stopped for item in findings.failures):
        outcomes.append(Outcome.ERROR)
    diagnosis, error = word_question(language, findings)
    outcome = combine_outcomes(outcomes, score, question.points)
    return QuestionResult(
        name=question.name,
        title=question.title.get(language, ""),
        score=score,
        points=question.points,
        outcome=Outcome.FAILED if findings.untouched else outcome,
        isolation=question.isolation,
        cpu_seconds=round(findings.meter.cpu_seconds, 3),
        wall_seconds=round(findings.meter.wall_seconds, 3),
        reference_seconds=round(findings.meter.reference_seconds, 3),
        limit_seconds=findings.meter.limit_seconds,
        message=diagnosis.message,
        next_step=diagnosis.next_step,
        error=error,
        test_cases=tuple(cases),
        training=_training_result(findings) if findings.reached else None,
    )


def make_manual_result(question: Question, language: str) -> QuestionResult:
    """A question that a person grades: no score here, and no points of the automatic part."""
    return QuestionResult(
        name=question.name,
        title=question.title.get(language, ""),
        score=0.0,
        points=0.0,
        outcome=Outcome.PASSED,
        message=translate(language, "This question is graded by a person."),
        manual=True,
    )


def _case_results(
    findings: Findings, config: AssessmentConfig, language: str
) -> list[TestCaseResult]:
    question = findings.question
    verdicts = list(findings.cases) if findings.reached else []
    default = _NOT_RUN.model_copy(
        update={"outcome": Outcome.FAILED if findings.untouched else Outcome.NOT_REACHED}
    )
    verdicts += [default] * (len(question.test_cases) - len(verdicts))
    results = [
        _case_result(case, verdict, config, language, findings)
        for case, verdict in zip(question.test_cases, verdicts, strict=True)
    ]
    if question.training is not None:
        verdict = findings.training or TrainingVerdict(outcome=default.outcome)
        results.append(_training_case(findings, verdict, config))
    return results


def _case_result(
    case: TestCase,
    verdict: CaseVerdict,
    config: AssessmentConfig,
    language: str,
    findings: Findings,
) -> TestCaseResult:
    visibility = config.visibility
    return TestCaseResult(
        name=case.name,
        outcome=verdict.outcome,
        score=_case_score(verdict.outcome, case.points),
        points=case.points,
        hidden=case.hidden,
        visibility=visibility.hidden_tests if case.hidden else visibility.public_tests,
        message="" if not findings.reached else word_case(language, case, verdict),
        staff_message=verdict.staff_message,
    )


def _case_score(outcome: Outcome, points: float) -> float | None:
    if outcome is Outcome.GRADER_ERROR:
        return None
    return points if outcome is Outcome.PASSED else 0.0


def _training_case(
    findings: Findings, verdict: TrainingVerdict, config: AssessmentConfig
) -> TestCaseResult:
    spec = findings.question.training
    assert spec is not None
    failed = verdict.outcome is Outcome.GRADER_ERROR
    return TestCaseResult(
        name=name_training_case(findings.question.name),
        outcome=verdict.outcome,
        score=None if failed else round(spec.points * verdict.share, 4),
        points=spec.points,
        visibility=config.visibility.public_tests,
        staff_message="\n".join(
            filter(None, (verdict.reason, verdict.detail, verdict.staff_message))
        ),
    )


def _training_result(findings: Findings) -> TrainingResult | None:
    spec, verdict = findings.question.training, findings.training
    if spec is None or verdict is None:
        return None
    seconds = findings.training_seconds
    return TrainingResult(
        metric=spec.metric_name,
        value=verdict.value,
        full_marks_at=spec.full_marks_at,
        no_marks_below=spec.no_marks_below,
        lower_is_better=spec.lower_is_better,
        parameters=verdict.parameters,
        max_parameters=spec.max_parameters,
        limit_seconds=findings.meter.limit_seconds,
        seconds=None if seconds is None else round(seconds * findings.meter.pace.speed, 3),
        evaluated=verdict.evaluated,
        timed_out=verdict.timed_out,
        history=verdict.history,
        confusion=verdict.confusion,
        residuals=verdict.residuals,
        spread=findings.question.spread,
    )
