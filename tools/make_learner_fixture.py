#!/usr/bin/env python3
"""Makes Tests/Fixtures/learner-golden.safetensors: what scikit-learn, libsvm, xgboost and shap compute, for the tests.

usage: make_learner_fixture.py OUTPUT

Everything is synthetic. The random numbers are NumPy's, with a seed for each part, and all inputs are rounded to
single precision before any of the peers sees them. The peers compute in double precision (xgboost: single).

The coupling of `coupling.probabilities` is the second method of Wu, Lin and Weng, "Probability Estimates for
Multi-class Classification by Pairwise Coupling", JMLR 5 (2004), as in libsvm's multiclass_probability, but iterated
to 1e-12 instead of 0.005 / k.

Each result is checked by a second way (conditions of optimality, libsvm, a slow reference written out here) before
the file is written; a failed check is an AssertionError, and an older file stays.

Needs, in an environment of its own: libsvm-official 3.37, numpy 2.4, safetensors 0.8, scikit-learn 1.9, shap 0.51,
xgboost 3.2 (BSD, MIT and Apache-2.0 licences).
"""

from __future__ import annotations

import json
import sys
from itertools import combinations
from math import factorial
from pathlib import Path

import numpy as np
import shap
import xgboost
from libsvm import svmutil
from safetensors_output import write_safetensors
from sklearn.linear_model import Lasso
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeRegressor

Tensors = dict[str, np.ndarray]

MAXIMUM_BYTES = 300_000
# Of two splits: how far the better is ahead, as a share of its gain.
MARGIN = 1e-3
BOOST_SEED = 7


def single(array: np.ndarray) -> np.ndarray:
    """Rounds to single precision; the values stay in double, so that the peers compute in it."""
    return np.asarray(array, np.float32).astype(np.float64)


def standardised(x: np.ndarray, *others: np.ndarray) -> list[np.ndarray]:
    """Scales `x` to mean 0 and population standard deviation 1, and `others` by the same numbers."""
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    scaled = [single((array - mean) / deviation) for array in (x, *others)]
    assert np.abs(scaled[0].mean(axis=0)).max() < 1e-7 and np.abs(scaled[0].std(axis=0) - 1).max() < 1e-7
    return scaled


def lasso() -> Tensors:
    """Lasso of each target alone: |y - Xw - b|² / 2n + alpha |w|₁, the intercept free."""
    random = np.random.default_rng(1)
    common = random.standard_normal((120, 3)) @ random.standard_normal((3, 15))
    (x,) = standardised(0.6 * common + random.standard_normal((120, 15)))
    # Inputs 0, 3, 6, 9 and 12 matter.
    truth = np.zeros((2, 15))
    truth[:, ::3] = [[0.9, -0.6, 0.4, -0.3, 0.2], [-0.3, 0.5, 0.7, 0.2, -0.4]]
    y = single(x @ truth.T + [0.3, -0.2] + 0.4 * random.standard_normal((120, 2)))
    alphas = single([0.5, 0.2, 0.1, 0.05, 0.01])
    weights, offsets = np.zeros((5, 2, 15)), np.zeros((5, 2))
    for a, alpha in enumerate(alphas):
        for target in range(2):
            model = Lasso(alpha=alpha, tol=1e-10, max_iter=1_000_000).fit(x, y[:, target])
            weights[a, target], offsets[a, target] = model.coef_, model.intercept_
            check_lasso(x, y[:, target], alpha, model.coef_, model.intercept_)
    counts = (weights != 0).sum(axis=2)
    # From one target without any weight to inputs that do not matter.
    assert counts[0].min() == 0 and 0 < counts[0].max() < 5 and counts[-1].min() > 5 and counts[-1].max() < 15
    assert (weights[2:, :, ::3] != 0).all()
    return {"lasso.x": x, "lasso.y": y, "lasso.alphas": alphas, "lasso.weights": weights, "lasso.offsets": offsets}


def check_lasso(x: np.ndarray, y: np.ndarray, alpha: float, weights: np.ndarray, offset: float) -> None:
    """The conditions of optimality hold, and no weight is so near to the edge that rounding decides if it is zero."""
    residual = y - x @ weights - offset
    slope = x.T @ residual / len(y)
    used = weights != 0
    assert abs(residual.mean()) < 1e-9
    assert (np.abs(slope - alpha * np.sign(weights))[used] < 1e-6).all()
    assert (np.abs(slope[~used]) < alpha - 1e-4).all() and (np.abs(weights[used]) > 1e-3).all()


