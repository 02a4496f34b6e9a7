"""An isolation forest of scikit-learn 1.9 and its path lengths: python recipe.py > forest.json"""

import json

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length

random = np.random.default_rng(3)
FEATURES, SAMPLE, TREES = 4, 32, 6
table = random.normal(size=(200, FEATURES)).astype(np.float32)
forest = IsolationForest(n_estimators=TREES, max_samples=SAMPLE, random_state=1).fit(table)


def flat(tree):
    """Nodes with children made neighbours; x ≤ t becomes x < the number after t."""
    order, place, depth = [0], {0: 0}, {0: 0}
    columns = {name: [] for name in ("feature", "threshold", "left", "rows", "depth")}
    for node in order:
        leaf = tree.children_left[node] < 0
        if not leaf:
            for child in (tree.children_left[node], tree.children_right[node]):
                place[child], depth[child] = len(order), depth[node] + 1
                order.append(child)
        columns["feature"].append(-1 if leaf else int(tree.feature[node]))
        columns["threshold"].append(0.0 if leaf else float(np.nextafter(tree.threshold[node], np.inf)))
        columns["left"].append(0 if leaf else place[tree.children_left[node]])
        columns["rows"].append(int(tree.n_node_samples[node]))
        columns["depth"].append(depth[node])
    return columns


rows = np.vstack([random.normal(size=(20, FEATURES)), 6 * random.normal(size=(10, FEATURES))]).astype(np.float32)
sizes = [1, 2, 3, 4, 10, 100, 256, 1000, 65536]
print(
    json.dumps(
        dict(
            sampleRows=SAMPLE,
            trees=[flat(tree.tree_) for tree in forest.estimators_],
            rows=rows.astype(float).tolist(),
            anomalyScores=(-forest.score_samples(rows)).tolist(),
            sizes=sizes,
            averagePathLengths=_average_path_length(np.array(sizes)).tolist(),
        )
    )
)
