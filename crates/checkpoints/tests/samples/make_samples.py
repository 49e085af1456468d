"""Makes the checkpoints beside this file with PyTorch (2.4.1 made the committed ones).

    python3 -m venv venv && venv/bin/pip install torch==2.4.1
    venv/bin/python crates/checkpoints/tests/samples/make_samples.py

Each tensor's values count up from a number of its own, so that the test can compute them.
"""

from collections import OrderedDict
from pathlib import Path

import torch

HERE = Path(__file__).parent


def counted(number, *shape, dtype=torch.float32):
    count = torch.tensor(shape).prod().item()
    return (torch.arange(count, dtype=torch.float64) / 8 + number).reshape(shape).to(dtype)


# Like a state dict of pytorch/examples `vae`, but smaller.
example = OrderedDict()
for i, (name, inputs, outputs) in enumerate(
    [("fc1", 16, 8), ("fc21", 8, 2), ("fc22", 8, 2), ("fc3", 2, 8), ("fc4", 8, 16)]
):
    example[f"{name}.weight"] = counted(i, outputs, inputs)
    example[f"{name}.bias"] = counted(i + 100, outputs)
torch.save(example, HERE / "example.pt")

# Harder cases: a state dict nested in a checkpoint, other element types, views that share a storage
# (transposed, with an offset), parameters, and numbers that are not weights.
base = counted(0, 6, 4)
harder = {
    "epoch": 12,
    "loss": 101.5,
    "state_dict": {
        "half.weight": counted(1, 2, 3, dtype=torch.float16),
        "bf16.weight": counted(2, 2, 3, dtype=torch.bfloat16),
        "double.weight": counted(3, 2, 3, dtype=torch.float64),
        "transposed.weight": base.t(),
        "rows.weight": base[2:4],
        "parameter.weight": torch.nn.Parameter(counted(4, 2, 2)),
        "scalar": torch.tensor(7.0),
    },
}
torch.save(harder, HERE / "harder.pt")

torch.save({"steps": torch.arange(3)}, HERE / "integers.pt")
torch.save({"epoch": 3}, HERE / "empty.pt")
