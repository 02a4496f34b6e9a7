"""What MLflow's own client sees and does: `see URI`, `stage URI NUMBER STAGE`, `alias URI ALIAS NUMBER`."""
import hashlib
import json
import os
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
import mlflow

EXPERIMENT, MODEL = "fraud_detection", "fraud_detector"


def files(folder):
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = hashlib.sha256(file.read()).hexdigest()
    return found


def see(client):
    experiment = client.get_experiment_by_name(EXPERIMENT)
    runs = []
    for run in client.search_runs([experiment.experiment_id]):
        history = client.get_metric_history(run.info.run_id, "rocAuc")
        shown = {
            "id": run.data.tags["sentinel.run_id"],
            "status": run.info.status,
            "seconds": None if run.info.end_time is None else (run.info.end_time - run.info.start_time) / 1000,
            "parameters": run.data.params,
            "metrics": run.data.metrics,
            "steps": [[point.step, point.value] for point in history],
            "tags": run.data.tags,
            "digests": [each.dataset.digest for each in run.inputs.dataset_inputs],
        }
        if run.info.status == "FINISHED":
            with tempfile.TemporaryDirectory() as folder:
                shown["files"] = files(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, dst_path=folder))
            table = client.load_table(experiment.experiment_id, "feature_importance.json", run_ids=[run.info.run_id])
            shown["importance"] = table["feature"].tolist()
        runs.append(shown)
    versions = [
        {"number": each.version, "version": each.tags["sentinel.version"], "stage": each.current_stage}
        for each in client.search_model_versions(f"name='{MODEL}'")
    ]
    aliases = {alias: int(number) for alias, number in client.get_registered_model(MODEL).aliases.items()}
    champion = {}
    if "champion" in aliases:
        with tempfile.TemporaryDirectory() as folder:
            champion = files(mlflow.artifacts.download_artifacts(f"models:/{MODEL}@champion", dst_path=folder))
    return {"runs": runs, "versions": versions, "aliases": aliases, "champion": champion}


verb, uri, *words = sys.argv[1:]
mlflow.set_tracking_uri(uri)
client = mlflow.MlflowClient()
if verb == "see":
    print(json.dumps(see(client)))
elif verb == "stage":
    client.transition_model_version_stage(MODEL, words[0], words[1])
else:
    client.set_registered_model_alias(MODEL, words[0], words[1])
