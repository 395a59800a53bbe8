"""Boosted trees read from LightGBM's text into flat arrays, and their exact contributions.

Contributions are Shapley values of the path-dependent game of TreeSHAP (Lundberg et al. 2020, Nat Mach Intell 2:56-67):
a predictor outside the coalition lets a person go down both ways, in the shares of the people of training. If each
predictor is in the coalition with probability t, a leaf of value v is worth

    v * product over the predictors of its path of (share + t * (met - share))

where `share` is the part of the people of training who pass the path's splits on that predictor, and `met` is 1 if the
person does, else 0. A Shapley value is the integral over t from 0 to 1 of what the predictor changes. That is a
polynomial, so Gauss and Legendre's rule is exact with few points: 4 for up to 8 predictors on a path. One pass down and
one up a tree serve all its leaves (Yu et al. 2022, "Linear TreeShap", NeurIPS).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry import kernel


class TreesRefused(ValueError):
    """A LightGBM text that is damaged or holds something that we do not read."""


@dataclass(frozen=True)
class Forest:
    """All trees, one after the other, as arrays that `registry.kernel` explains."""

    predictors: int
    base: float
    first: NDArray[np.int64]
    splits: NDArray[np.int32]
    cuts: NDArray[np.float64]
    levels: NDArray[np.uint32]
    leaves: NDArray[np.float64]
    nodes: NDArray[np.int32]
    steps: NDArray[np.float64]

    def log_odds(self, values: NDArray[Any], stand_ins: NDArray[np.float64]) -> NDArray[np.float64]:
        """The leaves in which each row of `values` (n, k) falls, added up in LightGBM's order: the same bits."""
        log_odds = np.zeros(len(values))
        kernel.add_leaves(
            _plain(values), stand_ins, self.first, self.splits, self.cuts, self.levels, self.leaves, log_odds
        )
        return log_odds

    def contributions(
        self, values: NDArray[Any], stand_ins: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The same log-odds, and what each predictor adds to `base`, shape (n, k)."""
        log_odds, added = np.zeros(len(values)), np.zeros(values.shape)
        kernel.add_contributions(
            _plain(values),
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


def _plain(values: NDArray[Any]) -> NDArray[np.float64]:
    # Always a copy: a read-only or strided array would be another signature, and numba would compile in a request.
    return np.array(values, dtype=np.float64, order="C")


def read(text: str) -> Forest:
    """The trees of a LightGBM text.

    Raises
    ------
    TreesRefused
        If it is damaged, has several outputs, averages its trees, has lines in its leaves, or parts without people.
    """
    try:
        return _forest(text)
    except (ValueError, KeyError, IndexError) as error:
        problem = error if isinstance(error, TreesRefused) else f"it is damaged ({type(error).__name__})"
        raise TreesRefused(f"this LightGBM text is not read: {problem}") from error


def _forest(text: str) -> Forest:
    head, *parts = text.partition("\nend of trees")[0].split("\nTree=")
    header = _fields(head)
    if "average_output" in head.split("\n") or {header["num_class"], header["num_tree_per_iteration"]} != {"1"}:
        raise TreesRefused("its trees are not one sum")
    if len(parts) != len(header["tree_sizes"].split()):
        raise TreesRefused("trees are missing")
    predictors = int(header["max_feature_idx"]) + 1
    trees = [_tree(_fields(part)) for part in parts]
    return _joined(predictors, trees)


def _fields(part: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in part.split("\n") if "=" in line)


@dataclass(frozen=True)
class _Tree:
    """A tree as LightGBM writes it: splits and leaves counted apart, a leaf as a child is -1 - its number."""

    predictor: NDArray[np.int64]
    cut: NDArray[np.float64]
    how: NDArray[np.int64]
    children: NDArray[np.int64]
    people: NDArray[np.int64]
    leaf_value: NDArray[np.float64]
    leaf_people: NDArray[np.int64]
    starts: NDArray[np.int64]
    levels: NDArray[np.uint32]

    def people_in(self, node: int) -> int:
        return int(self.people[node] if node >= 0 else self.leaf_people[-1 - node])

    @property
    def base(self) -> float:
        """The mean leaf over the people of training, worked out as LightGBM does."""
        shares = self.leaf_people / self.leaf_people.sum()
        return float(sum(shares * self.leaf_value))


def _tree(fields: Mapping[str, str]) -> _Tree:
    if fields["is_linear"] != "0":
        raise TreesRefused("its leaves are lines, not values")
    leaves, grouped = int(fields["num_leaves"]), int(fields["num_cat"]) > 0

    def numbers(name: str, dtype: type, count: int) -> NDArray[Any]:
        found = np.array(fields[name].split(), dtype=dtype) if count else np.zeros(0, dtype)
        if found.shape != (count,) or np.isnan(found).any():
            raise TreesRefused(f"{name} is not {count} numbers")
        return found

    splits = leaves - 1
    starts = numbers("cat_boundaries", np.int64, int(fields["num_cat"]) + 1 if grouped else 0)
    return _Tree(
        predictor=numbers("split_feature", np.int64, splits),
        cut=numbers("threshold", np.float64, splits),
        how=numbers("decision_type", np.int64, splits),
        children=np.column_stack([numbers(f"{side}_child", np.int64, splits) for side in ("left", "right")]),
        people=numbers("internal_count", np.int64, splits),
        leaf_value=numbers("leaf_value", np.float64, leaves),
        leaf_people=numbers("leaf_count", np.int64, leaves) if splits else np.ones(1, np.int64),
        starts=starts,
        levels=numbers("cat_threshold", np.uint32, int(starts[-1]) if grouped else 0),
    )


def _joined(predictors: int, trees: Sequence[_Tree]) -> Forest:
    nodes = [_nodes(tree) for tree in trees]
    shares = [_shares(tree, found) for tree, found in zip(trees, nodes, strict=True)]
    steps = [_steps(tree, found, share) for tree, found, share in zip(trees, nodes, shares, strict=True)]
    words_before = np.cumsum([0, *(len(tree.levels) + len(tree.starts) for tree in trees)])
    splits = [_splits(tree, predictors, int(before)) for tree, before in zip(trees, words_before, strict=False)]
    sizes = [
        (len(split), len(node), step.size // 4, len(step))
        for split, node, step in zip(splits, nodes, steps, strict=True)
    ]
    first = np.zeros((len(trees) + 1, 4), dtype=np.int64)
    first[1:, : kernel.PAIRS] = np.cumsum([size[:3] for size in sizes], axis=0)
    first[:-1, kernel.PAIRS] = [size[3] for size in sizes]
    return Forest(
        predictors=predictors,
        base=float(sum(tree.base for tree in trees)),
        first=first,
        splits=np.concatenate(splits).astype(np.int32),
        cuts=np.concatenate([tree.cut for tree in trees]),
        levels=np.concatenate([np.insert(tree.levels, tree.starts, 0) if len(tree.starts) else tree.levels for tree in trees]),
        leaves=np.concatenate([tree.leaf_value for tree in trees]),
        nodes=np.concatenate(nodes).astype(np.int32),
        steps=np.concatenate([step.reshape(-1, 4) for step in steps]),
    )


def _splits(tree: _Tree, predictors: int, before: int) -> NDArray[np.int64]:
    words = np.zeros((len(tree.cut), 2), dtype=np.int64)
    for split in np.flatnonzero(tree.how & 1):
        begin, end = tree.starts[int(tree.cut[split])], tree.starts[int(tree.cut[split]) + 1]
        words[split] = before + begin + tree.cut[split] + 1, end - begin
    how = tree.how
    default, zero = how & 2 != 0, tree.cut >= 0
    zero = np.where(how & 12 == 4, default, zero)
    nan = np.where(how & 12 == 8, default, zero)
    ways = kernel.NAN_LEFT * nan + kernel.ZERO_LEFT * zero + kernel.BY_LEVEL * (how & 1)
    return np.column_stack([tree.predictor, ways, words, tree.children])


def _nodes(tree: _Tree) -> NDArray[np.int64]:
    nodes = np.zeros((len(tree.cut) + len(tree.leaf_value), 4), dtype=np.int64)
    nearest: list[dict[int, int]] = [{} for _ in nodes]
    for split, children in enumerate(tree.children.tolist()):
        asked = int(tree.predictor[split])
        for child, is_left in zip(children, (1, 0), strict=True):
            node = child if child >= 0 else len(tree.cut) - 1 - child
            nodes[node] = split, is_left, asked, nearest[split].get(asked, 0)
            nearest[node] = nearest[split] | {asked: node}
    return nodes


def _shares(tree, nodes):
    people = np.concatenate([tree.people, tree.leaf_people]).astype(float)
    share = np.ones(len(nodes))
    for node in range(1, len(nodes)):
        above, _, _, same = nodes[node]
        share[node] = share[same] * people[node] / people[above]
    return share


def _steps(tree, nodes, share):
    most, ups = 1, [set()]
    for node in range(1, len(nodes)):
        ups.append(ups[nodes[node, 0]] | {nodes[node, 2]})
    most = max(map(len, ups))
    pairs = -(-most // 4)
    point, weight = np.polynomial.legendre.leggauss(max(2, 2 * pairs))
    t = (1 + point) / 2
    hit = share[:, None] + t * (1 - share[:, None])
    miss = share[:, None] * (1 - t)
    same = nodes[:, 3]
    step = np.stack([hit / hit[same], miss / hit[same], miss / miss[same], miss / miss[same]], axis=1)
    gain_hit, gain_miss = (1 - share[:, None]) / hit, -1 / (1 - t) + 0 * hit
    gain = np.stack([gain_hit - gain_hit[same], gain_miss - gain_hit[same], 0 * hit, 0 * hit], axis=1)
    step[0] = weight / 2
    step[len(tree.cut):] *= tree.leaf_value[:, None, None]
    both = np.stack([step, gain], axis=2).reshape(len(nodes), 4, 2, -1, 2)  # node, state, which, pair, point
    return both.transpose(3, 0, 1, 2, 4).reshape(both.shape[3], -1)[:pairs]
