"""Every kind of plain value crosses unchanged, and everything else is refused by name."""

import builtins
import json
from collections import Counter, OrderedDict, defaultdict
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.errors import WireError
from autograder.wire import bounds, decoder, encoder
from autograder.wire.frame import Frame, clean_head
from autograder.wire.values import KIND, Decoder, Encoder


class NotPlainError(Exception):
    """What the tests' `encode_other` raises: the value has no plain form."""


def refuse_other(value, _encoder):
    raise NotPlainError(type(value).__name__)


def refuse_form(form, _decoder):
    raise WireError(f"{form.get(KIND)!r} is not in the protocol")


def send(value):
    writer = Encoder(refuse_other)
    frame = writer.frame({"value": writer.encode(value)})
    return Frame(clean_head(json.loads(json.dumps(frame.head, allow_nan=False))), frame.buffers)


def receive(frame):
    return Decoder(frame, refuse_form).decode(frame.head["value"])


def cross(value):
    return receive(send(value))


def decode(form, *buffers):
    return Decoder(Frame({}, buffers), refuse_form).decode(form)


def same(left, right):
    """Equal in type and value all the way down; NaN equals NaN."""
    if type(left) is not type(right):
        return False
    if isinstance(left, np.ndarray | np.generic):
        return left.dtype == right.dtype and np.array_equal(
            left, right, equal_nan=left.dtype.kind in "fcmM"
        )
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return same(list(left.items()), list(right.items()))
    return left == right or repr(left) == repr(right)


valid_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
arrays = hnp.arrays(
    dtype=st.one_of(
        hnp.boolean_dtypes(),
        hnp.integer_dtypes(),
        hnp.unsigned_integer_dtypes(),
        hnp.floating_dtypes(),
        hnp.complex_number_dtypes(),
        hnp.datetime64_dtypes(),
        hnp.timedelta64_dtypes(),
        hnp.byte_string_dtypes(max_len=5),
        hnp.unicode_string_dtypes(max_len=5),
    ),
    shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-(2**300), max_value=2**300),
    st.floats(),
    st.complex_numbers(),
    valid_text,
    st.binary(max_size=20),
    st.just(...),
    hnp.from_dtype(np.dtype("f4")),
    hnp.from_dtype(np.dtype("i8")),
)
keys = st.one_of(st.integers(), valid_text, st.booleans(), st.tuples(st.integers(), valid_text))
values = st.recursive(
    st.one_of(scalars, arrays),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(values)
def test_a_value_crosses_unchanged(value):
    assert same(cross(value), value)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        -0.0,
        2**53,
        -(2**53) - 1,
        10**1000,
        "한글 문장 🙂",
        "",
        complex("nan+1j"),
        {"이름": [1, (2.5, None)], 3: {"x": b"\x00\xff"}},
        {1, 2},
        frozenset({"가"}),
        range(3, 10, 2),
        slice(None, 5, -1),
        np.float32(0.1),
        np.longdouble(1) / 3,
        np.bool_(1),
        np.int8(-3),
        np.str_("한글"),
        np.bytes_(b"ab"),
        np.datetime64("2026-03-04T12:00:00", "ns"),
        np.timedelta64(5, "D"),
        np.zeros((0, 3), "f4"),
        np.array(7),
        np.array(["한", "글자"]),
        np.array(["2026-03-04", "NaT"], dtype="M8[D]"),
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.float64,
        np.int32,
        int,
        dict,
        np.dtype("<f4"),
        np.dtype("M8[25s]"),
    ],
    ids=repr,
)
def test_each_kind_crosses_unchanged(value):
    arrived = cross(value)
    if isinstance(value, complex):
        assert str(arrived) == str(value)
    else:
        assert same(arrived, value)


def test_negative_zero_keeps_its_sign():
    assert str(cross(-0.0)) == "-0.0"


def test_fortran_order_is_kept():
    arrived = cross(np.asfortranarray(np.arange(6).reshape(2, 3)))
    assert arrived.flags.f_contiguous
    assert not arrived.flags.c_contiguous
    assert arrived.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_view_with_strides_crosses_by_its_values():
    assert cross(np.arange(10)[::-3]).tolist() == [9, 6, 3, 0]


