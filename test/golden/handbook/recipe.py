"""The Handbook's fifteen features by pandas, after the published definitions.

    python recipe.py golden              generated payments and their features -> features.json (kept beside this file)
    python recipe.py compare CSV PARQUET features of a real file against those that `sentinel features build` wrote (needs pyarrow)

Source of the definitions: Le Borgne, Siblini, Lebichot, Bontempi, "Reproducible Machine Learning for Credit Card Fraud
Detection - Practical Handbook", 2022, chapter 3.5 (baseline feature transformation).
"""
import json
import pathlib
import sys

import numpy as np
import pandas as pd

WINDOWS = [1, 7, 30]
DELAY_DAYS = 7


def customer_features(rows: pd.DataFrame) -> pd.DataFrame:
    amounts = rows.set_index("TX_DATETIME")["TX_AMOUNT"]
    result = pd.DataFrame(index=rows.index)
    for days in WINDOWS:
        window = amounts.rolling(f"{days}D")
        counts = window.count()
        result[f"CUSTOMER_ID_NB_TX_{days}DAY_WINDOW"] = counts.to_numpy()
        result[f"CUSTOMER_ID_AVG_AMOUNT_{days}DAY_WINDOW"] = (window.sum() / counts).to_numpy()
    return result


def terminal_features(rows: pd.DataFrame) -> pd.DataFrame:
    frauds = rows.set_index("TX_DATETIME")["TX_FRAUD"]
    result = pd.DataFrame(index=rows.index)
    delay = frauds.rolling(f"{DELAY_DAYS}D")
    for days in WINDOWS:
        window = frauds.rolling(f"{DELAY_DAYS + days}D")
        counts = (window.count() - delay.count()).to_numpy()
        caught = (window.sum() - delay.sum()).to_numpy()
        result[f"TERMINAL_ID_NB_TX_{days}DAY_WINDOW"] = counts
        result[f"TERMINAL_ID_RISK_{days}DAY_WINDOW"] = np.divide(
            caught, counts, out=np.zeros_like(caught), where=counts > 0
        )
    return result


def features(rows: pd.DataFrame) -> pd.DataFrame:
    result = pd.DataFrame(index=rows.index)
    result["TX_AMOUNT"] = rows["TX_AMOUNT"]
    result["TX_DURING_WEEKEND"] = (rows["TX_DATETIME"].dt.weekday >= 5).astype(float)
    result["TX_DURING_NIGHT"] = (rows["TX_DATETIME"].dt.hour <= 6).astype(float)
    for key, compute in (("CUSTOMER_ID", customer_features), ("TERMINAL_ID", terminal_features)):
        parts = [compute(group) for _, group in rows.groupby(key, sort=False)]
        result = result.join(pd.concat(parts))
    return result


def generated(seed: int = 7, customers: int = 8, terminals: int = 6, count: int = 400, days: int = 60) -> pd.DataFrame:
    """Payments of the Handbook's shape; some share their second, so that ties are tested."""
    random = np.random.default_rng(seed)
    seconds = np.sort(random.integers(0, days * 86400, count))
    seconds[1::20] = seconds[0::20][: len(seconds[1::20])]
    seconds[7::25] = seconds[6::25][: len(seconds[7::25])] // 86400 * 86400 + 86400  # some at midnight
    seconds = np.sort(seconds)
    return pd.DataFrame(
        {
            "TX_DATETIME": pd.Timestamp("2018-04-01") + pd.to_timedelta(seconds, unit="s"),
            "CUSTOMER_ID": random.integers(0, customers, count),
            "TERMINAL_ID": random.integers(0, terminals, count),
            "TX_AMOUNT": np.round(random.gamma(2.0, 30.0, count) + 0.01, 2),
            "TX_FRAUD": (random.random(count) < 0.1).astype(int),
        }
    )


def golden() -> None:
    rows = generated()
    vectors = features(rows)
    document = {
        "columns": list(vectors.columns),
        "payments": [
            [int(time.timestamp()) * 1000, int(customer), int(terminal), int(round(amount * 100)), int(fraud)]
            for time, customer, terminal, amount, fraud in rows.itertuples(index=False)
        ],
        "features": [[float(f"{value:.12g}") for value in vector] for vector in vectors.to_numpy()],
    }
    target = pathlib.Path(__file__).with_name("features.json")
    target.write_text(json.dumps(document, separators=(",", ":")).replace("],[", "],\n[") + "\n")


def compare(csv: str, parquet: str) -> None:
    rows = pd.read_csv(csv, parse_dates=["TX_DATETIME"])
    expected = features(rows)
    actual = pd.read_parquet(parquet).set_index("TRANSACTION_ID").loc[rows["TRANSACTION_ID"]].reset_index(drop=True)
    wrong = pd.Series(False, index=rows.index)
    for column in expected.columns:
        difference = (expected[column] - actual[column]).abs()
        # Amounts carry binary noise in the file, and the rolling sums behind averages gather more.
        beyond = ~(difference <= (1e-6 if "AMOUNT" in column else 0))
        wrong |= beyond
        print(f"{column:40s} beyond its tolerance {int(beyond.sum()):9d}  largest {difference.max():.3g}")
    twins = rows.duplicated(["CUSTOMER_ID", "TX_DATETIME"], keep=False)
    print(f"{len(rows)} rows, {int(wrong.sum())} wrong, {int((wrong & ~twins).sum())} beside same-second pairs")
    sys.exit(int((wrong & ~twins).any()))


if __name__ == "__main__":
    if sys.argv[1:] == ["golden"]:
        golden()
    else:
        compare(sys.argv[2], sys.argv[3])
