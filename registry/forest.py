"""Boosted trees read from LightGBM's text into flat arrays, and their exact contributions.

Contributions are Shapley values of the path-dependent game of TreeSHAP (Lundberg et al. 2020, Nat Mach Intell 2:56-67):
a predictor outside the coalition lets a person go down both ways, in the shares of the people of training. If each
predictor is in the coalition with probability t, a leaf of value v is worth

    v * product over the predictors of its path of (share + t * (met - share))

where `share` is the part of the people of training who pass the path's splits on that predictor, and `met` is 1 if the
person does, else 0. A Shapley value is the integral over t from 0 to 1 of what the predictor changes. That is a
polynomial, so Gauss and Legendre's rule is exact with few points: 2 for up to 4 predictors on a path. One pass down and
one up a tree serve all its leaves (Yu et al. 2022, "Linear TreeShap", NeurIPS). All factors are known when the trees
are read; a person only chooses between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry import kernel

BY_LEVEL, DEFAULT_LEFT, MISSING = 1, 2, 12  # bits of LightGBM's decision_type
ZERO_IS_MISSING, NAN_IS_MISSING = 4, 8  # values of the bits MISSING

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class TreesRefused(ValueError):
    """A LightGBM text that is damaged or holds something that we do not read."""


@dataclass(frozen=True)
class Forest:
    """All trees, one after the other, as arrays that `registry.kernel` walks."""

    predictors: int
    base: float
    first: Integers
    splits: NDArray[np.int32]
    cuts: Floats
    levels: NDArray[np.uint32]
    leaves: Floats
    nodes: NDArray[np.int32]
    steps: Floats

    @property
    def trees(self) -> int:
        return len(self.first) - 1

    def log_odds(self, values: NDArray[Any], stand_ins: Floats) -> Floats:
        """The leaves in which each row of `values` (n, k) falls, added up in LightGBM's order: the same bits."""
        log_odds = np.zeros(len(values))
        kernel.add_leaves(
            self._plain(values), stand_ins, self.first, self.splits, self.cuts, self.levels, self.leaves, log_odds
        )
        return log_odds

    def contributions(self, values: NDArray[Any], stand_ins: Floats) -> tuple[Floats, Floats]:
        """The same log-odds, and what each predictor adds to `base`, shape (n, k)."""
        log_odds, added = np.zeros(len(values)), np.zeros(values.shape)
        kernel.add_contributions(
            self._plain(values),
            stand_ins,
            self.first,
            self.splits,
            self.cuts,
            self.levels,
            self.leaves,
            self.nodes,
            self.steps,
            log_odds,
            added,
        )
        return log_odds, added

    def _plain(self, values: NDArray[Any]) -> Floats:
        if values.shape[1] != self.predictors:
            raise TreesRefused(f"the trees read {self.predictors} predictors, not {values.shape[1]}")
        # Always a copy: a read-only or strided array is another signature, and numba would compile in a request.
        return np.array(values, dtype=np.float64, order="C")


def read(text: str) -> Forest:
    """The trees of a LightGBM text.

    Raises
    ------
    TreesRefused
        If it is damaged, has several outputs, averages its trees, has lines in its leaves, or its people do not add up.
    """
    try:
        head, *parts = text.partition("\nend of trees")[0].split("\nTree=")
        header = _fields(head)
        _check_header(header, head, len(parts))
        predictors = int(header["max_feature_idx"]) + 1
        return _joined(predictors, [_tree(_fields(part), predictors) for part in parts])
    except TreesRefused:
        raise
    except (ValueError, KeyError, IndexError, OverflowError) as error:
        raise TreesRefused(f"the LightGBM text is damaged ({type(error).__name__})") from error


def _fields(part: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in part.split("\n") if "=" in line)


def _check_header(header: Mapping[str, str], head: str, trees: int) -> None:
    if header["num_class"] != "1" or header["num_tree_per_iteration"] != "1":
        raise TreesRefused("the LightGBM text has several outputs; one log-odds is read")
    if "average_output" in head.split("\n"):
        raise TreesRefused("the LightGBM text averages its trees; only their sum is read")
    if trees == 0 or trees != len(header["tree_sizes"].split()):
        raise TreesRefused("the LightGBM text has not the trees that it says")


