"""The compiled kernel of a model: where a person falls in each tree, and what each predictor adds.

Everything of the registry that is compiled lives in this one module, because numba's cache looks at one file's time
stamp. The same loops serve one person and a million, so a person gets the same bits alone and in a list.

`first` says where each tree begins in `splits`, `nodes` and `steps`, and how many pairs of points its integral takes.
The nodes of a tree are its splits and then its leaves, each after the split above it. `registry.forest` builds all of
it and checks it: nothing here looks at bounds.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

# Columns of `first`; a last row says where everything ends.
SPLITS, NODES, STEPS, PAIRS = range(4)
# Columns of `splits`: the predictor, which values go left whatever the threshold, where the words of its levels begin
# and how many there are, and the children as LightGBM numbers them (a leaf is -1 - its number).
PREDICTOR, WAYS, BEGIN, WORDS, LEFT, RIGHT = range(6)
NAN_LEFT, ZERO_LEFT, BY_LEVEL = 1, 2, 4  # bits of WAYS
# Columns of `nodes`: the split above, whether the node is its left child, the predictor that it asks for, and the
# nearest node above whose split asks for the same one (0, the root, if none does).
ABOVE, IS_LEFT, ASKED, SAME = range(4)
FACTOR, GAIN = 0, 2  # first of two columns of `steps`: a row for each tree, pair of points, node and standing
STANDINGS = 4  # how a person passed the splits on a node's predictor: all, failed here, failed before, failed both

NEAR_ZERO = float(np.float32(1e-35))  # LightGBM takes anything nearer to zero for zero
AT_A_TIME = 32  # rows that go through one tree before the next tree is fetched

compiled = njit(cache=True, error_model="numpy", nogil=True)
# A call inside the innermost loops costs as much as the work: numba passes every array as seven numbers.
inlined = njit(cache=True, error_model="numpy", nogil=True, inline="always")


@inlined
def _read(values, begin, rows, stand_ins, known):
    """Values as LightGBM reads them, the stand-in where one is missing."""
    for r in range(rows):
        for k in range(len(stand_ins)):
            x = values[begin + r, k]
            if math.isnan(x):
                x = stand_ins[k]
            known[r, k] = 0.0 if abs(x) <= NEAR_ZERO else x


@inlined
def _goes_left(x, splits, cuts, levels, s):
    """Whether a value goes left at a split, 1 or 0: without a branch, since nobody can guess which way it would go."""
    ways = splits[s, WAYS]
    if ways & BY_LEVEL:
        level = int(x) if -1.0 < x < 2147483648.0 else 2147483647
        word = splits[s, BEGIN] + min(level >> 5, int(splits[s, WORDS]))
        left = int(levels[word]) >> (level & 31) & 1
    else:
        zero = x == 0.0
        left = ((x <= cuts[s]) & (not zero)) | (ways >> 1 & zero) | (ways & (x != x))
    return np.uint8(left) & np.uint8(1)


@compiled
def add_leaves(values, stand_ins, first, splits, cuts, levels, leaves, log_odds):
    """Add to `log_odds` (n,) the leaf of each tree in which each row falls."""
    known = np.empty((AT_A_TIME, values.shape[1]))
    for begin in range(0, len(values), AT_A_TIME):
        rows = min(AT_A_TIME, len(values) - begin)
        _read(values, begin, rows, stand_ins, known)
        for tree in range(len(first) - 1):
            splits_at, leaves_at = first[tree, SPLITS], first[tree, NODES] - first[tree, SPLITS]
            root = 0 if first[tree + 1, SPLITS] > splits_at else -1
            for r in range(rows):
                at = root
                while at >= 0:
                    s = np.uintp(splits_at + at)
                    left = _goes_left(known[r, np.uintp(splits[s, PREDICTOR])], splits, cuts, levels, s)
                    at = splits[s, LEFT] if left else splits[s, RIGHT]
                log_odds[begin + r] += leaves[leaves_at - 1 - at]


@inlined
def _standing(n_splits, nodes_at, nodes, left, state):
    """How the person stands to the splits above each node."""
    state[0] = 0
    for p in range(1, 2 * n_splits + 1):
        node = np.uintp(nodes_at + p)
        here = left[np.uintp(nodes[node, ABOVE])] ^ nodes[node, IS_LEFT]
        before = state[np.uintp(nodes[node, SAME])] != 0
        state[np.uintp(p)] = here | before << 1


@inlined
def _share_out(r, n_splits, nodes_at, steps_at, nodes, steps, state, worth, out):
    """Add to `out` what each predictor adds through one tree at two points: down to its leaves, and up again."""
    worth[0, 0], worth[0, 1] = steps[steps_at, FACTOR], steps[steps_at, FACTOR + 1]
    for p in range(1, 2 * n_splits + 1):
        u = np.uintp(p)
        above, s = np.uintp(nodes[np.uintp(nodes_at + p), ABOVE]), np.uintp(steps_at + STANDINGS * p + state[u])
        a, b = worth[above, 0] * steps[s, FACTOR], worth[above, 1] * steps[s, FACTOR + 1]
        worth[u, 0], worth[u, 1] = a, b
    worth[:n_splits] = 0.0
    for p in range(2 * n_splits, 0, -1):
        u, node, s = np.uintp(p), np.uintp(nodes_at + p), np.uintp(steps_at + STANDINGS * p + state[np.uintp(p)])
        above, a, b = np.uintp(nodes[node, ABOVE]), worth[u, 0], worth[u, 1]
        worth[above, 0] += a
        worth[above, 1] += b
        out[r, np.uintp(nodes[node, ASKED])] += a * steps[s, GAIN] + b * steps[s, GAIN + 1]


@compiled
def add_contributions(values, stand_ins, first, splits, cuts, levels, leaves, nodes, steps, log_odds, out):
    """Add to `out` (n, k) what each predictor adds to the log-odds of each row, and to `log_odds` (n,) the leaves."""
    most = 0
    for tree in range(len(first) - 1):
        most = max(most, first[tree + 1, NODES] - first[tree, NODES])
    known = np.empty((AT_A_TIME, values.shape[1]))
    left, state, worth = np.empty(most, np.uint8), np.empty(most, np.uint8), np.empty((most, 2))
    for begin in range(0, len(values), AT_A_TIME):
        rows = min(AT_A_TIME, len(values) - begin)
        _read(values, begin, rows, stand_ins, known)
        for tree in range(len(first) - 1):
            splits_at, nodes_at, steps_at = first[tree, SPLITS], first[tree, NODES], first[tree, STEPS]
            n_splits, leaves_at = first[tree + 1, SPLITS] - splits_at, nodes_at - splits_at
            root = 0 if n_splits else -1
            for r in range(rows):
                for p in range(n_splits):
                    s = np.uintp(splits_at + p)
                    left[np.uintp(p)] = _goes_left(known[r, np.uintp(splits[s, PREDICTOR])], splits, cuts, levels, s)
                at = root
                while at >= 0:
                    at = splits[np.uintp(splits_at + at), RIGHT - left[np.uintp(at)]]
                log_odds[begin + r] += leaves[leaves_at - 1 - at]
                _standing(n_splits, nodes_at, nodes, left, state)
                for pair in range(first[tree, PAIRS]):
                    a = steps_at + pair * STANDINGS * (2 * n_splits + 1)
                    _share_out(begin + r, n_splits, nodes_at, a, nodes, steps, state, worth, out)
