"""Requests to the agent of a real kernel: what students' functions do comes back as data."""

import numpy as np
import pytest

from autograder.sandbox.base import KernelDiedError
from autograder.wire.frame import Frame
from autograder.wire.values import Decoder, Encoder


def refuse(form, _decoder):
    raise AssertionError(form)


def call(live, name, *args):
    """Reply of calling function `name`, with all its plain values read."""
    writer = Encoder(refuse)
    head = {"op": "call", "ref": live.ref(name), "args": [writer.encode(arg) for arg in args]}
    reply = live.wait(live.kernel.ask(writer.frame(head)))
    reader = Decoder(reply, refuse)
    changed = {number: reader.decode(form) for number, form in reply.head["changed"].items()}
    return reader.decode(reply.head["value"]), changed


def test_a_value_is_given_by_its_name(live):
    live.run("x = {'한글': [1, 2.5]}")
    assert live.ask("get", name="x") == {"value": {"$": "dict", "items": [["한글", [1, 2.5]]]}}


def test_a_missing_name_is_told(live):
    assert live.ask("get", name="nowhere") == {"missing": "nowhere"}


def test_arrays_cross_both_ways(live):
    live.run("def double(a):\n    print('noise')\n    return a * 2")
    value, changed = call(live, "double", np.arange(3.0))
    assert value.tolist() == [0, 2, 4]
    assert changed == {}


def test_an_array_changed_in_place_comes_back(live):
    live.run("def clear(a, b):\n    b[:] = 0")
    value, changed = call(live, "clear", np.ones(2), np.ones(3))
    assert value is None
    assert {number: array.tolist() for number, array in changed.items()} == {"1": [0, 0, 0]}


def test_an_array_of_megabytes_crosses(live):
    live.run("import numpy as np\nbig = np.arange(2_000_000, dtype='f8')")
    reply = live.wait(live.kernel.ask(Frame({"op": "get", "name": "big"})))
    array = Decoder(reply, refuse).decode(reply.head["value"])
    assert array.nbytes == 16_000_000
    assert array[-1] == 1_999_999


def test_an_exception_comes_back_with_the_students_own_lines(live):
    live.run(
        "class Odd(ValueError): pass\ndef inner(a):\n    raise Odd('이상해')\ndef outer(a):\n    return inner(a)"
    )
    error = live.ask("call", ref=live.ref("outer"), args=[1])["error"]
    assert (error["name"], error["text"]) == ("Odd", "이상해")
    assert error["builtins"] == ["ValueError", "Exception", "BaseException", "object"]
    assert error["traceback"] == (
        "Traceback (most recent call last):\n"
        "  Notebook, line 5, in outer\n    return inner(a)\n"
        "  Notebook, line 3, in inner\n    raise Odd('이상해')\n"
        "Odd: 이상해"
    )


def test_an_exception_whose_text_raises_is_an_exception_all_the_same(live):
    live.run("class Odd(Exception):\n    def __str__(self): raise self\ndef f(): raise Odd")
    error = live.ask("call", ref=live.ref("f"))["error"]
    assert (error["name"], error["text"]) == ("Odd", "")


def test_an_exception_with_half_a_surrogate_pair_is_no_forgery(live):
    live.run("def f(): raise ValueError('a\\ud800')")
    assert live.ask("call", ref=live.ref("f"))["error"]["text"] == "a?"


def test_a_value_that_cannot_cross_is_refused_with_the_reason(live):
    live.run("odd = np.array([None])")
    assert live.ask("get", name="odd") == {
        "refused": "an array of dtype object cannot cross; make it numeric"
    }


def test_exiting_within_a_call_is_an_exception(live):
    live.run("import sys\ndef leave(): sys.exit('bye')")
    assert live.ask("call", ref=live.ref("leave"))["error"]["name"] == "SystemExit"
    assert live.evaluate("1") == "1"


def test_an_endless_call_can_be_interrupted(live):
    live.run("def forever():\n    while True: pass")
    request = Frame({"op": "call", "ref": live.ref("forever")})

    reply = live.interrupt(live.kernel.ask(request))
    assert reply.head["error"]["name"] == "KeyboardInterrupt"
    assert live.ask("get", name="nowhere") == {"missing": "nowhere"}


def test_a_shared_test_runs_in_the_kernel(live):
    live.run("def add(a, b): return a + b")
    assert live.ask("shared_test", source="add(1, 2)\nadd(2, 2)", style="ok") == {"value": "3\n4\n"}
    test = "def test_add(add):\n    assert add(1, 1) == 3, 'wrong'"
    assert live.ask("shared_test", source=test, style="exception")["error"]["text"] == "wrong"


def test_random_numbers_follow_the_seed(live):
    live.run("import numpy as np\ndef draw(): return float(np.random.rand())")
    ref = live.ref("draw")
    live.ask("seed", seed=5)
    first = live.ask("call", ref=ref)
    live.ask("seed", seed=5)
    assert live.ask("call", ref=ref) == first
    assert live.ask("call", ref=ref) != first


def test_every_cell_starts_from_the_same_seed(live):
    draw = "import numpy as np\nprint(np.random.rand())"
    assert live.run(draw).outputs == live.run(draw).outputs


def test_bindings_tell_whether_a_name_was_bound_anew(live):
    live.run("model = [1]")
    before = live.ask("bindings", names=["model", "nowhere"])
    live.run("model.append(2)")
    assert live.ask("bindings", names=["model", "nowhere"]) == before
    live.run("model = [1, 2]")
    assert live.ask("bindings", names=["model", "nowhere"]) != before


def test_an_unknown_request_is_refused(live):
    assert live.ask("eval", source="1") == {"refused": "'eval' is not in the protocol"}


def test_the_kernels_end_within_a_call_is_told(open_kernel):
    with open_kernel(preload=("colorsys",)) as live:
        live.run("import os\ndef f(): os._exit(3)")
        ref = live.ref("f")
        with pytest.raises(KernelDiedError):
            live.ask("call", ref=ref)
