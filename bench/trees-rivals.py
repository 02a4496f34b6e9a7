"""Trains one rival of Sentinel's learners on the data and settings of one order, and answers as trees-process.ts does."""
import json
import os
import resource
import sys
import time

import numpy as np

order = json.loads(sys.argv[1])
features, rows, test_rows, threads = (order[name] for name in ("features", "rows", "testRows", "threads"))
rounds, leaves, depth, rate = (order[name] for name in ("rounds", "leaves", "depth", "learningRate"))


def matrix(name, count):
    columns = np.fromfile(os.path.join(order["directory"], name), dtype="<f8").reshape(features, count)
    return np.ascontiguousarray(columns.T)


train, test = matrix("train.f64", rows), matrix("test.f64", test_rows)
labels = np.fromfile(os.path.join(order["directory"], "train.labels"), dtype=np.uint8).astype(float)


SCORED, EXPLAINED, SINGLES, REPETITIONS = 10_000, 500, 50, 3


def best_us(rows, work):
    """Microseconds a row, of the best repetition."""
    times = []
    for _ in range(REPETITIONS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times) * 1e6 / rows


def costs(score, explain):
    """What a row costs alone and in a table, on one thread; an engine without contributions gives None for explain."""
    singles = [test[row : row + 1] for row in range(SINGLES)]
    return dict(
        scoreRowUs=best_us(SINGLES, lambda: [score(row) for row in singles]),
        scoreBatchUs=best_us(len(test[:SCORED]), lambda: score(test[:SCORED])),
        explainRowUs=explain and best_us(SINGLES, lambda: [explain(row) for row in singles]),
        explainBatchUs=explain and best_us(len(test[:EXPLAINED]), lambda: explain(test[:EXPLAINED])),
    )


def xgboost():
    import xgboost as library

    def fit():
        data = library.QuantileDMatrix(train, labels, max_bin=255, nthread=threads)
        settings = dict(objective="binary:logistic", tree_method="hist", grow_policy="lossguide", max_leaves=leaves)
        settings |= dict(max_depth=depth, eta=rate, reg_lambda=1, min_child_weight=1, max_bin=255, nthread=threads)
        return library.train(settings, data, rounds)

    def time_rows(model):
        model.set_param(dict(nthread=1))
        score = lambda rows: model.inplace_predict(rows, predict_type="margin")
        return costs(score, lambda rows: model.predict(library.DMatrix(rows, nthread=1), pred_contribs=True))

    return library, fit, lambda model: model.predict(library.DMatrix(test), output_margin=True), time_rows


def lightgbm():
    import lightgbm as library

    def fit():
        settings = dict(objective="binary", num_leaves=leaves, max_depth=depth, learning_rate=rate, lambda_l2=1)
        settings |= dict(min_sum_hessian_in_leaf=1, min_data_in_leaf=1, max_bin=255, num_threads=threads, verbose=-1)
        return library.train(settings, library.Dataset(train, labels), rounds)

    def time_rows(model):
        score = lambda rows: model.predict(rows, raw_score=True, num_threads=1)
        return costs(score, lambda rows: model.predict(rows, pred_contrib=True, num_threads=1))

    return library, fit, lambda model: model.predict(test, raw_score=True), time_rows


def catboost():
    import catboost as library

    def fit():
        settings = dict(iterations=rounds, learning_rate=rate, l2_leaf_reg=1, border_count=254, thread_count=threads)
        settings |= dict(bootstrap_type="No", boosting_type="Plain", leaf_estimation_iterations=1)
        settings |= dict(allow_writing_files=False, logging_level="Silent", depth=depth)
        if order["task"] == "leaf-wise-by-weight":
            settings |= dict(grow_policy="Lossguide", max_leaves=leaves, min_data_in_leaf=1)
        return library.CatBoostClassifier(**settings).fit(train, labels)

    def time_rows(model):
        score = lambda rows: model.predict(rows, prediction_type="RawFormulaVal", thread_count=1)
        explain = lambda rows: model.get_feature_importance(library.Pool(rows), type="ShapValues", thread_count=1)
        return costs(score, explain)

    return library, fit, lambda model: model.predict(test, prediction_type="RawFormulaVal", thread_count=threads), time_rows


def sklearn():
    import sklearn as library
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    def fit():
        if order["task"] == "forest":
            return RandomForestClassifier(rounds, max_depth=depth, n_jobs=threads, random_state=order["seed"]).fit(train, labels)
        if order["task"] == "logistic":
            steps = SimpleImputer(add_indicator=True), StandardScaler(), LogisticRegression(max_iter=500)
            with threadpool_limits(threads):
                return make_pipeline(*steps).fit(train, labels)
        settings = dict(max_iter=rounds, max_leaf_nodes=leaves, max_depth=depth, learning_rate=rate)
        settings |= dict(l2_regularization=1, min_samples_leaf=1, max_bins=255, early_stopping=False)
        with threadpool_limits(threads):
            return HistGradientBoostingClassifier(**settings).fit(train, labels)

    def time_rows(model):
        if order["task"] == "forest":
            model.set_params(n_jobs=1)
        with threadpool_limits(1):
            return costs(lambda rows: model.predict_proba(rows), None)

    return library, fit, lambda model: model.predict_proba(test)[:, 1], time_rows


library, fit, score, time_rows = dict(xgboost=xgboost, lightgbm=lightgbm, catboost=catboost, sklearn=sklearn)[order["engine"]]()
began, cpu_began = time.perf_counter(), time.process_time()
model = fit()
seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
np.asarray(score(model), dtype="<f8").tofile(os.path.join(order["directory"], "scores.f64"))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps(dict(version=library.__version__, seconds=seconds, cpuSeconds=cpu_seconds, peakBytes=peak) | time_rows(model)))