def rbf(a: np.ndarray, b: np.ndarray, gamma: float) -> np.ndarray:
    return np.exp(-gamma * ((a[:, None] - b[None]) ** 2).sum(axis=2))


def svr() -> Tensors:
    """Support vector regression: RBF, C 1, gamma 0.05, epsilon 0.05."""
    random = np.random.default_rng(2)
    both = random.standard_normal((190, 10))
    both[:, 5:] += 0.5 * both[:, :5]
    x, test = standardised(both[:150], both[150:])
    y = single(
        0.5 * np.sin(1.2 * x[:, 0]) + 0.25 * x[:, 1] * np.tanh(x[:, 2]) - 0.15 * x[:, 3]
        + 0.1 * random.standard_normal(150))
    assert 0.8 < np.abs(y).max() < 1.5

    def fit(tolerance: float) -> SVR:
        return SVR(kernel="rbf", C=1, gamma=0.05, epsilon=0.05, tol=tolerance).fit(x, y)

    model = fit(1e-6)
    predictions = model.predict(test)
    by_hand = rbf(test, model.support_vectors_, 0.05) @ model.dual_coef_[0] + model.intercept_[0]
    assert np.abs(by_hand - predictions).max() < 1e-12
    assert np.abs(fit(1e-10).predict(test) - predictions).max() < 1e-5
    free = np.abs(model.dual_coef_[0]) < 1 - 1e-9
    distance = np.abs(y - model.predict(x))
    assert np.abs(distance[model.support_][free] - 0.05).max() < 1e-5 and 10 < free.sum() < len(free)
    assert np.delete(distance, model.support_).max() < 0.05 + 1e-5
    peer = svmutil.svm_train(y, x, "-s 3 -t 2 -c 1 -g 0.05 -p 0.05 -e 1e-6 -q")
    assert np.abs(np.array(svmutil.svm_predict([], test, peer, "-q")[0]) - predictions).max() < 1e-5
    return {"svr.x": x, "svr.y": y, "svr.test": test, "svr.predictions": predictions}


def svc() -> Tensors:
    """Support vector classification: RBF, C 2, gamma 0.05, classes 1 to 4.

    The decisions are those of the pairs (1,2), (1,3), (1,4), (2,3), (2,4), (3,4), positive for the first class of the
    pair. The class with most votes wins, of several the smallest. libsvm numbers classes as they first appear, so the
    rows begin with 1, 2, 3, 4.
    """
    random = np.random.default_rng(7)
    counts = np.array([60, 45, 30, 25])
    centres = 0.9 * random.standard_normal((4, 8))
    classes = np.repeat([1, 2, 3, 4], counts - 1)
    random.shuffle(classes)
    y = np.concatenate([[1, 2, 3, 4], classes])
    wanted = np.concatenate([y, np.tile([1, 2, 3, 4], 10)])
    both = centres[wanted - 1] + random.standard_normal((200, 8))
    x, test = standardised(both[:160], both[160:])

    def fit(tolerance: float) -> SVC:
        return SVC(kernel="rbf", C=2, gamma=0.05, tol=tolerance, decision_function_shape="ovo").fit(x, y)

    model = fit(1e-6)
    decisions = model.decision_function(test)
    votes = model.predict(test)
    assert decisions.shape == (40, 6) and (np.bincount(y)[1:] == counts).all()
    assert np.abs(fit(1e-10).decision_function(test) - decisions).max() < 1e-5
    # No decision is so small that rounding decides its sign.
    assert np.abs(decisions).min() > 0.01
    ballots = np.zeros((40, 4), int)
    for p, (i, j) in enumerate(combinations(range(4), 2)):
        ballots[:, i] += decisions[:, p] > 0
        ballots[:, j] += decisions[:, p] <= 0
    assert (ballots.argmax(axis=1) + 1 == votes).all()
    # Some rows have no single winner.
    assert ((ballots == ballots.max(axis=1, keepdims=True)).sum(axis=1) > 1).any()
    # Overlapping, but not hopeless; all classes appear.
    assert 0.5 < (votes == wanted[160:]).mean() < 0.95 and set(votes) == {1, 2, 3, 4}
    peer = svmutil.svm_train(y, x, "-s 0 -t 2 -c 2 -g 0.05 -e 1e-6 -q")
    assert peer.get_labels() == [1, 2, 3, 4]
    labels, _, values = svmutil.svm_predict([], test, peer, "-q")
    assert (np.array(labels) == votes).all() and np.abs(np.array(values) - decisions).max() < 1e-5
    return {"svc.x": x, "svc.y": y, "svc.test": test, "svc.decisions": decisions, "svc.votes": votes}


