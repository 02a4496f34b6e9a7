"""Trains one rival of Sentinel's tree engine on the data and settings of one order, and answers as trees-process.ts does."""
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


def xgboost():
    import xgboost as library

    def fit():
        data = library.QuantileDMatrix(train, labels, max_bin=255, nthread=threads)
        settings = dict(objective="binary:logistic", tree_method="hist", grow_policy="lossguide", max_leaves=leaves)
        settings |= dict(max_depth=depth, eta=rate, reg_lambda=1, min_child_weight=1, max_bin=255, nthread=threads)
        return library.train(settings, data, rounds)

    return library, fit, lambda model: model.predict(library.DMatrix(test), output_margin=True)


def lightgbm():
    import lightgbm as library

    def fit():
        settings = dict(objective="binary", num_leaves=leaves, max_depth=depth, learning_rate=rate, lambda_l2=1)
        settings |= dict(min_sum_hessian_in_leaf=1, min_data_in_leaf=1, max_bin=255, num_threads=threads, verbose=-1)
        return library.train(settings, library.Dataset(train, labels), rounds)

    return library, fit, lambda model: model.predict(test, raw_score=True)


def catboost():
    import catboost as library

    def fit():
        settings = dict(iterations=rounds, learning_rate=rate, l2_leaf_reg=1, border_count=254, thread_count=threads)
        settings |= dict(bootstrap_type="No", boosting_type="Plain", leaf_estimation_iterations=1)
        settings |= dict(allow_writing_files=False, logging_level="Silent", depth=depth)
        if order["task"] == "leaf-wise":
            settings |= dict(grow_policy="Lossguide", max_leaves=leaves, min_data_in_leaf=1)
        return library.CatBoostClassifier(**settings).fit(train, labels)

    return library, fit, lambda model: model.predict(test, prediction_type="RawFormulaVal", thread_count=threads)


def sklearn():
    import sklearn as library
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from threadpoolctl import threadpool_limits

    def fit():
        if order["task"] == "forest":
            return RandomForestClassifier(rounds, max_depth=depth, n_jobs=threads, random_state=order["seed"]).fit(train, labels)
        settings = dict(max_iter=rounds, max_leaf_nodes=leaves, max_depth=depth, learning_rate=rate)
        settings |= dict(l2_regularization=1, min_samples_leaf=1, max_bins=255, early_stopping=False)
        with threadpool_limits(threads):
            return HistGradientBoostingClassifier(**settings).fit(train, labels)

    return library, fit, lambda model: model.predict_proba(test)[:, 1]


library, fit, score = dict(xgboost=xgboost, lightgbm=lightgbm, catboost=catboost, sklearn=sklearn)[order["engine"]]()
began, cpu_began = time.perf_counter(), time.process_time()
model = fit()
seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
np.asarray(score(model), dtype="<f8").tofile(os.path.join(order["directory"], "scores.f64"))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps(dict(version=library.__version__, seconds=seconds, cpuSeconds=cpu_seconds, peakBytes=peak)))