@dataclass(frozen=True)
class _Tree:
    """A tree as LightGBM writes it: splits and leaves counted apart, a leaf as a child is -1 - its number.

    A node's number is that of its split, or the number of splits + that of its leaf.
    """

    predictor: Integers
    cut: Floats
    how: Integers
    children: Integers
    people: Integers
    leaf: Floats
    starts: Integers
    levels: NDArray[np.uint32]

    @property
    def splits(self) -> int:
        return len(self.cut)

    @property
    def below(self) -> Integers:
        """The nodes below each split, shape (splits, 2)."""
        return np.where(self.children >= 0, self.children, self.splits - 1 - self.children)

    @property
    def base(self) -> float:
        """The mean leaf over the people of training."""
        people = self.people[self.splits :]
        return float(sum(people / people.sum() * self.leaf))


def _tree(fields: Mapping[str, str], predictors: int) -> _Tree:
    if fields["is_linear"] != "0":
        raise TreesRefused("the leaves of a tree are lines; only values are read")

    def numbers(name: str, count: int, dtype: type[Any] = np.int64) -> NDArray[Any]:
        found = np.array(fields[name].split() if count else [], dtype=dtype)
        if len(found) != count or np.isnan(found).any():
            raise TreesRefused(f"{name} of a tree is not {count} numbers")
        return found

    leaves, grouped = int(fields["num_leaves"]), int(fields["num_cat"])
    splits = leaves - 1
    starts = numbers("cat_boundaries", grouped + 1 if grouped else 0)
    leaf_people = numbers("leaf_count", leaves) if splits else np.ones(1, dtype=np.int64)
    tree = _Tree(
        predictor=numbers("split_feature", splits),
        cut=numbers("threshold", splits, np.float64),
        how=numbers("decision_type", splits),
        children=np.column_stack([numbers("left_child", splits), numbers("right_child", splits)]),
        people=np.concatenate([numbers("internal_count", splits), leaf_people]),
        leaf=numbers("leaf_value", leaves, np.float64),
        starts=starts,
        levels=numbers("cat_threshold", int(starts[-1]) if grouped else 0, np.uint32),
    )
    _check_tree(tree, predictors)
    return tree


def _check_tree(tree: _Tree, predictors: int) -> None:
    """Refuse what the kernel, which looks at no bounds, could not walk."""
    below, splits = tree.below, np.arange(tree.splits)
    if sorted(below.ravel().tolist()) != list(range(1, len(tree.people))) or (below <= splits[:, None]).any():
        raise TreesRefused("the splits of a tree do not lead to each of its leaves once")
    if ((tree.predictor < 0) | (tree.predictor >= predictors)).any():
        raise TreesRefused("a split asks for a predictor that there is not")
    if (tree.people < 1).any() or (tree.people[below].sum(axis=1) != tree.people[: tree.splits]).any():
        raise TreesRefused("the people of a tree's leaves do not add up, so contributions would not")
    if not np.isfinite(tree.leaf).all():
        raise TreesRefused("a leaf of a tree is not finite")
    group = tree.cut[tree.how & BY_LEVEL != 0]
    if not np.isin(group, np.arange(len(tree.starts) - 1)).all() or (np.diff(tree.starts, prepend=0) < 0).any():
        raise TreesRefused("the levels of a split are not in its tree")


