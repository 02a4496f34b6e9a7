"""Writes the golden models of test/formats: small models of the real libraries with what they say of awkward rows.

    python -m venv venv && venv/bin/pip install xgboost lightgbm catboost scikit-learn skl2onnx onnxruntime shap \
        pandas && venv/bin/python recipe.py [directory]
"""
import base64
import itertools
import json
import math
import sys
import tempfile
from pathlib import Path

import catboost
import lightgbm as lgb
import numpy as np
import onnxruntime
import pandas as pd
import shap
import sklearn
import xgboost as xgb
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
NUMERIC = ["amount", "ratio", "count", "cents"]
CATEGORIES = ["atm", "cafe", "fuel", "grocery", "travel"]
EXPLAINED = 25
rng = np.random.default_rng(20261121)


def training_rows(rows=900):
    x = np.stack(
        [rng.lognormal(3, 1, rows), rng.normal(size=rows), rng.poisson(1.5, rows).astype(float), rng.integers(-3, 4, rows) / 2],
        axis=1,
    )
    x[rng.random(x.shape) < 0.12] = np.nan
    x[:, 0] = np.round(x[:, 0], 2)
    x[:, 1] = np.round(x[:, 1], 3)
    category = rng.choice(CATEGORIES, rows)
    known = np.nan_to_num(x)
    logit = 0.04 * known[:, 0] - 2 + known[:, 1] * known[:, 3] + 0.5 * (known[:, 2] > 2) + 1.5 * np.isin(category, ["cafe", "travel"])
    y = (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(int)
    return x, category, y


X, C, Y = training_rows()


def awkward_rows(thresholds):
    """Rows like those of training, with zeros of both signs, missing values and thresholds hit exactly and just missed."""
    rows = training_rows(90)[0]
    for i, value in enumerate([0.0, -0.0, np.nan, 1e-36, -1e-36, 1e-30, 5e-324]):
        for column in range(4):
            rows[4 * i + column, column] = value
    extra = []
    for column, threshold in thresholds:
        single = np.float32(threshold)
        for value in [
            threshold,
            float(single),
            float(np.nextafter(single, np.float32(np.inf))),
            float(np.nextafter(single, np.float32(-np.inf))),
            np.nextafter(threshold, np.inf),
            np.nextafter(threshold, -np.inf),
            (float(single) + float(np.nextafter(single, np.float32(-np.inf)))) / 2,
        ]:
            row = training_rows(1)[0][0]
            row[column] = value
            extra.append(row)
    return np.concatenate([rows, np.array(extra).reshape(-1, 4)])


def some(thresholds, most=6):
    unique = sorted({(c, t) for c, t in thresholds})
    step = max(1, len(unique) // most)
    return unique[::step][:most]


def plain(value):
    return [[None if np.isnan(v) else ("-0" if v == 0 and np.signbit(v) else float(v)) for v in row] for row in value]


def case(name, text, rows, margins, contributions, categories=None):
    """`contributions` [rows, features + 1], the expected margin last; `categories` None marks a missing one."""
    return {
        "name": name,
        "model": text,
        "rows": plain(rows),
        **({"categories": categories} if categories is not None else {}),
        "margins": [float(m) for m in margins],
        "contributions": [[float(f"{v:.9g}") for v in row] for row in np.asarray(contributions)[:EXPLAINED]],
    }


def write(name, cases, **more):
    (OUT / f"{name}.json").write_text(json.dumps({**more, "cases": cases}, ensure_ascii=False) + "\n")


def saved(save):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "model"
        save(str(path))
        return path.read_text()


def frame(x, category, categories=CATEGORIES):
    data = pd.DataFrame(x, columns=NUMERIC)
    data["category"] = pd.Categorical(category, categories=categories)
    return data


def xgboost_cases():
    def thresholds(text):
        for tree in json.loads(text)["learner"]["gradient_booster"].get("model", {}).get("trees", []):
            for left, feature, value, kind in zip(
                tree["left_children"], tree["split_indices"], tree["split_conditions"], tree["split_type"]
            ):
                if left != -1 and kind == 0:
                    yield feature, float(np.float32(value))

    def explain(booster, matrix):
        return booster.predict(matrix, pred_contribs=True)

    cases = []
    for name, settings in {
        "depth-wise": {"max_depth": 4, "eta": 0.3},
        "leaf-wise": {"grow_policy": "lossguide", "max_leaves": 9, "max_depth": 0, "base_score": 0.013},
        "exact": {"tree_method": "exact", "max_depth": 3, "objective": "binary:logitraw"},
        "parallel": {"num_parallel_tree": 3, "subsample": 0.6, "max_depth": 3},
        "dart": {"booster": "dart", "rate_drop": 0.4, "max_depth": 3},
        "ranking": {"objective": "rank:pairwise", "max_depth": 3},
    }.items():
        data = xgb.DMatrix(X, Y, feature_names=NUMERIC)
        if name == "ranking":
            data.set_group([len(Y) // 9] * 9)
        booster = xgb.train({"objective": "binary:logistic", "seed": 1, **settings}, data, 7)
        text = saved(lambda path: booster.save_model(path + ".json") or Path(path + ".json").rename(path))
        rows = awkward_rows(some(thresholds(text)))
        matrix = xgb.DMatrix(rows, feature_names=NUMERIC)
        cases.append(case(name, text, rows, booster.predict(matrix, output_margin=True), explain(booster, matrix)))

    # Categories of a data frame: partitions and one against all; codes that no set holds, through plain numbers.
    for name, one_hot in {"categories": 1, "one-hot categories": 20}.items():
        settings = {"objective": "binary:logistic", "max_cat_to_onehot": one_hot, "max_depth": 4, "seed": 1}
        booster = xgb.train(settings, xgb.DMatrix(frame(X, C), Y, enable_categorical=True), 6)
        text = saved(lambda path: booster.save_model(path + ".json") or Path(path + ".json").rename(path))
        rows = awkward_rows(some(thresholds(text), 4))
        category = rng.choice([*CATEGORIES, None], len(rows))
        matrix = xgb.DMatrix(frame(rows, category), enable_categorical=True)
        margins = booster.predict(matrix, output_margin=True)
        cases.append(case(name, text, rows, margins, explain(booster, matrix), list(category)))

    codes = np.array([CATEGORIES.index(c) for c in C], dtype=float)
    types = ["q", "q", "q", "q", "c"]
    data = xgb.DMatrix(np.column_stack([X, codes]), Y, feature_types=types, enable_categorical=True)
    booster = xgb.train({"objective": "binary:logistic", "max_cat_to_onehot": 1, "seed": 1}, data, 5)
    text = saved(lambda path: booster.save_model(path + ".json") or Path(path + ".json").rename(path))
    rows = awkward_rows([])
    seen = rng.choice([0, 1, 2, 3, 4, 5, 31, 32, 77, np.nan, 2.5], len(rows))
    matrix = xgb.DMatrix(np.column_stack([rows, seen]), feature_types=types, enable_categorical=True)
    margins = booster.predict(matrix, output_margin=True)
    cases.append(case("codes", text, np.column_stack([rows, seen]), margins, explain(booster, matrix)))

    # The same model in the library's binary form.
    booster = xgb.train({"objective": "binary:logistic", "max_depth": 3}, xgb.DMatrix(X, Y, feature_names=NUMERIC), 3)
    forms = {form: base64.b64encode(bytes(booster.save_raw(form))).decode() for form in ["json", "ubj"]}

    # Base scores whose log-odds need correct rounding.
    scores = [0.5, 0.1, 1e-6, 0.035, 0.9999, 0.3333333, 0.7310586]
    bases = []
    for score in scores:
        booster = xgb.train({"objective": "binary:logistic", "base_score": score, "max_depth": 1}, xgb.DMatrix(X, Y), 0)
        bases.append(float(booster.predict(xgb.DMatrix(X[:1]), output_margin=True)[0]))
    write("xgboost", cases, version=xgb.__version__, baseScores=scores, baseMargins=bases, forms=forms)


def lightgbm_cases():
    def thresholds(text):
        for section in text.split("\nTree=")[1:]:
            lines = dict(line.split("=", 1) for line in section.splitlines() if "=" in line)
            for feature, value, decision in zip(
                lines.get("split_feature", "").split(), lines.get("threshold", "").split(), lines.get("decision_type", "").split()
            ):
                if int(decision) % 2 == 0:
                    yield int(feature), float(value)

    cases = []
    common = {"objective": "binary", "num_leaves": 9, "verbose": -1, "min_data_in_leaf": 5, "seed": 1, "num_threads": 1}
    for name, settings in {
        "leaf-wise": {},
        "zero as missing": {"zero_as_missing": True},
        "no missing values": {"use_missing": False},
        "forest": {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6},
        "dart": {"boosting": "dart", "drop_rate": 0.5},
        "ranking": {"objective": "lambdarank"},
        "one leaf": {"min_data_in_leaf": 5000},
    }.items():
        data = lgb.Dataset(X, Y, feature_name=NUMERIC, free_raw_data=False)
        if name == "ranking":
            data.set_group([100] * 9)
        booster = lgb.train({**common, **settings}, data, 5)
        text = booster.model_to_string()
        rows = awkward_rows(some(thresholds(text)))
        cases.append(case(name, text, rows, booster.predict(rows, raw_score=True), booster.predict(rows, pred_contrib=True)))

    settings = {**common, "min_data_per_group": 1, "cat_smooth": 1, "cat_l2": 1}
    for name, more in {"categories": {"max_cat_to_onehot": 1}, "one-hot categories": {"max_cat_to_onehot": 9}}.items():
        booster = lgb.train({**settings, **more}, lgb.Dataset(frame(X, C), Y), 5)
        text = booster.model_to_string()
        rows = awkward_rows(some(thresholds(text), 4))
        category = rng.choice([*CATEGORIES, None, "new"], len(rows))
        data = frame(rows, category, [*CATEGORIES, "new"])
        margins = booster.predict(data, raw_score=True)
        cases.append(case(name, text, rows, margins, booster.predict(data, pred_contrib=True), list(category)))

    codes = rng.integers(0, 70, len(Y)).astype(float)
    labels = (Y + (codes % 7 == 3) > 0).astype(int)
    data = lgb.Dataset(np.column_stack([X, codes]), labels, categorical_feature=[4])
    booster = lgb.train({**settings, "max_cat_to_onehot": 1}, data, 5)
    text = booster.model_to_string()
    rows = awkward_rows([])
    seen = rng.choice([*range(0, 70, 3), 63.0, 64.0, 66.0, 300.0, -1.0, np.nan, 10.5], len(rows))
    rows = np.column_stack([rows, seen])
    cases.append(case("codes", text, rows, booster.predict(rows, raw_score=True), booster.predict(rows, pred_contrib=True)))
    write("lightgbm", cases, version=lgb.__version__)


def defined_contributions(text, rows):
    """Shapley values by their definition, over all sets of features. CatBoost 1.2.10 itself gives contributions that do
    not add up to the margin as soon as several trees are not symmetric; for one tree it agrees with these."""
    model = json.loads(text)
    info = model["features_info"]
    floats = [(f["flat_feature_index"], f["nan_value_treatment"] == "AsTrue") for f in info["float_features"]]
    flat = [f["flat_feature_index"] for f in info.get("categorical_features", [])]
    hashes = {entry["hash"]: entry["value"] for entry in info.get("cat_features_hash", [])}
    count = len(floats) + len(flat)

    def test(split, row):
        if split["split_type"] == "OneHotFeature":
            place = flat[split["cat_feature_index"]]
            return place, row[place] == hashes[split["value"] % 2**32]
        place, most = floats[split["float_feature_index"]]
        value = np.float32(row[place])
        return place, most if np.isnan(value) else value > np.float32(split["border"])

    def weight(node):
        return node["weight"] if "value" in node else weight(node["left"]) + weight(node["right"])

    def value(node, row, known):
        if "value" in node:
            return node["value"]
        place, right = test(node["split"], row)
        if place in known:
            return value(node["right" if right else "left"], row, known)
        a, b = weight(node["left"]), weight(node["right"])
        return (a * value(node["left"], row, known) + b * value(node["right"], row, known)) / (a + b)

    scale, [bias] = model["scale_and_bias"]
    out = np.zeros((len(rows), count + 1))
    for at, row in enumerate(rows):
        worth = {
            known: sum(value(tree, row, known) for tree in model["trees"])
            for size in range(count + 1)
            for known in map(frozenset, itertools.combinations(range(count), size))
        }
        for known, without in worth.items():
            share = math.factorial(len(known)) * math.factorial(count - len(known) - 1) if len(known) < count else 0
            for place in set(range(count)) - known:
                out[at, place] += scale * share / math.factorial(count) * (worth[known | {place}] - without)
        out[at, count] = scale * worth[frozenset()] + bias
    return out


def catboost_explained(model, text, data, rows, margins):
    """What CatBoost says where it adds up, else the definition; both where both do."""
    own = np.asarray(model.get_feature_importance(data, type="ShapValues"))
    adds_up = np.abs(own.sum(axis=1) - margins).max() < 1e-9
    if "trees" not in json.loads(text):
        assert adds_up
        return own
    defined = defined_contributions(text, rows[:EXPLAINED])
    if adds_up:
        assert np.abs(own[:EXPLAINED] - defined).max() < 1e-9
    return defined


def catboost_cases():
    def thresholds(text):
        info = json.loads(text)["features_info"]["float_features"]
        return [(f["flat_feature_index"], border) for f in info for border in f["borders"] if abs(border) < 1e30]

    def strip(text):
        """Without the training settings, which are most of the file."""
        model = json.loads(text)
        del model["model_info"]
        return json.dumps(model, ensure_ascii=False)

    common = {"iterations": 8, "depth": 4, "verbose": 0, "allow_writing_files": False, "thread_count": 1, "random_seed": 1}
    cases = []
    for name, settings in {
        "symmetric": {},
        "missing is most": {"nan_mode": "Max", "boost_from_average": True, "loss_function": "CrossEntropy"},
        "depth-wise": {"grow_policy": "Depthwise"},
        "one tree": {"grow_policy": "Depthwise", "iterations": 1},
        "leaf-wise": {"grow_policy": "Lossguide", "max_leaves": 9, "nan_mode": "Max"},
        "missing unseen": {"nan_mode": "Forbidden"},
    }.items():
        x = np.nan_to_num(X, nan=-1.0) if name == "missing unseen" else X
        pool = catboost.Pool(x.astype(np.float32), Y, feature_names=NUMERIC)
        model = catboost.CatBoost({"loss_function": "Logloss", **common, **settings}).fit(pool)
        text = strip(saved(lambda path: model.save_model(path, format="json")))
        rows = awkward_rows(some(thresholds(text)))
        if name == "missing unseen":
            rows = rows[~np.isnan(rows).any(axis=1)]
        data = catboost.Pool(rows, feature_names=NUMERIC)
        margins = model.predict(data, prediction_type="RawFormulaVal")
        cases.append(case(name, text, rows, margins, catboost_explained(model, text, data, rows, margins)))
    for name, settings in {"one-hot": {}, "one-hot leaf-wise": {"grow_policy": "Lossguide"}}.items():
        data = pd.DataFrame(X.astype(np.float32), columns=NUMERIC).assign(category=C)
        pool = catboost.Pool(data, Y, cat_features=["category"])
        model = catboost.CatBoostClassifier(one_hot_max_size=10, **common, **settings).fit(pool)
        text = strip(saved(lambda path: model.save_model(path, format="json", pool=pool)))
        rows = awkward_rows(some(thresholds(text), 4))
        category = rng.choice([*CATEGORIES, "new"], len(rows))
        data = catboost.Pool(pd.DataFrame(rows, columns=NUMERIC).assign(category=category), cat_features=["category"])
        margins = model.predict(data, prediction_type="RawFormulaVal")
        whole = [[*row, text] for row, text in zip(rows, category)]
        shap = catboost_explained(model, text, data, whole, margins)
        cases.append(case(name, text, rows, margins, shap, list(category)))
    data = pd.DataFrame(X.astype(np.float32), columns=NUMERIC).assign(category=C)
    pool = catboost.Pool(data, Y, cat_features=["category"])
    model = catboost.CatBoostClassifier(one_hot_max_size=2, **{**common, "iterations": 2}).fit(pool)
    statistics = strip(saved(lambda path: model.save_model(path, format="json", pool=pool)))
    write("catboost", cases, version=catboost.__version__, targetStatistics=statistics)


def onnx_cases():
    """What scikit-learn says; its models go through ONNX. Contributions are against 300 training rows: those of trees by
    shap, of linear models by their definition."""
    x, _, y = X[:300], None, Y[:300]
    whole = np.nan_to_num(x, nan=-1.0).astype(np.float32).astype(np.float64)

    def thresholds(model):
        trees = np.ravel(getattr(model, "estimators_", [model]))
        return [(int(f), float(t)) for m in trees for f, t in zip(m.tree_.feature, m.tree_.threshold) if f >= 0]

    def case_of(name, model, data, margins_of, contributions_of, **more):
        fitted = model.fit(data, y)
        last = fitted[-1] if isinstance(fitted, Pipeline) else fitted
        rows = awkward_rows(some(thresholds(last)) if fitted is last and not hasattr(last, "coef_") else [])[:120]
        if not np.isnan(data).any():
            rows = np.nan_to_num(rows, nan=0.25)
        # The input is a tensor of single-precision numbers, in scikit-learn as in the runtime.
        single = rows.astype(np.float32)
        written = to_onnx(fitted, data[:1].astype(np.float32), **more)
        margins = margins_of(fitted, single)
        answer = onnxruntime.InferenceSession(written.SerializeToString()).run(None, {"X": single})
        if isinstance(answer[-1], list):
            fraud = np.array([row[1] for row in answer[-1]])
            own = fitted.predict_proba(single)[:, 1]
        else:
            fraud, own = np.ravel(answer[-1]), margins
        # The converter rounds thresholds to single precision and forgets where missing values go: where that moves a
        # row, the file says what the runtime says, and is not explained.
        moved = np.abs(fraud - own) > 1e-5
        margins = np.where(moved, np.log(fraud / (1 - fraud)) if margins_of is raw else fraud, margins)
        order = np.argsort(moved, kind="stable")
        rows, single, margins = rows[order], single[order], margins[order]
        assert (~moved).sum() >= EXPLAINED
        print(f"{name}: {moved.sum()} of {len(rows)} rows moved in writing")
        text = base64.b64encode(written.SerializeToString()).decode()
        return {
            **case(name, text, rows, margins, contributions_of(fitted, single)),
            "training": "whole" if data is whole else "gaps",
        }

    def raw(model, data):
        return model.decision_function(data)

    def probability(model, data):
        return model.predict_proba(data)[:, 1]

    def predicted(model, data):
        return model.predict(data)

    def tree_shap(model, data):
        explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
        values = np.asarray(explainer.shap_values(data.astype(np.float64), check_additivity=False))
        expected = np.ravel(explainer.expected_value)[-1]
        if values.ndim == 3:
            values = values[:, :, 1]
        return np.column_stack([values, np.full(len(values), expected)])

    def linear_shap(pipeline, data):
        scaled = pipeline[:-1].transform(data) if isinstance(pipeline, Pipeline) else data
        model = pipeline[-1] if isinstance(pipeline, Pipeline) else pipeline
        background = pipeline[:-1].transform(whole) if isinstance(pipeline, Pipeline) else whole
        coefficients, mean = np.ravel(model.coef_), background.mean(axis=0)
        expected = float(np.ravel(model.intercept_)[0] + coefficients @ mean)
        return np.column_stack([(scaled - mean) * coefficients, np.full(len(scaled), expected)])

    tree = {"max_depth": 4, "random_state": 1}
    cases = [
        case_of("boosting", GradientBoostingClassifier(n_estimators=8, max_depth=3, random_state=1), whole, raw, tree_shap),
        case_of("forest", RandomForestClassifier(4, bootstrap=False, max_features=2, **tree), whole, probability, tree_shap),
        case_of("tree", DecisionTreeClassifier(**tree), whole, probability, tree_shap),
        case_of("tree with gaps", DecisionTreeClassifier(**tree), x, probability, lambda *_: np.zeros((0, 5))),
        case_of("regression forest", RandomForestRegressor(3, bootstrap=False, max_features=2, **tree), whole, predicted, tree_shap),
        case_of("logistic", LogisticRegression(max_iter=5000), whole, raw, linear_shap),
        case_of("standardised", make_pipeline(StandardScaler(), LogisticRegression()), whole, raw, linear_shap),
        case_of("min-max", make_pipeline(MinMaxScaler(), LogisticRegression()), whole, raw, linear_shap),
        case_of("linear", make_pipeline(RobustScaler(), Ridge()), whole, predicted, linear_shap),
        case_of(
            "scaled forest",
            make_pipeline(StandardScaler(), RandomForestClassifier(3, bootstrap=False, **tree)),
            whole,
            probability,
            lambda *_: np.zeros((0, 5)),
        ),
    ]
    refused = {
        "Normalizer": make_pipeline(Normalizer(), LogisticRegression()),
        "ArgMax": KNeighborsClassifier(2),
        "classes": RandomForestClassifier(2, max_depth=2),
    }
    files = {}
    for name, model in refused.items():
        target = rng.integers(0, 3, len(y)) if name == "classes" else y
        files[name] = base64.b64encode(to_onnx(model.fit(whole[:40], target[:40]), whole[:1].astype(np.float32)).SerializeToString()).decode()
    imputed = make_pipeline(SimpleImputer(), LogisticRegression(max_iter=5000)).fit(x, y)
    rows = awkward_rows([])[:60].astype(np.float32)
    network = make_pipeline(SimpleImputer(), StandardScaler(), MLPClassifier((6,), max_iter=300, random_state=1)).fit(x, y)
    network_file = to_onnx(network, x[:1].astype(np.float32))
    files["imputer"] = base64.b64encode(to_onnx(imputed, x[:1].astype(np.float32)).SerializeToString()).decode()
    write("onnx", cases, version=sklearn.__version__, training={"whole": plain(whole), "gaps": plain(x)}, refused=files, imputed={"rows": plain(rows), "margins": [float(m) for m in raw(imputed, rows)]}, network={"model": base64.b64encode(network_file.SerializeToString()).decode(), "rows": plain(rows), "shares": [float(p) for p in probability(network, rows)]})


if __name__ == "__main__":
    xgboost_cases()
    lightgbm_cases()
    catboost_cases()
    onnx_cases()