def test_an_arrived_array_can_be_written_to():
    arrived = cross(np.zeros(3))
    arrived[0] = 1
    assert arrived.tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    "value",
    [OrderedDict(a=1), defaultdict(list, a=[1]), Counter("abca")],
    ids=lambda v: type(v).__name__,
)
def test_standard_mappings_arrive_as_dicts(value):
    assert same(cross(value), dict(value))


def test_bytearray_arrives_as_bytes():
    assert cross(bytearray(b"ab")) == b"ab"


def test_namespace_keeps_its_names():
    arrived = cross(SimpleNamespace(x=np.ones(2), 이름="가"))
    assert arrived.x.tolist() == [1, 1]
    assert vars(arrived)["이름"] == "가"


def test_half_a_surrogate_pair_arrives_as_a_question_mark():
    assert cross("a\ud800b") == "a?b"


def test_a_list_of_thousands_of_numpy_scalars_needs_no_buffer():
    losses = [np.float32(number) for number in range(5_000)]
    frame = send(losses)
    assert frame.buffers == ()
    assert same(receive(frame), losses)


# Tables


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"길이": [1.5, np.nan], "종": ["가", "나"], "수": [1, 2]}),
        pd.DataFrame({"x": np.arange(3, dtype="f4")}, index=["a", "b", "c"]),
        pd.DataFrame({"t": pd.to_datetime(["2026-03-04", "2026-03-05"])}),
        pd.DataFrame({"x": []}, dtype="f8"),
        pd.DataFrame({("a", 1): [1, 2], ("a", 2): [3, 4]}),
    ],
    ids=range(5),
)
def test_a_table_crosses_with_columns_values_and_index(table):
    arrived = cross(table)
    assert list(arrived.columns) == list(table.columns)
    assert arrived.index.tolist() == table.index.tolist()
    for name in table.columns:
        assert same(list(arrived[name].to_numpy()), list(table[name].to_numpy()))
        assert arrived[name].dtype == table[name].dtype


def test_a_table_column_crosses_with_its_name():
    arrived = cross(pd.Series([1, 2], index=["a", "b"], name="수"))
    assert arrived.name == "수"
    assert arrived.to_dict() == {"a": 1, "b": 2}


def test_a_table_without_columns_keeps_its_index():
    assert cross(pd.DataFrame(index=[3, 4])).index.tolist() == [3, 4]


# What the sending side refuses


@pytest.mark.parametrize(
    "array",
    [
        np.array([1, "a", None], dtype=object),
        np.zeros(2, dtype=[("x", "f4")]),
        np.zeros(2, dtype="V4"),
    ],
    ids=["object", "structured", "void"],
)
def test_an_array_without_a_plain_dtype_is_refused(array):
    with pytest.raises(WireError, match="cannot cross"):
        send(array)


def test_an_array_over_the_bound_is_refused_before_it_is_copied():
    huge = np.lib.stride_tricks.as_strided(np.zeros(1), shape=(10**12,), strides=(0,))
    with pytest.raises(WireError, match="is over"):
        send(huge)


