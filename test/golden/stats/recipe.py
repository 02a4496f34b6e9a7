"""Correctly rounded elementary functions by mpmath (200 bits): pip install mpmath; python recipe.py > elementary.json"""
import json
import random
import mpmath as mp

mp.mp.prec = 200
rng = random.Random(20260101)

arguments = {
    "exp": [0.0, 1.0, -1.0, 1e-300, 709.78, -708.5, -744.9, 0.34657359, -0.34657360]
    + [rng.uniform(-30, 30) for _ in range(60)] + [rng.uniform(-1, 1) for _ in range(30)],
    "log": [5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1.0, 1.4142135623730951, 1.4142135623730954, 0.1, 10.0]
    + [rng.uniform(0, 4) for _ in range(60)] + [2.0 ** rng.uniform(-1000, 1000) for _ in range(30)],
    "log1p": [1e-300, -1e-17, 0.41, 0.40999, -0.29, -0.9999999, 1e15, 1e16, 1e300]
    + [rng.uniform(-0.99, 4) for _ in range(60)] + [rng.uniform(-1e-3, 1e-3) for _ in range(30)],
    "sin": [3.141592653589793, 6.283185307179586, 0.7853981633974483, 1048575.9]
    + [rng.uniform(-10, 10) for _ in range(60)] + [rng.uniform(-1e6, 1e6) for _ in range(30)],
    "cos": [0.0, 1.5707963267948966, 4.71238898038469, -1048575.9]
    + [rng.uniform(-10, 10) for _ in range(60)] + [rng.uniform(-1e6, 1e6) for _ in range(30)],
    "asin": [0.0, 0.5, 0.5000000000000001, 1.0, -1.0, 0.9999999999999999, 1e-200] + [rng.uniform(-1, 1) for _ in range(60)],
}
functions = {"exp": mp.exp, "log": mp.log, "log1p": lambda x: mp.log1p(x), "sin": mp.sin, "cos": mp.cos, "asin": mp.asin}
print(json.dumps({name: [[x, float(functions[name](mp.mpf(x)))] for x in xs] for name, xs in arguments.items()}))
