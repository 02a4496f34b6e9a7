"""Trees and their Shapley values by XGBoost 3.2 and shap 0.51 (scikit-learn 1.9): python recipe.py > trees.json"""

import json

import numpy as np
import shap
import xgboost
from sklearn.ensemble import RandomForestClassifier

random = np.random.default_rng(7)
FEATURES = 6


def rows(count):
    table = random.normal(size=(count, FEATURES)).round(2)
    table[:, 4] = random.integers(0, 3, size=count)
    return table.astype(np.float32)


def labels(table):
    clean = np.nan_to_num(table)
    odds = clean[:, 0] * clean[:, 1] + clean[:, 2] + (clean[:, 4] == 1) - 0.5
    return (random.random(len(table)) < 1 / (1 + np.exp(-2 * odds))).astype(int)


def flat(nodes):
    """Nodes as (feature, threshold, missing_left, left, right, value, cover), children made neighbours."""
    order, out, place = [0], [], {0: 0}
    for node in order:
        feature, threshold, missing_left, left, right, value, cover = nodes[node]
        if feature >= 0:
            place[left] = len(order)
            order += [left, right]
        out.append((feature, threshold, missing_left, place.get(left, 0) if feature >= 0 else 0, value, cover))
    return dict(zip(["feature", "threshold", "missingLeft", "left", "value", "cover"], map(list, zip(*out))))


def from_xgboost(tree):
    nodes = []
    for node in range(len(tree["left_children"])):
        leaf = tree["left_children"][node] < 0
        nodes.append((
            -1 if leaf else tree["split_indices"][node],
            0 if leaf else float(np.float32(tree["split_conditions"][node])),
            0 if leaf else int(tree["default_left"][node]),
            tree["left_children"][node],
            tree["right_children"][node],
            tree["split_conditions"][node] if leaf else 0,
            tree["sum_hessian"][node],
        ))
    return flat(nodes)


def from_sklearn(tree, trees):
    nodes = []
    for node in range(tree.node_count):
        leaf = tree.children_left[node] < 0
        nodes.append((
            -1 if leaf else int(tree.feature[node]),
            # scikit-learn goes left when x <= threshold, we when x < threshold.
            0 if leaf else float(np.nextafter(tree.threshold[node], np.inf)),
            0,
            int(tree.children_left[node]),
            int(tree.children_right[node]),
            float(tree.value[node][0][1]) / trees if leaf else 0,
            float(tree.weighted_n_node_samples[node]),
        ))
    return flat(nodes)


table = rows(400)
table[random.random(table.shape) < 0.1] = np.nan
booster = xgboost.train(
    {"objective": "binary:logistic", "max_leaves": 12, "max_depth": 8, "grow_policy": "lossguide", "base_score": 0.5,
     "tree_method": "hist", "eta": 0.5, "min_child_weight": 0.1},
    xgboost.DMatrix(table, labels(table)), 8)
asked = table[:20]
contributions = booster.predict(xgboost.DMatrix(asked), pred_contribs=True)
model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
missing = {
    "trees": [from_xgboost(tree) for tree in model["trees"]],
    "rows": [[None if np.isnan(x) else float(x) for x in row] for row in asked],
    "contributions": contributions[:, :-1].tolist(),
    "expected": float(contributions[0, -1]),
    "margins": booster.predict(xgboost.DMatrix(asked), output_margin=True).tolist(),
}

table = rows(300)
forest = RandomForestClassifier(5, random_state=0).fit(table, labels(table))
explainer = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
asked = table[:20]
deep = {
    "trees": [from_sklearn(estimator.tree_, 5) for estimator in forest.estimators_],
    "rows": asked.astype(float).tolist(),
    "contributions": explainer.shap_values(asked, check_additivity=False)[:, :, 1].tolist(),
    "expected": float(explainer.expected_value[1]),
    "margins": forest.predict_proba(asked)[:, 1].tolist(),
}
print(json.dumps({"xgboost": missing, "forest": deep}))
