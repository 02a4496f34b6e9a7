"""Metrics by scikit-learn on small arrays with and without ties: pip install scikit-learn; python recipe.py > metrics.json

Card precision follows the Fraud Detection Handbook's published definition, written here with pandas-free loops.
"""
import json
import numpy as np
from sklearn import metrics
from sklearn.calibration import calibration_curve

rng = np.random.default_rng(7)


def sample(rows, fraud_share, decimals):
    labels = (rng.random(rows) < fraud_share).astype(int)
    labels[:2] = [0, 1]
    logit = rng.normal(-2.5, 1.2, rows) + 2.2 * labels
    scores = 1 / (1 + np.exp(-logit))
    if decimals is not None:
        scores = np.round(scores, decimals)
    return labels, scores


def recall_at_fpr(labels, scores, bound):
    fpr, tpr, _ = metrics.roc_curve(labels, scores, drop_intermediate=False)
    return float(tpr[fpr <= bound].max())


def precision_at_k(labels, scores, k):
    """Expectation over orders of ties, by taking each tie group's mean label."""
    expected = np.array([labels[scores == s].mean() for s in scores])
    return float(expected[np.argsort(-scores, kind="stable")][:k].mean())


def ece(labels, scores, strategy, bins=15):
    if strategy == "width":
        edges = np.linspace(0, 1, bins + 1)
    else:
        edges = np.percentile(scores, np.linspace(0, 1, bins + 1) * 100)
    ids = np.searchsorted(edges[1:-1], scores)
    return float(sum(abs(scores[ids == b].sum() - labels[ids == b].sum()) for b in range(bins)) / len(scores))


def card_precision(labels, scores, customers, days, k):
    found, values = set(), []
    for day in sorted(set(days)):
        best = {}
        for y, s, c in zip(labels[days == day], scores[days == day], customers[days == day]):
            if c in found:
                continue
            old = best.get(c, (-1, 0))
            best[c] = (max(old[0], s), max(old[1], y))
        top = sorted(best.items(), key=lambda item: -item[1][0])[:k]
        caught = [c for c, (_, y) in top if y]
        found.update(caught)
        values.append(len(caught) / k)
    return float(np.mean(values))


# Where scores are continuous, rows - 1 shares no factor with the 15 bins: no quantile edge falls on a score.
cases = []
for rows, share, decimals in [(402, 0.15, None), (1500, 0.03, None), (600, 0.1, 2), (300, 0.3, 1), (50, 0.5, 0)]:
    y, s = sample(rows, share, decimals)
    customers = rng.integers(0, rows // 8, rows)
    days = np.sort(rng.integers(0, 6, rows))
    amounts = np.round(rng.lognormal(3, 1, rows), 2)
    weights = rng.integers(0, 4, rows).astype(float)
    fpr, tpr, roc_thresholds = metrics.roc_curve(y, s, drop_intermediate=False)
    flagged = (s >= 0.4).astype(int)
    case = {
        "labels": y.tolist(), "scores": s.tolist(), "customers": customers.tolist(), "days": days.tolist(),
        "amounts": amounts.tolist(), "weights": weights.tolist(),
        "confusion": metrics.confusion_matrix(y, flagged).ravel().tolist(),
        "accuracy": metrics.accuracy_score(y, flagged),
        "precision": metrics.precision_score(y, flagged, zero_division=0),
        "recall": metrics.recall_score(y, flagged),
        "f1": metrics.f1_score(y, flagged, zero_division=0),
        "f2": metrics.fbeta_score(y, flagged, beta=2, zero_division=0),
        "rocAuc": metrics.roc_auc_score(y, s),
        "averagePrecision": metrics.average_precision_score(y, s),
        "kolmogorovSmirnov": float(np.abs(tpr - fpr).max()),
        "logLoss": metrics.log_loss(y, s, labels=[0, 1]),
        "brier": metrics.brier_score_loss(y, s),
        "recallAtFpr": [recall_at_fpr(y, s, bound) for bound in (0.001, 0.01, 0.05, 0.2)],
        "precisionAt": [precision_at_k(y, s, k) for k in (1, 10, 37, rows)],
        "calibrationCurve": {},
        "ece": {},
        "cardPrecision": card_precision(y, s, customers, days, 3) if decimals is None else None,
        "valueDetection": float(amounts[(y == 1) & (s >= 0.4)].sum() / amounts[y == 1].sum()),
        "weighted": {
            "rocAuc": metrics.roc_auc_score(y, s, sample_weight=weights),
            "averagePrecision": metrics.average_precision_score(y, s, sample_weight=weights),
            "logLoss": metrics.log_loss(y, s, labels=[0, 1], sample_weight=weights),
            "brier": metrics.brier_score_loss(y, s, sample_weight=weights),
            "precision": metrics.precision_score(y, flagged, sample_weight=weights, zero_division=0),
        },
        "curveTails": {
            "roc": [[float(a), float(b)] for a, b in zip(fpr, tpr)][-5:],
            "precisionRecall": [
                [float(r), float(p)] for p, r in list(zip(*metrics.precision_recall_curve(y, s)[:2]))[-6:]
            ],
        },
    }
    for strategy, name in [("width", "uniform"), ("mass", "quantile")]:
        observed, stated = calibration_curve(y, s, n_bins=15, strategy=name)
        case["calibrationCurve"][strategy] = [[float(a), float(b)] for a, b in zip(stated, observed)]
        case["ece"][strategy] = ece(y, s, strategy)
    cases.append(case)

# A bootstrap interval by SciPy, rows resampled one by one.
from scipy.stats import bootstrap

y, s = sample(800, 0.1, None)
result = bootstrap((y, s), lambda a, b: metrics.roc_auc_score(a, b), paired=True, vectorized=False,
                   n_resamples=4000, method="percentile", rng=np.random.default_rng(3))
boot = {"labels": y.tolist(), "scores": s.tolist(),
        "low": float(result.confidence_interval.low), "high": float(result.confidence_interval.high)}
import sys
json.dump({"cases": cases, "bootstrap": boot}, sys.stdout, separators=(",", ":"))
