"""Learners and calibrators by scikit-learn 1.9, SciPy 1.17 and XGBoost 3.2: python recipe.py > learners.json"""

import json

import numpy as np
import xgboost
from scipy.optimize import minimize
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

random = np.random.default_rng(11)
table = random.normal(size=(300, 4))
table[:, 1] = np.exp(table[:, 1]).round(2)
table[:, 3] = random.integers(0, 4, size=300)
table = table.round(3)
odds = 1.5 * table[:, 0] - 0.5 * table[:, 1] + (table[:, 3] == 2) - 1.2
label = (random.random(300) < 1 / (1 + np.exp(-odds))).astype(int)


def logistic(scaler, **settings):
    scaled = scaler.fit_transform(table)
    model = LogisticRegression(tol=1e-12, max_iter=100_000, **settings).fit(scaled, label)
    return model.decision_function(scaled).tolist()


def boosted(**settings):
    data = xgboost.DMatrix(table, label)
    model = xgboost.train(
        {"objective": "binary:logistic", "tree_method": "exact", "eta": 0.3, "base_score": float(label.mean()), **settings},
        data, 5)
    return model.predict(data, output_margin=True).astype(float).tolist()


margin = odds + random.normal(size=300)
tied = margin.round(1)
sigmoid = _SigmoidCalibration().fit(margin, label)
isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(tied, label)
asked = np.linspace(tied.min() - 1, tied.max() + 1, 50)

members = np.stack([margin, odds + 2 * random.normal(size=300), -odds + random.normal(size=300)])
scaled = (members - members.mean(1, keepdims=True)) / members.std(1, keepdims=True)


def stack_loss(point):
    z = point[:3] @ scaled + point[3]
    slope = 1 / (1 + np.exp(-z)) - label
    return np.logaddexp(0, z).sum() - z[label == 1].sum() + (point[:3] ** 2).sum() / 2, np.append(
        scaled @ slope + point[:3], slope.sum())


fit = minimize(stack_loss, np.zeros(4), jac=True, method="L-BFGS-B", bounds=[(0, None)] * 3 + [(None, None)],
               options={"ftol": 1e-16, "gtol": 1e-12, "maxiter": 10_000})
weights = fit.x[:3] / members.std(1)
print(json.dumps({
    "columns": table.T.tolist(),
    "labels": label.tolist(),
    "logistic": {
        "standard": logistic(StandardScaler(), C=1.0),
        "balanced": logistic(StandardScaler(), C=0.1, class_weight="balanced"),
        "minMax": logistic(MinMaxScaler(), C=10.0),
        "elasticNet": logistic(StandardScaler(), C=0.05, l1_ratio=0.7, solver="saga"),
    },
    "tree": {str(depth): DecisionTreeClassifier(max_depth=depth, random_state=0).fit(table, label).predict_proba(table)[:, 1].tolist() for depth in (2, 4)},
    "boosting": {
        "depthWise": boosted(max_depth=4),
        "leafWise": boosted(max_depth=12, max_leaves=9, grow_policy="lossguide", tree_method="hist", max_bin=1000),
    },
    "margins": margin.tolist(),
    "platt": [float(-sigmoid.a_), float(-sigmoid.b_)],
    "isotonic": {"margins": tied.tolist(), "asked": asked.tolist(), "probabilities": isotonic.predict(asked).tolist()},
    "stack": {"members": members.tolist(), "weights": weights.tolist(), "intercept": float(fit.x[3] - weights @ members.mean(1))},
}))