def coupling(decisions: np.ndarray) -> Tensors:
    """Probabilities of the classes from the decisions (in single precision) of the pairs, by Platt's sigmoid."""
    random = np.random.default_rng(4)
    slopes, offsets = single(-random.uniform(0.8, 3, 6)), single(random.uniform(-0.3, 0.3, 6))
    probabilities = np.zeros((40, 4))
    for row, decision in enumerate(single(decisions)):
        pairs = np.zeros((4, 4))
        for p, (i, j) in enumerate(combinations(range(4), 2)):
            chance = np.clip(1 / (1 + np.exp(slopes[p] * decision[p] + offsets[p])), 1e-7, 1 - 1e-7)
            pairs[i, j], pairs[j, i] = chance, 1 - chance
        probabilities[row] = coupled(pairs)
    assert (probabilities > 0).all() and np.abs(probabilities.sum(axis=1) - 1).max() < 1e-12
    return {"coupling.slopes": slopes, "coupling.offsets": offsets, "coupling.probabilities": probabilities}


def coupled(pairs: np.ndarray) -> np.ndarray:
    """Minimises the sum over i and j of (r_ji p_i - r_ij p_j)², sum p = 1, where r is `pairs`; libsvm's iteration."""
    classes = len(pairs)
    q = -pairs * pairs.T
    np.fill_diagonal(q, (pairs**2).sum(axis=0))
    p = np.full(classes, 1 / classes)
    for _ in range(100_000):
        qp = q @ p
        pqp = p @ qp
        if np.abs(qp - pqp).max() < 1e-12:
            break
        for t in range(classes):
            step = (pqp - qp[t]) / q[t, t]
            p[t] += step
            pqp = (pqp + step * (step * q[t, t] + 2 * qp[t])) / (1 + step) ** 2
            qp = (qp + step * q[t]) / (1 + step)
            p /= 1 + step
    else:
        raise AssertionError("the coupling does not converge")
    # The same as a system of linear equations, with a multiplier for the sum.
    system = np.block([[q, np.ones((classes, 1))], [np.ones((1, classes)), np.zeros((1, 1))]])
    assert np.abs(np.linalg.solve(system, np.eye(classes + 1)[classes])[:classes] - p).max() < 1e-9
    return p


def trees() -> Tensors:
    """An ensemble of xgboost as flat arrays, with its predictions and SHAP values (path dependent).

    Each tree has its root, then its other nodes in pairs, breadth first: `left` is the index over all trees of the
    left child, the right one is next to it. `x <= threshold` goes left. Thresholds and covers of leaves: 0 and the
    number of samples.
    """
    random = np.random.default_rng(5)
    x = random.standard_normal((330, 8))
    x[:, 4:] += 0.4 * x[:, :4]
    x = single(x)
    x, test = x[:300], x[300:]
    y = single(np.sin(x[:, 0]) + 0.5 * x[:, 1] * (x[:, 2] > 0) + 0.2 * x[:, 5] + 0.1 * random.standard_normal(300))
    model = xgboost.train(
        {
            "objective": "reg:squarederror", "tree_method": "hist", "max_depth": 3, "eta": 0.3, "lambda": 1,
            "base_score": 0.1, "nthread": 1, "seed": 5},
        xgboost.DMatrix(x, y), num_boost_round=12)
    nodes = flattened(model)
    # Inputs on a threshold and one step above it.
    inner = np.flatnonzero(nodes["left"] >= 0)
    for row, node in enumerate(inner[:6]):
        edge = nodes["threshold"][node]
        test[row, nodes["feature"][node]] = edge if row % 2 == 0 else np.nextafter(np.float32(edge), np.float32(np.inf))
    assert (single(test) == test).all()

    data = xgboost.DMatrix(test)
    predictions = model.predict(data)
    assert np.abs(0.1 + predicted(nodes, test) - predictions).max() < 1e-6
    assert np.abs(0.1 + predicted(nodes, x) - model.predict(xgboost.DMatrix(x))).max() < 1e-6
    explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    values = np.asarray(explainer.shap_values(test), np.float64)
    base = float(np.ravel(explainer.expected_value)[0])
    contributions = model.predict(data, pred_contribs=True)
    assert np.abs(contributions[:, :-1] - values).max() < 1e-5 and np.abs(contributions[:, -1] - base).max() < 1e-5
    assert np.abs(base + values.sum(axis=1) - predictions).max() < 1e-5
    exact, mean = shapley(nodes, test)
    assert np.abs(exact - values).max() < 1e-5 and abs(0.1 + mean - base) < 1e-5
    tensors = {f"trees.{name}": array for name, array in nodes.items()}
    tensors["trees.value"] = nodes["value"][:, None]
    return tensors | {
        "trees.base": np.array([0.1]), "trees.test": test, "trees.predictions": predictions,
        "trees.shap": values, "trees.shapBase": np.array([base])}


