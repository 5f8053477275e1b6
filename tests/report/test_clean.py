import pytest

from autograder.report.clean import clean_text, clip_text, find_cause, shorten


@pytest.mark.parametrize(
    ("hostile", "cleaned"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;title\x1b\\after", "after"),
        ("\x9b31mred", "red"),
        ("a\x00b\x08c\x7f", "abc"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("\u202eevil\u202c", "[U+202E]evil[U+202C]"),
        ("\u2066x\u2069\ufeff", "[U+2066]x[U+2069][U+FEFF]"),
        ("tag\U000e0041", "tag[U+E0041]"),
        ("\ud800", "\ufffd"),
    ],
)
def test_what_could_turn_or_hide_text_is_removed_or_written_out(hostile, cleaned):
    assert clean_text(hostile) == cleaned


@pytest.mark.parametrize("text", ["김서연", "tab\tand\nline", "👩\u200d🔬", "é", "a\u00a0b"])
def test_honest_text_is_left_alone(text):
    assert clean_text(text) == text


def test_an_unfinished_escape_leaves_no_escape_character():
    assert "\x1b" not in clean_text("\x1b[31\n\x1b]0;never ended\x1b")


def test_a_long_traceback_keeps_its_end_and_says_how_much_is_gone():
    text, left_out = clip_text("\n".join(f"line {i}" for i in range(500)), lines=20)
    assert left_out == 480
    assert text.startswith("line 0\n")
    assert text.endswith("line 499")
    assert "\n…\n" in text


def test_what_keras_says_around_a_cause_is_left_out():
    told = "Exception encountered when calling Sequential.call().\n\n"
    told += "\x1b[1mInput 0 of layer 'dense' is odd\x1b[0m\n\nArguments received by Sequential.call():\n  • training=True"
    assert find_cause(told) == "Input 0 of layer 'dense' is odd"


@pytest.mark.parametrize(
    "text",
    [
        "one\n\ntwo",
        "",
        "Exception encountered when calling it",
        "Arguments received by f:\n  • x",
        "no\nArguments received by hand",
    ],
)
def test_other_messages_stay_whole(text):
    assert find_cause(text) == text


def test_one_endless_line_is_bounded():
    text, _ = clip_text("x" * 10**6)
    assert len(text) == 300


def test_many_long_lines_stay_within_the_characters():
    text, left_out = clip_text("\n".join(["y" * 290] * 60), characters=2000)
    assert len(text) < 2010
    assert left_out > 50


def test_shorten_takes_the_first_line_and_marks_the_cut():
    assert shorten("one\ntwo", 10) == "one"
    assert shorten("a" * 50, 10) == "a" * 9 + "…"
