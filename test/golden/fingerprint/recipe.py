"""Golden fingerprints from the mmh3 package (an independent MurmurHash3): pip install mmh3; python recipe.py > golden.json"""
import json
import mmh3

IDS = ["", "a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "abcdefghi",
       "0f8fad5b-d9cb-469f-a165-70867728950e", "txn_000000000001", "zażółć gęślą jaźń", "支払い-42", "x" * 100]
rows = []
for seed in (0, 42, 0xDEADBEEF):
    for text in IDS:
        digest = mmh3.mmh3_x86_128_digest(text.encode("utf-16-le"), seed)
        rows.append({"id": text, "seed": seed, "words": [int.from_bytes(digest[i:i + 4], "little") for i in range(0, 16, 4)]})
print(json.dumps(rows, ensure_ascii=False, indent=0))
