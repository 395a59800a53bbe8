"""The compiled kernel of a model: where a person falls in each tree, and what each predictor adds.

Everything of the registry that is compiled lives in this one module, because numba's cache looks at one file's time
stamp. The same loops serve one person and a million, so a person gets the same bits alone and in a list.

`first` (trees, 4) says where each tree begins in `splits`, `nodes` and `steps`, and how many blocks of points it takes.
A tree's nodes are its splits and then its leaves, each split after the one above it; `registry.forest` builds them.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

# Columns of `first`; a last row says where everything ends.
SPLITS, NODES, STEPS, BLOCKS = range(4)
# Columns of `splits`: predictor, LightGBM's decision_type, the words of its levels (where they begin, how many), children
# as LightGBM numbers them (a leaf is -1 - its number).
PREDICTOR, HOW, BEGIN, WORDS, LEFT, RIGHT = range(6)
# Columns of `nodes`: the split above, whether the node is its left child, the predictor that it asks for, and the nearest
# node above whose split asks for the same one (0, the root, if none does).
ABOVE, IS_LEFT, ASKED, SAME = range(4)

BY_LEVEL, MISSING_LEFT, ZERO_IS_MISSING, NAN_IS_MISSING = 1, 2, 4, 8  # bits of decision_type
NEAR_ZERO = float(np.float32(1e-35))  # LightGBM takes anything nearer to zero for zero
MET, LEFT_HERE, LEFT_BEFORE = range(3)  # does the person pass the splits on a node's predictor, down to the node?
LANES = 4  # points of the integral that are worked on together, as many as a processor multiplies at once
AT_A_TIME = 32  # rows that go through one tree before the next tree is fetched

compiled = njit(cache=True, error_model="numpy", nogil=True)


@compiled
def _read(row, stand_ins, known):
    """A person's values as LightGBM reads them, the stand-in where one is missing."""
    for k in range(len(known)):
        x = row[k]
        if math.isnan(x):
            x = stand_ins[k]
        known[k] = 0.0 if abs(x) <= NEAR_ZERO else x


@compiled
def _goes_left(known, split, cut, levels):
    """Which way LightGBM sends a person at a split."""
    x, how = known[np.uintp(split[PREDICTOR])], split[HOW]
    if how & BY_LEVEL:
        if not (-1.0 < x < 2147483648.0):
            return False
        word = int(x) >> 5
        return word < split[WORDS] and (levels[split[BEGIN] + word] >> (int(x) & 31)) & 1 == 1
    if math.isnan(x):
        if how & NAN_IS_MISSING:
            return how & MISSING_LEFT != 0
        x = 0.0
    if x == 0.0 and how & ZERO_IS_MISSING:
        return how & MISSING_LEFT != 0
    return x <= cut


@compiled
def add_leaves(values, stand_ins, first, splits, cuts, levels, leaves, log_odds):
    """Add to `log_odds` (n,) the leaf of each tree in which each row falls."""
    known = np.empty((AT_A_TIME, values.shape[1]))
    for begin in range(0, len(values), AT_A_TIME):
        rows = min(AT_A_TIME, len(values) - begin)
        for r in range(rows):
            _read(values[begin + r], stand_ins, known[r])
        for tree in range(len(first) - 1):
            for r in range(rows):
                at = 0 if first[tree + 1, SPLITS] > first[tree, SPLITS] else -1
                while at >= 0:
                    s = np.uintp(first[tree, SPLITS] + at)
                    at = splits[s, LEFT] if _goes_left(known[r], splits[s], cuts[s], levels) else splits[s, RIGHT]
                log_odds[begin + r] += leaves[first[tree, NODES] - first[tree, SPLITS] - 1 - at]


@compiled
def _times(a, i, b, j):
    """Four products at a time."""
    return a[i, 0] * b[j, 0], a[i, 1] * b[j, 1], a[i, 2] * b[j, 2], a[i, 3] * b[j, 3]


@compiled
def _put(a, i, four):
    a[i, 0], a[i, 1], a[i, 2], a[i, 3] = four


@compiled
def _add(a, i, four):
    a0, a1, a2, a3 = a[i, 0] + four[0], a[i, 1] + four[1], a[i, 2] + four[2], a[i, 3] + four[3]
    a[i, 0], a[i, 1], a[i, 2], a[i, 3] = a0, a1, a2, a3


