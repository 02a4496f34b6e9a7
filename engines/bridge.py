"""Trains one native library on columns that Sentinel wrote, and saves the model in the library's own format.

    python bridge.py ENGINE DIRECTORY

reads DIRECTORY/job.json (seed, threads, columns, rows of each part) and, for each part, the little-endian doubles of
its columns one after the other (PART.values), its labels (PART.labels, bytes) and, if there, its weights
(PART.weights); writes DIRECTORY/model. Every library keeps its own defaults, but for at most 500 rounds that stop 50
after the best one on the validation part (100 without one).
"""
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

MOST_ROUNDS = 500
PATIENCE = 50
ROUNDS_WITHOUT_VALIDATION = 100


def read_part(directory, name, job):
    if name not in job["rows"]:
        return None
    rows = job["rows"][name]
    values = np.fromfile(directory / f"{name}.values", dtype="<f8").reshape(job["columns"], rows).T
    weights = directory / f"{name}.weights"
    return SimpleNamespace(
        values=values,
        labels=np.fromfile(directory / f"{name}.labels", dtype=np.uint8),
        weights=np.fromfile(weights, dtype="<f8") if weights.exists() else None,
    )


def xgboost(train, validation, job, names, path):
    import xgboost as library

    def matrix(part):
        return library.DMatrix(part.values, part.labels, weight=part.weights, feature_names=names)

    settings = {"objective": "binary:logistic", "seed": job["seed"], "nthread": job["threads"]}
    if validation is None:
        model = library.train(settings, matrix(train), ROUNDS_WITHOUT_VALIDATION)
    else:
        model = library.train(settings, matrix(train), MOST_ROUNDS, evals=[(matrix(validation), "validation")],
                              early_stopping_rounds=PATIENCE, verbose_eval=False)
        model = model[: model.best_iteration + 1]
    saved = path.with_suffix(".json")  # the format follows the name
    model.save_model(saved)
    saved.rename(path)


def lightgbm(train, validation, job, names, path):
    import lightgbm as library

    def data(part, reference=None):
        return library.Dataset(part.values, part.labels, weight=part.weights, feature_name=names, reference=reference)

    settings = {"objective": "binary", "seed": job["seed"], "num_threads": job["threads"], "deterministic": True,
                "verbosity": -1}
    training = data(train)
    if validation is None:
        model = library.train(settings, training, ROUNDS_WITHOUT_VALIDATION)
    else:
        model = library.train(settings, training, MOST_ROUNDS, valid_sets=[data(validation, training)],
                              callbacks=[library.early_stopping(PATIENCE, verbose=False)])
    model.save_model(path, num_iteration=model.best_iteration)


def catboost(train, validation, job, names, path):
    import catboost as library

    def pool(part):
        return library.Pool(part.values, part.labels, weight=part.weights, feature_names=names)

    rounds = ROUNDS_WITHOUT_VALIDATION if validation is None else MOST_ROUNDS
    model = library.CatBoostClassifier(iterations=rounds, random_seed=job["seed"], thread_count=job["threads"],
                                       allow_writing_files=False, verbose=False)
    if validation is None:
        model.fit(pool(train))
    else:
        model.fit(pool(train), eval_set=pool(validation), early_stopping_rounds=PATIENCE)
    model.save_model(str(path), format="json")


def sklearn(train, validation, job, names, path):
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import DoubleTensorType
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(n_estimators=100, max_depth=12, random_state=job["seed"], n_jobs=job["threads"])
    model.fit(train.values, train.labels, sample_weight=train.weights)
    graph = convert_sklearn(model, initial_types=[("features", DoubleTensorType([None, job["columns"]]))],
                            options={"zipmap": False})
    path.write_bytes(graph.SerializeToString())


def main():
    engine, directory = sys.argv[1], Path(sys.argv[2])
    job = json.loads((directory / "job.json").read_text())
    names = [f"f{column}" for column in range(job["columns"])]
    train, validation = (read_part(directory, name, job) for name in ("training", "validation"))
    ENGINES[engine](train, validation, job, names, directory / "model")


ENGINES = {"xgboost": xgboost, "lightgbm": lightgbm, "catboost": catboost, "sklearn": sklearn}

if __name__ == "__main__":
    main()