def flattened(model: xgboost.Booster) -> Tensors:
    """The nodes of all trees. xgboost's rule is `x < t` in single precision: `x <= t` for the number before t."""
    learner = json.loads(model.save_raw("json"))["learner"]
    rows: list[tuple[float, ...]] = []
    roots = []
    for tree in learner["gradient_booster"]["model"]["trees"]:
        roots.append(len(rows))
        order = [0]
        for node in order:
            left, right = tree["left_children"][node], tree["right_children"][node]
            condition = np.float32(tree["split_conditions"][node])
            cover = tree["sum_hessian"][node]
            if left < 0:
                rows.append((0, 0, -1, condition, cover))
                continue
            threshold = np.nextafter(condition, np.float32(-np.inf))
            assert abs(threshold) > 1e-30 and cover == tree["sum_hessian"][left] + tree["sum_hessian"][right]
            rows.append((tree["split_indices"][node], threshold, roots[-1] + len(order), 0, cover))
            order += [left, right]
        assert rows[roots[-1]][4] == 300
    columns = np.array(rows, np.float64).T
    nodes = dict(zip(("feature", "threshold", "left", "value", "cover"), columns, strict=True))
    nodes["feature"], nodes["left"] = nodes["feature"].astype(int), nodes["left"].astype(int)
    return nodes | {"roots": np.array(roots)}


def predicted(nodes: Tensors, x: np.ndarray) -> np.ndarray:
    """Sum of the leaves that each row of `x` reaches."""
    total = np.zeros(len(x))
    for root in nodes["roots"]:
        at = np.full(len(x), root)
        while (nodes["left"][at] >= 0).any():
            right = x[np.arange(len(x)), nodes["feature"][at]] > nodes["threshold"][at]
            at = np.where(nodes["left"][at] < 0, at, nodes["left"][at] + right)
        total += nodes["value"][at]
    return total


def shapley(nodes: Tensors, x: np.ndarray) -> tuple[np.ndarray, float]:
    """Shapley values by their definition, over all subsets; an input that is not known goes both ways, by cover."""
    features = x.shape[1]

    def mean(node: int, known: int) -> np.ndarray:
        left = nodes["left"][node]
        if left < 0:
            return np.full(len(x), nodes["value"][node])
        a, b = mean(left, known), mean(left + 1, known)
        if known >> nodes["feature"][node] & 1:
            return np.where(x[:, nodes["feature"][node]] <= nodes["threshold"][node], a, b)
        return (nodes["cover"][left] * a + nodes["cover"][left + 1] * b) / nodes["cover"][node]

    worth = [sum(mean(root, known) for root in nodes["roots"]) for known in range(1 << features)]
    values = np.zeros(x.shape)
    for known in range(1 << features):
        size = known.bit_count()
        for feature in range(features):
            if known >> feature & 1:
                share = factorial(size - 1) * factorial(features - size) / factorial(features)
                values[:, feature] += share * (worth[known] - worth[known ^ 1 << feature])
    return values, float(worth[0][0])


def grown(
    x: np.ndarray, y: np.ndarray, depth: int, least: int, ridge: float, gaps: list[float]
) -> np.ndarray:
    """A slow greedy tree. Returns for each row that it was grown from the value of its leaf: sum / (count + ridge).

    A split's score is the sum over outputs of (sum of y)² / (count + ridge), left and right less both together. Each
    node adds to `gaps` how far its best split is ahead of the next one, as a share of its gain.
    """
    output = np.zeros_like(y)

    def score(rows: np.ndarray) -> float:
        return float((y[rows].sum(axis=0) ** 2).sum() / (len(rows) + ridge))

    def grow(rows: np.ndarray, depth: int) -> None:
        gains = []
        if depth > 0:
            for feature in range(x.shape[1]):
                for edge in np.unique(x[rows, feature])[:-1]:
                    low = x[rows, feature] <= edge
                    if least <= low.sum() <= len(rows) - least:
                        gains.append((score(rows[low]) + score(rows[~low]) - score(rows), feature, edge))
        if not gains:
            output[rows] = y[rows].sum(axis=0) / (len(rows) + ridge)
            return
        gains.sort(reverse=True)
        best, feature, edge = gains[0]
        # A gain near zero: some learners would not split.
        assert best > 1e-3
        if len(gains) > 1:
            gaps.append((best - gains[1][0]) / best)
        low = x[rows, feature] <= edge
        grow(rows[low], depth - 1)
        grow(rows[~low], depth - 1)

    grow(np.arange(len(y)), depth)
    return output