def _joined(predictors: int, trees: Sequence[_Tree]) -> Forest:
    nodes = [_nodes(tree) for tree in trees]
    steps = [_steps(tree, found) for tree, found in zip(trees, nodes, strict=True)]
    levels = [_levels(tree) for tree in trees]
    words = np.cumsum([0, *map(len, levels)])
    sizes = [(tree.splits, len(tree.people), step.size // 4) for tree, step in zip(trees, steps, strict=True)]
    first = np.zeros((len(trees) + 1, 4), dtype=np.int64)
    first[1:, : kernel.PAIRS] = np.cumsum(sizes, axis=0)
    first[:-1, kernel.PAIRS] = [len(step) for step in steps]
    return Forest(
        predictors=predictors,
        base=float(sum(tree.base for tree in trees)),
        first=first,
        splits=np.concatenate([_splits(tree, at) for tree, at in zip(trees, words, strict=False)]).astype(np.int32),
        cuts=np.concatenate([tree.cut for tree in trees]),
        levels=np.concatenate(levels),
        leaves=np.concatenate([tree.leaf for tree in trees]),
        nodes=np.concatenate(nodes).astype(np.int32),
        steps=np.concatenate([step.reshape(-1, 4) for step in steps]),
    )


def _splits(tree: _Tree, words: int) -> Integers:
    """How each split is asked: LightGBM takes NaN for zero unless training lacked the predictor for somebody."""
    default, missing = tree.how & DEFAULT_LEFT != 0, tree.how & MISSING
    zero_left = np.where(missing == ZERO_IS_MISSING, default, tree.cut >= 0)
    nan_left = np.where(missing == NAN_IS_MISSING, default, zero_left)
    by_level = tree.how & BY_LEVEL
    group = np.where(by_level, tree.cut, 0).astype(np.int64)
    starts = tree.starts if len(tree.starts) else np.zeros(2, dtype=np.int64)
    return np.column_stack(
        [
            tree.predictor,
            kernel.NAN_LEFT * nan_left + kernel.ZERO_LEFT * zero_left + kernel.BY_LEVEL * by_level,
            words + starts[group] + group,
            starts[group + 1] - starts[group],
            tree.children,
        ]
    )


def _levels(tree: _Tree) -> NDArray[np.uint32]:
    """The words of each split on levels, and after them a word without a level, for all that they do not reach."""
    return np.insert(tree.levels, tree.starts[1:], 0)


def _nodes(tree: _Tree) -> Integers:
    nodes = np.zeros((len(tree.people), 4), dtype=np.int64)
    nearest: list[dict[int, int]] = [{} for _ in nodes]
    for split, pair in enumerate(tree.below.tolist()):
        asked = int(tree.predictor[split])
        for node, is_left in zip(pair, (1, 0), strict=True):
            nodes[node] = split, is_left, asked, nearest[split].get(asked, 0)
            nearest[node] = nearest[split] | {asked: node}
    return nodes


def _steps(tree: _Tree, nodes: Integers) -> Floats:
    """For each pair of points, node and way of standing: two factors to the worth of the path above, and two gains.

    A later split on the same predictor replaces the earlier: it divides by its factor and takes its gain back. At the
    root stand the weights of the points, and the leaf's value is in its factor. Shape (pairs, nodes, standings, 4).
    """
    share, asked = np.ones(len(nodes)), [frozenset[int]()] * len(nodes)
    for node, (above, _, predictor, same) in enumerate(nodes[1:].tolist(), start=1):
        share[node] = share[same] * tree.people[node] / tree.people[above]
        asked[node] = asked[above] | {predictor}
    if not tree.splits:
        return np.zeros((0, 1, kernel.STANDINGS, 4))
    pairs = -(-max(map(len, asked)) // 4)  # 2 n points are exact to degree 4 n - 1, so for 4 n predictors
    point, weight = np.polynomial.legendre.leggauss(2 * pairs)
    t, same = (1 + point) / 2, nodes[:, kernel.SAME]
    met, failed = share[:, None] + t * (1 - share[:, None]), share[:, None] * (1 - t)
    met_gain, failed_gain = (1 - share[:, None]) / met, np.broadcast_to(-1 / (1 - t), met.shape)
    before, unchanged = failed / failed[same], np.zeros_like(met)
    factor = np.stack([met / met[same], failed / met[same], before, before], axis=1)
    gain = np.stack([met_gain - met_gain[same], failed_gain - met_gain[same], unchanged, unchanged], axis=1)
    factor[0] = weight / 2
    factor[tree.splits :] *= tree.leaf[:, None, None]
    both = np.stack([factor, gain], axis=2)
    paired = both.reshape(len(nodes), kernel.STANDINGS, 2, pairs, 2).transpose(3, 0, 1, 2, 4)
    return paired.reshape(pairs, len(nodes), kernel.STANDINGS, 4)