@compiled
def _add_gain(a, i, four, steps, j):
    a0, a1 = a[i, 0] + four[0] * steps[j, 4], a[i, 1] + four[1] * steps[j, 5]
    a2, a3 = a[i, 2] + four[2] * steps[j, 6], a[i, 3] + four[3] * steps[j, 7]
    a[i, 0], a[i, 1], a[i, 2], a[i, 3] = a0, a1, a2, a3


@compiled
def _share_out(n_splits, nodes_at, steps_at, nodes, steps, state, path, below, added):
    """Add to `added` (k, lanes) what each predictor adds through one tree: down to the leaves, and up again."""
    n_nodes = 2 * n_splits + 1
    for t in range(LANES):
        path[0, t] = steps[steps_at, t]
    for p in range(n_splits):
        for t in range(LANES):
            below[p, t] = 0.0
    for p in range(1, n_splits):
        node = np.uintp(nodes_at + p)
        s = np.uintp(steps_at + 3 * p + state[p])
        _put(path, np.uintp(p), _times(path, np.uintp(nodes[node, ABOVE]), steps, s))
    for p in range(n_splits, n_nodes):
        node, s = np.uintp(nodes_at + p), np.uintp(steps_at + 3 * p + state[p])
        above = np.uintp(nodes[node, ABOVE])
        worth = _times(path, above, steps, s)
        _add(below, above, worth)
        _add_gain(added, np.uintp(nodes[node, ASKED]), worth, steps, s)
    for p in range(n_splits - 1, 0, -1):
        node, s = np.uintp(nodes_at + p), np.uintp(steps_at + 3 * p + state[p])
        q = np.uintp(p)
        worth = (below[q, 0], below[q, 1], below[q, 2], below[q, 3])
        _add(below, np.uintp(nodes[node, ABOVE]), worth)
        _add_gain(added, np.uintp(nodes[node, ASKED]), worth, steps, s)


@compiled
def add_contributions(values, stand_ins, first, splits, cuts, levels, leaves, nodes, steps, log_odds, out):
    """Add to `out` (n, k) what each predictor adds to the log-odds of each row, and to `log_odds` (n,) the leaves."""
    most = 0
    for tree in range(len(first) - 1):
        most = max(most, first[tree + 1, NODES] - first[tree, NODES])
    k = values.shape[1]
    known, added = np.empty((AT_A_TIME, k)), np.empty((AT_A_TIME, k, LANES))
    left, state = np.empty(most, np.bool_), np.empty(most, np.int64)
    path, below = np.empty((most, LANES)), np.empty((most, LANES))
    for begin in range(0, len(values), AT_A_TIME):
        rows = min(AT_A_TIME, len(values) - begin)
        for r in range(rows):
            _read(values[begin + r], stand_ins, known[r])
            for j in range(k):
                for t in range(LANES):
                    added[r, j, t] = 0.0
        for tree in range(len(first) - 1):
            splits_at, nodes_at = first[tree, SPLITS], first[tree, NODES]
            n_splits = first[tree + 1, SPLITS] - splits_at
            leaves_at = nodes_at - splits_at
            for r in range(rows):
                at = 0 if n_splits else -1
                for p in range(n_splits):
                    s = np.uintp(splits_at + p)
                    left[p] = _goes_left(known[r], splits[s], cuts[s], levels)
                while at >= 0:
                    s = np.uintp(splits_at + at)
                    at = splits[s, LEFT] if left[at] else splits[s, RIGHT]
                log_odds[begin + r] += leaves[leaves_at - 1 - at]
                state[0] = MET
                for p in range(1, 2 * n_splits + 1):
                    node = np.uintp(nodes_at + p)
                    here = MET if left[np.uintp(nodes[node, ABOVE])] == nodes[node, IS_LEFT] else LEFT_HERE
                    state[p] = LEFT_BEFORE if state[np.uintp(nodes[node, SAME])] else here
                if n_splits:
                    for b in range(first[tree, BLOCKS]):
                        at = first[tree, STEPS] + b * 3 * (2 * n_splits + 1)
                        _share_out(n_splits, nodes_at, at, nodes, steps, state, path, below, added[r])
        for r in range(rows):
            for j in range(k):
                out[begin + r, j] = (added[r, j, 0] + added[r, j, 1]) + (added[r, j, 2] + added[r, j, 3])
