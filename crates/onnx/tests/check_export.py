#!/usr/bin/env python3
"""python check_export.py DIR: compares ONNX Runtime with the expected values of the models in DIR (needs onnxruntime)."""
import json, sys
from pathlib import Path
import numpy as np, onnxruntime as ort

folder = Path(sys.argv[1])
worst, compared = 0.0, 0
for about in sorted(folder.glob("*.json")):
    case = json.loads(about.read_text())
    for part, inputs, outputs in [("decoder", ["z"], ["image"]), ("encoder", ["image"], ["mu", "log_var"])]:
        path = folder / f"{about.stem}-{part}.onnx"
        if not path.exists():
            continue
        session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        samples = case["samples"]
        per_sample = session.get_inputs()[0].shape[0] == 1
        for rows in [slice(i, i + 1) for i in range(samples)] if per_sample else [slice(0, samples)]:
            feed = {}
            for value in session.get_inputs():
                array = np.array(case["given"][value.name], dtype=np.float32).reshape(samples, -1)[rows]
                feed[value.name] = array.reshape(-1, *[int(size) for size in value.shape[1:]])
            for name, found in zip(outputs, session.run(outputs, feed)):
                expected = np.array(case["expected"][name], dtype=np.float32).reshape(samples, -1)[rows]
                difference = np.abs(found.reshape(expected.shape) - expected).max()
                assert difference < 1e-5 * max(1, np.abs(expected).max()), (path.name, name, difference)
                worst, compared = max(worst, difference), compared + 1
print(f"{compared} outputs, largest difference {worst:.2g}")
assert compared > 0
