"""Pairs of submissions whose code is more alike than chance in this class explains.

A pair is a reason to look, never a proof: friends who planned together, one good answer in the
lecture, or a short assignment all make code alike. Only code is compared; text, outputs and
what the released notebook already held are left out.

Token n-grams weighted by TF-IDF, compared by cosine, rather than winnowing (Schleimer, Wilkerson
& Aiken 2003): a class is small enough to keep every n-gram, and the weights take down what many
students write alike. Being sets, they do not see the order of cells and statements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from autograder.report.class_report.code_tokens import Cell, read_cells, read_given
from autograder.report.class_report.item_analysis import Array

GRAM = 12  # tokens; 5 to 12 were tried, and longer ones part copies from honest code best
FEWEST_GRAMS = 40  # a student's own; with less code everything is alike
FEWEST_NOTEBOOKS = 8  # below this a class tells nothing about chance
Z_LEVEL = 4.0
FLOOR = 0.45  # a pair less alike than this is never named
_MOST_PAIRS = 20
_COMMON = 0.3  # share of the class that makes an n-gram nobody's own
_NORMAL = NormalDist()
_BLOCK = 2**22  # numbers of a part of the matrix of n-grams, which is mostly zeros
Gram = tuple[str, ...]
Places = np.ndarray[Any, np.dtype[np.intp]]


@dataclass(frozen=True)
class Passage:
    """Two cells that share code.

    Attributes:
        numbers: of the code cells, from 1.
        first: lines of the first, each with whether it holds shared code.
        second: of the second.
        shared: number of n-grams in common that are not common in the class.
    """

    numbers: tuple[int, int]
    first: tuple[tuple[str, bool], ...]
    second: tuple[tuple[str, bool], ...]
    shared: int


@dataclass(frozen=True)
class Pair:
    """Two submissions: cosine of their code from 0 to 1, robust z-score among all pairs."""

    first: str
    second: str
    cosine: float
    z: float
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class Similarity:
    """What a comparison of a class found.

    Attributes:
        pairs: above the level, most alike first; only the first have passages.
        found: number of pairs above the level, of which `pairs` may be a part.
        compared: submissions with enough code of their own.
        left_out: submissions that could not be read or have too little code of their own.
        level: cosine above which hardly a pair is expected by chance, and at least `FLOOR`.
        typical: median cosine of all pairs.
        cosines: of all pairs.
    """

    pairs: tuple[Pair, ...]
    found: int
    compared: int
    left_out: int
    level: float
    typical: float
    cosines: Array


def find_similar_pairs(
    notebooks: Mapping[str, bytes], released: bytes | None, *, passages: int = 10
) -> Similarity | None:
    """Compare every pair of `notebooks`; O(n²) in a matrix product.

    Args:
        notebooks: submitted notebooks by the name of the submission.
        released: the notebook that students got; its code counts for nobody.
        passages: for how many of the pairs shared code is looked up.

    Returns:
        None where fewer than `FEWEST_NOTEBOOKS` can be compared.
    """
    given = read_given(released or b"")
    old = _collect(read_cells(released or b"") or ())
    codes = {name: read_cells(content, given) for name, content in sorted(notebooks.items())}
    grams = {name: _own_grams(cells, old) for name, cells in codes.items() if cells}
    names = [name for name, own in grams.items() if len(own) >= FEWEST_GRAMS]
    if len(names) < FEWEST_NOTEBOOKS:
        return None
    matrix = compare([grams[name] for name in names])
    above = np.triu_indices(len(names), 1)
    cosines = matrix[above]
    z, level = judge_by_chance(cosines)
    order = [i for i in np.argsort(-cosines, kind="stable") if cosines[i] >= level]
    rare = _find_rare([grams[name] for name in names])
    pairs = []
    for rank, i in enumerate(order[:_MOST_PAIRS]):
        first, second = names[above[0][i]], names[above[1][i]]
        shown: tuple[Passage, ...] = ()
        if rank < passages:
            shared = grams[first].keys() & grams[second].keys() & rare
            shown = find_passages(codes[first] or (), codes[second] or (), shared)
        pairs.append(Pair(first, second, float(cosines[i]), float(z[i]), shown))
    return Similarity(
        pairs=tuple(pairs),
        found=len(order),
        compared=len(names),
        left_out=len(notebooks) - len(names),
        level=level,
        typical=float(np.median(cosines)),
        cosines=cosines,
    )


def judge_by_chance(cosines: Array) -> tuple[Array, float]:
    """Robust z-scores of `cosines`, and the level above which chance alone gives hardly a pair.

    z is (value - median) / (1.4826 · MAD) of arcsin √cosine, which makes the spread of shares
    about even. The level is at z = `Z_LEVEL`, or further out where a normal tail over all pairs
    would still hold one pair. Median and MAD do not move while copies are few among the pairs.

    Measured on generated classes (tests/report/class_report): copies with other names, comments
    and order of cells lie at z = 4.2 to 8, the most alike honest pair of 30 to 300 at 2.2 to 3.7.
    """
    even = np.arcsin(np.sqrt(np.clip(cosines, 0, 1)))
    middle = float(np.median(even))
    spread = float(np.median(np.abs(even - middle)) / _NORMAL.inv_cdf(0.75)) or 1e-3
    limit = middle + spread * max(Z_LEVEL, -float(_NORMAL.inv_cdf(1 / len(cosines))))
    level = float(np.sin(min(limit, np.pi / 2)) ** 2)
    return (even - middle) / spread, max(FLOOR, level)


def _collect(cells: Sequence[Cell]) -> Counter[Gram]:
    """Number of each n-gram in `cells`; none reaches over the end of a cell."""
    counts: Counter[Gram] = Counter()
    for cell in cells:
        counts.update(_list_grams(cell))
    return counts


def _list_grams(cell: Cell) -> list[Gram]:
    texts = [token.text for token in cell.tokens]
    return [tuple(texts[i : i + GRAM]) for i in range(len(texts) - GRAM + 1)]


def _own_grams(cells: Sequence[Cell], given: Counter[Gram]) -> Counter[Gram]:
    return Counter({gram: n for gram, n in _collect(cells).items() if gram not in given})


def compare(grams: Sequence[Counter[Gram]]) -> Array:
    """Cosines of all pairs, of n-gram counts weighted by ln((1 + n) / (1 + d)) + 1.

    n is the number of notebooks and d that of those which hold the n-gram (smoothed TF-IDF). Each
    n-gram of a notebook counts once: `TfidfVectorizer(analyzer=list)` on the same gives the same,
    but importing scikit-learn, and SciPy for its sparse matrices, takes longer than everything else
    that a class page needs. So the matrix is multiplied in dense parts, of n-grams that two have.
    """
    columns: dict[Gram, int] = {}
    places = [[columns.setdefault(gram, len(columns)) for gram in own] for own in grams]
    rows = np.repeat(np.arange(len(grams)), [len(own) for own in places])
    cells = np.concatenate([np.asarray(own, dtype=np.intp) for own in places])
    having = np.bincount(cells, minlength=len(columns))
    weights = (np.log((1 + len(grams)) / (1 + having)) + 1)[cells]
    lengths = np.sqrt(np.bincount(rows, weights=weights**2, minlength=len(grams)))
    shared = having[cells] > 1
    numbers = np.cumsum(having > 1) - 1
    values = (weights / lengths[rows])[shared]
    cosines = _multiply(rows[shared], numbers[cells[shared]], values, len(grams))
    np.fill_diagonal(cosines, 1.0)
    return np.asarray(np.clip(cosines, 0.0, 1.0), dtype=np.float64)


def _multiply(rows: Places, columns: Places, values: Array, size: int) -> Array:
    """M Mᵀ of the matrix M of `size` rows that has `values` at `rows` and `columns`."""
    product = np.zeros((size, size))
    order = np.argsort(columns, kind="stable")
    rows, columns, values = rows[order], columns[order], values[order]
    width = max(1, _BLOCK // size)
    for start in range(0, int(columns.max(initial=-1)) + 1, width):
        of_part = slice(*np.searchsorted(columns, (start, start + width)))
        part = np.zeros((size, width))
        part[rows[of_part], columns[of_part] - start] = values[of_part]
        product += part @ part.T
    return product


def _find_rare(grams: Sequence[Counter[Gram]]) -> set[Gram]:
    """N-grams that few of the class have: what may be shown as shared by two."""
    having = Counter(gram for own in grams for gram in own)
    limit = max(2.0, _COMMON * len(grams))
    return {gram for gram, count in having.items() if count <= limit}


def find_passages(
    first: Sequence[Cell], second: Sequence[Cell], shared: set[Gram], *, most: int = 3
) -> tuple[Passage, ...]:
    """The cells of two notebooks that share most of `shared`, each cell used once."""
    ours = {cell.number: set(_list_grams(cell)) & shared for cell in first}
    theirs = {cell.number: set(_list_grams(cell)) & shared for cell in second}
    counts = sorted(
        ((len(ours[a] & theirs[b]), -a, -b) for a in ours if ours[a] for b in theirs), reverse=True
    )
    cells = {cell.number: cell for cell in first}, {cell.number: cell for cell in second}
    used: tuple[set[int], set[int]] = (set(), set())
    passages: list[Passage] = []
    for count, a, b in ((count, -a, -b) for count, a, b in counts if count):
        if a in used[0] or b in used[1] or len(passages) == most:
            continue
        used[0].add(a)
        used[1].add(b)
        common = ours[a] & theirs[b]
        lines = _mark_lines(cells[0][a], common), _mark_lines(cells[1][b], common)
        passages.append(Passage((a, b), *lines, count))
    return tuple(passages)


def _mark_lines(cell: Cell, common: set[Gram]) -> tuple[tuple[str, bool], ...]:
    marked: set[int] = set()
    for i, gram in enumerate(_list_grams(cell)):
        if gram in common:
            marked.update(token.line for token in cell.tokens[i : i + GRAM])
    return tuple((line, number in marked) for number, line in enumerate(cell.lines))
