"""Scores rows with files that Sentinel wrote: python score.py DIRECTORY

Reads cases.json, a list of {name, format, file, rows}, and writes scores.json, {name: {margins, probabilities}}.
"""
import base64
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import xgboost as xgb

DIRECTORY = Path(sys.argv[1])


def doubles(packed):
    return np.frombuffer(base64.b64decode(packed), dtype="<f8")


def encoded(rows, encoder):
    """The columns an encoder makes, as the attribute of an XGBoost file describes it."""
    columns = []
    for step in json.loads(encoder)["steps"]:
        values = rows[:, step["source"]]
        if step["encoding"] == "copy":
            columns.append(values)
        elif step["encoding"] == "one-hot":
            keys = doubles(step["keys"])
            columns += [np.where(np.isnan(values), 0, values == key) for key in keys]
            columns.append(np.where(np.isnan(values), 0, ~np.isin(values, keys)))
        else:
            known = doubles(step["values"])
            table = dict(zip(doubles(step["keys"]), known[:-1]))
            columns.append(np.array([np.nan if np.isnan(v) else table.get(v, known[-1]) for v in values]))
    return np.column_stack(columns)


def score_onnx(path, rows):
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path)
    margins, probabilities = session.run(["margin", "probability"], {"features": rows})
    return {"margins": margins[:, 0].tolist(), "probabilities": probabilities[:, 0].tolist()}


def score_xgboost(path, rows):
    booster = xgb.Booster(model_file=path)
    encoder = booster.attributes().get("sentinel_encoder")
    columns = rows if encoder is None else encoded(rows, encoder)
    data = xgb.DMatrix(columns, feature_names=booster.feature_names)
    return {"margins": [float(m) for m in booster.predict(data, output_margin=True)]}


scores = {}
for item in json.loads((DIRECTORY / "cases.json").read_text()):
    rows = np.array([[np.nan if v is None else v for v in row] for row in item["rows"]], dtype=np.float64)
    score = score_onnx if item["format"] == "onnx" else score_xgboost
    scores[item["name"]] = score(str(DIRECTORY / item["file"]), rows)
(DIRECTORY / "scores.json").write_text(json.dumps(scores))
