"""A class with variants: each submission is graded, kept and scored again as its own."""

from __future__ import annotations

import pytest

from autograder import pipeline
from autograder.bulk.audience import Audience
from autograder.notebook import make_code_cell, make_notebook, serialize_notebook
from autograder.schema import AssessmentConfig, Submission
from autograder.variants.handed_out import Given, HandedOut, write_handed_out
from autograder.variants.pool import POOL_FILE, Built, Pool, find_folder
from tests.bulk.making import ASSESSMENT, Room
from tests.grade.conftest import case, question, write_bundle

RED, BLUE = "00000000000a", "00000000000b"


def write_pool(room: Room, **contents: str) -> None:
    """A pool of red and blue variants with these bundle hashes."""
    folder = find_folder(room.course, ASSESSMENT)
    asked = [question("q1", case("def test_it(f):\n    assert f(1) == 2", points=9.0))]
    config = AssessmentConfig(language="en")
    built = []
    for name, content in ((RED, contents.get("red")), (BLUE, contents.get("blue"))):
        if content:
            own = folder / name / "bundle"
            own.mkdir(parents=True, exist_ok=True)
            write_bundle(own, asked, content=content, config=config, variant=name)
            built.append(Built(name=name, values={}, bundle=content))
    pool = Pool(assessment=ASSESSMENT, variants=tuple(built))
    (folder / POOL_FILE).write_text(pool.model_dump_json(), "utf-8")


@pytest.fixture
def varied(room):
    write_pool(room, red="sha256:red1", blue="sha256:blue1")
    given = (Given(student="kim", variant=RED), Given(student="lee", variant=BLUE))
    write_handed_out(find_folder(room.course, ASSESSMENT), HandedOut(students=given))
    return room


def submit(name: str, text: str, variant: str) -> Submission:
    notebook = make_notebook([make_code_cell(text)])
    if variant:
        notebook.metadata["autograder"] = {"edition": "en", "variant": variant}
    return Submission(name=name, student=name, notebook=serialize_notebook(notebook))


def grade(room, *submissions):
    results = pipeline.grade_class(room.open_book(), submissions, Audience())
    return {result.submission: result for result in results}


def test_each_is_graded_with_the_bundle_of_its_variant(varied):
    kim, lee = submit("kim", "score = 3", RED), submit("lee", "score = 3", BLUE)
    found = grade(varied, kim, lee)
    assert (found["kim"].variant, found["kim"].bundle) == (RED, "sha256:red1")
    assert (found["lee"].variant, found["lee"].bundle) == (BLUE, "sha256:blue1")
    assert varied.graded() == ["kim", "lee"]
    assert grade(varied, kim, lee) == found
    assert varied.graded() == ["kim", "lee"]


def test_equal_notebooks_of_two_variants_are_not_copies(varied):
    found = grade(varied, submit("kim", "score = 3", ""), submit("lee", "score = 3", ""))
    assert [found["kim"].variant, found["lee"].variant] == [RED, BLUE]
    assert varied.graded() == ["kim", "lee"]


def test_a_copy_of_anothers_notebook_is_of_its_variant_and_flagged(varied):
    kim = submit("kim", "score = 3", RED)
    copy = Submission(name="lee", student="lee", notebook=kim.notebook)
    for _ in range(2):
        found = grade(varied, kim, copy)
        assert (found["lee"].variant, found["lee"].allocated) == (RED, BLUE)
        assert (found["lee"].score, found["kim"].notices) == (3, ())
        (notice,) = found["lee"].notices
        assert BLUE in notice
    assert varied.graded() == ["kim"]
    assert BLUE in (varied.results / "lee" / "feedback.html").read_text("utf-8")
    page = (varied.results / "class.html").read_text("utf-8")
    assert "1 submission is of another variant than its student was given" in page


def test_a_variant_that_nobody_knows_costs_nothing_and_is_told_to_staff(varied):
    park = submit("park", "score = 3", "unheard")
    found = grade(varied, park)["park"]
    assert (found.outcome, found.score) == ("grader_error", None)
    assert "its notebook says variant unheard, which is not in the pool" in found.staff_message
    given = HandedOut(students=(Given(student="park", variant=RED),))
    write_handed_out(find_folder(varied.course, ASSESSMENT), given)
    assert grade(varied, park)["park"].variant == RED


def propose(room, since=""):
    return pipeline.propose_regrade(room.open_book(), Audience(), since)


def test_a_regrade_is_of_the_variants_whose_bundle_changed(varied):
    grade(varied, submit("kim", "score = 3", RED), submit("lee", "score = 4", BLUE))
    assert propose(varied).regrade is None
    write_pool(varied, red="sha256:red2", blue="sha256:blue1")
    proposal = propose(varied)
    assert (proposal.regrade.submissions, proposal.regrade.to_bundle) == (1, "sha256:red2")
    pipeline.settle_regrade(varied.open_book())
    found = {result.submission: result for result in pipeline.load_results(varied.open_book())}
    assert (found["kim"].bundle, found["kim"].variant) == ("sha256:red2", RED)
    assert found["lee"].bundle == "sha256:blue1"


def test_a_regrade_since_names_one_variants_bundle(varied):
    grade(varied, submit("kim", "score = 3", RED), submit("lee", "score = 4", BLUE))
    write_pool(varied, red="sha256:red2", blue="sha256:blue2")
    assert propose(varied, "blue").regrade.submissions == 1
    assert propose(varied).regrade.submissions == 2


def test_a_result_of_a_variant_that_is_gone_stays_and_is_told(varied):
    grade(varied, submit("kim", "score = 3", RED), submit("lee", "score = 4", BLUE))
    write_pool(varied, blue="sha256:blue1")
    proposal = propose(varied)
    assert proposal.failed == {"kim": f"its variant {RED} is not in the pool any more"}
    assert proposal.regrade is None
