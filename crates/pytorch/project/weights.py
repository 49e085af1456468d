"""Weights as safetensors: a JSON header with names, shapes and positions, and then the numbers."""

import hashlib
import json
from pathlib import Path

import numpy
import torch

TYPES = {"F16": numpy.float16, "F32": numpy.float32}


def load(path):
    """The tensors of a safetensors file by their names, in single precision."""
    data = Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    state = {}
    for name, entry in header.items():
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        values = numpy.frombuffer(data[start:end], TYPES[entry["dtype"]])
        state[name] = torch.from_numpy(values.astype(numpy.float32).reshape(entry["shape"]))
    return state


def save(path, state, card):
    """Writes a model as PATH (.safetensors) and its card beside it (.json). The page opens both together."""
    path = Path(path)
    header, blocks, position = {}, [], 0
    for name, tensor in state.items():
        values = tensor.detach().cpu().to(torch.float32).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [position, position + len(values)]}
        position += len(values)
        blocks.append(values)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    data = len(text).to_bytes(8, "little") + text + b"".join(blocks)
    path.write_bytes(data)
    count = sum(tensor.numel() for tensor in state.values())
    about = {"bytes": len(data), "storage": "f32", "parameters": count, "sha256": hashlib.sha256(data).hexdigest()}
    card = {**card, "name": path.stem, "weights": about}
    # Figures of the weights that training started from.
    for key in ["training", "test", "class_means"]:
        card.pop(key, None)
    path.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n")