def nest(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def test_a_value_at_the_depth_bound_crosses():
    assert cross(nest(bounds.MAX_DEPTH)) == nest(bounds.MAX_DEPTH)


def test_a_value_over_the_depth_bound_is_refused():
    with pytest.raises(WireError, match="levels cannot cross"):
        send(nest(bounds.MAX_DEPTH + 1))


def test_a_list_that_holds_itself_is_refused():
    value = []
    value.append(value)
    with pytest.raises(WireError, match="levels cannot cross"):
        send(value)


def test_a_value_of_too_many_parts_is_refused(monkeypatch):
    monkeypatch.setattr(encoder, "MAX_NODES", 100)
    with pytest.raises(WireError, match="parts"):
        send([0] * 100)


def test_too_many_arrays_are_refused(monkeypatch):
    monkeypatch.setattr(encoder, "MAX_BUFFERS", 10)
    with pytest.raises(WireError, match="so many arrays"):
        send([b"x"] * 10)


def test_an_integer_over_the_bound_is_refused():
    with pytest.raises(WireError, match="bits"):
        send(1 << bounds.MAX_INT_BITS)


def test_a_text_over_the_bound_is_refused():
    with pytest.raises(WireError, match="characters"):
        send("x" * (bounds.MAX_TEXT + 1))


class FakeFloat(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class FakeText(str):
    __slots__ = ()


class FakeDict(dict):
    pass


class FakeList(list):
    pass


class FakeInt(int):
    pass


class FakeArray(np.ndarray):
    pass


class FakeScalar(np.float64):
    pass


class FakeTable(pd.DataFrame):
    pass


@pytest.mark.parametrize(
    "value",
    [
        FakeFloat(1),
        FakeText("a"),
        FakeDict(a=1),
        FakeList([1]),
        FakeInt(1),
        np.zeros(2).view(FakeArray),
        FakeScalar(1),
        np.ma.masked_array([1, 2]),
        FakeTable({"x": [1]}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_subclass_is_not_taken_for_the_plain_type(value):
    with pytest.raises(NotPlainError):
        send(value)


@pytest.mark.parametrize(
    "value",
    [object(), len, Exception("x"), np.floating, np.object_, np.dtype("O"), FakeFloat, zip()],
    ids=range(8),
)
def test_what_has_no_plain_form_goes_to_the_caller(value):
    with pytest.raises(NotPlainError):
        send(value)


def test_a_class_named_like_a_builtin_is_not_taken_for_it():
    with pytest.raises(NotPlainError):
        send(type("int", (), {}))


# What the receiving side refuses


def npy(header, data=b"", version=(1, 0)):
    text = header.encode("latin1") if isinstance(header, str) else header
    return np.lib.format.magic(*version) + len(text).to_bytes(2, "little") + text + data


def array_form(content):
    return decode({KIND: "array", "buffer": 0}, content)


def test_a_header_that_claims_a_trillion_numbers_allocates_nothing():
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }\n"
    with pytest.raises(WireError, match="size that its shape says"):
        array_form(npy(header, bytes(80)))


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (0,), }\n",
        "{'descr': '|V8', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000,), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 1000000000000000000000000), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (" + "1, " * 100 + "), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': 1, }\n",
        "{'descr': '<f8', 'fortran_order': False, }\n",
        "{'descr': 5, 'fortran_order': False, 'shape': (1,), }\n",
        "__import__('os').system('true')\n",
        "(" * 5000,
        "'unfinished",
        "",
    ],
    ids=range(14),
)
def test_a_forged_array_header_is_refused(header):
    with pytest.raises(WireError):
        array_form(npy(header, bytes(8)))


def test_another_npy_version_is_refused():
    with pytest.raises(WireError):
        array_form(
            npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", bytes(8), (3, 0))
        )


def test_a_pickled_array_is_refused_and_not_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    file = tmp_path / "bomb.npy"
    np.save(file, np.array([Bomb()], dtype=object), allow_pickle=True)
    with pytest.raises(WireError):
        array_form(file.read_bytes())
    assert not (tmp_path / "ran").exists()


@given(st.binary(max_size=200))
def test_bytes_that_are_no_array_are_refused(content):
    with pytest.raises(WireError):
        array_form(content)


def with_changed_byte(content, place, byte):
    return content[:place] + bytes([byte]) + content[place + 1 :]


@given(st.integers(0, 127), st.integers(0, 255))
@pytest.mark.filterwarnings("ignore:Reading `.npy`:UserWarning")
def test_an_array_with_a_changed_header_is_read_or_refused(place, byte):
    content = send(np.arange(4.0)).buffers[0]
    try:
        arrived = array_form(with_changed_byte(content, place, byte))
    except WireError:
        return
    assert arrived.nbytes == 32


def test_a_forged_truth_value_counts_as_one():
    header = "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }\n"
    arrived = array_form(npy(header, b"\x00\xff"))
    assert arrived.sum() == 1
    assert arrived.tobytes() == b"\x00\x01"


def test_one_buffer_unpacked_many_times_is_refused(monkeypatch):
    monkeypatch.setattr(decoder, "MAX_FRAME_BYTES", 10_000)
    buffer = send(np.zeros(100)).buffers[0]
    with pytest.raises(WireError, match="too often"):
        decode([{KIND: "array", "buffer": 0}] * 100, buffer)


@pytest.mark.parametrize("number", [1, -1, True, "0", None, 0.0, [0]], ids=repr)
def test_a_forged_buffer_number_is_refused(number):
    with pytest.raises(WireError, match="no buffer"):
        decode({KIND: "bytes", "buffer": number}, b"x")


@pytest.mark.parametrize(
    "form",
    [
        {KIND: "int", "hex": "zz"},
        {KIND: "int", "hex": 5},
        {KIND: "int", "hex": "0x" + "f" * 20_000},
        {KIND: "float", "text": "1e5"},
        {KIND: "float", "text": None},
        {KIND: "tuple"},
        {KIND: "tuple", "items": "ab"},
        {KIND: "dict", "items": [[1]]},
        {KIND: "dict", "items": [[1, 2, 3]]},
        {KIND: "dict", "items": [[[], 1]]},
        {KIND: "set", "items": [[]]},
        {KIND: "complex", "items": [1]},
        {KIND: "complex", "items": ["1", "2"]},
        {KIND: "complex", "items": [10**400, 0]},
        {KIND: "range", "items": [0, 1, 0]},
        {KIND: "range", "items": [0.5, 1, 1]},
        {KIND: "slice", "items": [1, 2, 3, 4]},
        {KIND: "namespace", "items": [[1, 2]]},
        {KIND: "type", "name": "object"},
        {KIND: "type", "name": ["int"]},
        {KIND: "numpy_type", "name": "object_"},
        {KIND: "numpy_type", "name": "memmap"},
        {KIND: "dtype", "name": "|O"},
        {KIND: "dtype", "name": "f8,O"},
        {KIND: "dtype", "name": "<f3"},
        {KIND: "dtype", "name": 8},
        {KIND: "scalar", "dtype": "<f8", "hex": "00"},
        {KIND: "scalar", "dtype": "<f8", "hex": "zz"},
        {KIND: "scalar", "dtype": "<f8"},
        {KIND: "scalar", "dtype": "|O", "hex": "0" * 16},
        {KIND: "scalar", "dtype": "<U0", "hex": ""},
        {KIND: "array"},
        {KIND: "nothing known"},
        {KIND: []},
        {"no": "kind"},
    ],
    ids=json.dumps,
)
def test_a_forged_form_is_refused(form):
    with pytest.raises(WireError):
        decode(form)


LIST, LONG = [1, 2], {KIND: "range", "items": [0, 10**12, 1]}


@pytest.mark.parametrize(
    "form",
    [
        {KIND: "frame", "columns": [["a", 5]], "index": LONG},
        {KIND: "frame", "columns": [["a", LIST]], "index": LONG},
        {KIND: "frame", "columns": [["a", LONG]], "index": LONG},
        {KIND: "frame", "columns": [["a", [1]]], "index": LIST},
        {KIND: "frame", "columns": [["a"]], "index": LIST},
        {KIND: "frame", "columns": [[[], LIST]], "index": LIST},
        {KIND: "frame", "columns": [], "index": None},
        {KIND: "frame", "index": LIST},
        {KIND: "frame", "columns": 5, "index": LIST},
        {KIND: "series", "values": 5, "index": LONG, "name": None},
        {KIND: "series", "values": LIST, "index": [1], "name": None},
        {KIND: "series", "values": LIST, "index": LIST, "name": []},
        {KIND: "series"},
    ],
    ids=json.dumps,
)
def test_a_forged_table_is_refused_without_spreading_a_value(form):
    with pytest.raises(WireError):
        decode(form)


def test_a_form_over_the_depth_bound_is_refused():
    with pytest.raises(WireError, match="levels arrived"):
        decode(nest(bounds.MAX_DEPTH + 1))


def test_a_form_of_too_many_parts_is_refused():
    with pytest.raises(WireError, match="parts"):
        decode([0] * bounds.MAX_NODES)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [KIND, "items", "buffer", "name", "hex", "columns", "index", "values", "dtype"]
            ),
            st.one_of(
                inner,
                st.sampled_from(
                    [
                        "array",
                        "dict",
                        "set",
                        "frame",
                        "series",
                        "scalar",
                        "dtype",
                        "type",
                        "int",
                        "range",
                    ]
                ),
            ),
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(json_values)
def test_any_json_is_read_or_refused(form):
    try:
        decode(form, b"x")
    except WireError:
        return


def test_every_type_that_may_cross_is_a_builtin():
    assert all(vars(builtins)[name] is kind for name, kind in bounds.PLAIN_TYPES.items())