def boost_data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs with 20 levels each, exact in binary, so that a histogram loses nothing; one target, and two others.

    The seed was sought: with it no two splits of a node are equally good, within MARGIN, in any tree of `boost` and
    `forest`, so that neither the order of the inputs nor rounding decides.
    """
    random = np.random.default_rng(BOOST_SEED)
    x = random.integers(0, 20, (400, 6)) / 8 - 1.25
    noise = random.standard_normal((400, 3))
    one = np.sin(2 * x[:, 0]) + 0.6 * x[:, 1] * x[:, 2] + 0.4 * np.abs(x[:, 3]) + 0.2 * noise[:, 0] + 0.5
    two = np.stack([np.cos(2 * x[:, 1]) + 0.5 * x[:, 4] * x[:, 0], 0.7 * x[:, 0] - np.tanh(2 * x[:, 2] * x[:, 5])], 1)
    return single(x), single(one), single(two + 0.2 * noise[:, 1:])


def boost(x: np.ndarray, y: np.ndarray) -> Tensors:
    """xgboost with exact splits, from the mean of y: ten trees of depth 3; and one tree of depth 2, of plain means."""
    base = float(np.float32(y.mean()))

    def predictions(rounds: int, method: str, **settings: float) -> np.ndarray:
        fixed = {
            "objective": "reg:squarederror", "tree_method": method, "gamma": 0, "min_child_weight": 1,
            "base_score": base, "nthread": 1}
        data = xgboost.DMatrix(x, y)
        return xgboost.train(fixed | settings, data, num_boost_round=rounds).predict(data)

    def reference(rounds: int, depth: int, eta: float, ridge: float) -> np.ndarray:
        sums, gaps = np.full(len(y), base), []
        for _ in range(rounds):
            sums += eta * grown(x, y - sums, depth, 1, ridge, gaps)
        assert min(gaps) > MARGIN, f"boost: two splits are too close: {min(gaps):.2g}"
        return sums

    results = {}
    for name, rounds, settings in (
        ("boost.predictions", 10, {"max_depth": 3, "eta": 0.3, "lambda": 1}),
        ("boost.tree1", 1, {"max_depth": 2, "eta": 1, "lambda": 0}),
    ):
        results[name] = predictions(rounds, "exact", **settings)
        slow = reference(rounds, settings["max_depth"], settings["eta"], settings["lambda"])
        assert np.abs(slow - results[name]).max() < 1e-5
        assert np.abs(predictions(rounds, "hist", **settings) - results[name]).max() < 1e-5
    assert len(np.unique(results["boost.tree1"])) == 4
    return {"boost.x": x, "boost.y": y} | results


def forest(x: np.ndarray, y: np.ndarray) -> Tensors:
    """One tree for two outputs, depth 5, at least 5 samples in a leaf; splits by the summed reduction of variance."""
    fits = [DecisionTreeRegressor(max_depth=5, min_samples_leaf=5, random_state=seed).fit(x, y) for seed in range(5)]
    predictions = fits[0].predict(x)
    # The seed permutes the inputs, which decides between equals only.
    assert all((fit.predict(x) == predictions).all() for fit in fits)
    gaps: list[float] = []
    assert np.abs(grown(x, y, 5, 5, 0, gaps) - predictions).max() < 1e-9
    assert min(gaps) > MARGIN, f"forest: two splits are too close: {min(gaps):.2g}"
    return {"forest.y": y, "forest.predictions": predictions}


def main(output: Path) -> None:
    tensors = lasso() | svr() | svc()
    tensors |= coupling(tensors["svc.decisions"]) | trees()
    x, one, two = boost_data()
    tensors |= boost(x, one) | forest(x, two)
    assert all(np.isfinite(array).all() for array in tensors.values())
    assert sum(array.size * 4 + 100 for array in tensors.values()) < MAXIMUM_BYTES
    write_safetensors(output, tensors, {"made by": "tools/make_learner_fixture.py"})
    print(f"Wrote {output}: {len(tensors)} tensors.")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_learner_fixture.py OUTPUT")
    main(Path(sys.argv[1]))
