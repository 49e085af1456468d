"""Writes the gradients of a project's loss on the batch of check.json, in double precision: gradients.safetensors.

    python gradients.py PROJECT
"""

import json
import sys
from pathlib import Path

import torch

project = Path(sys.argv[1])
sys.path.insert(0, str(project))

import weights  # noqa: E402
from model import VAE  # noqa: E402
from objectives import Objective  # noqa: E402

card, settings, check = (json.loads((project / name).read_text()) for name in ["card.json", "settings.json", "check.json"])
model = VAE(card)
model.load_state_dict(weights.load(project / "model.safetensors"))
objective = Objective(model, settings).double()
count = len(check["labels"])
x = torch.tensor(check["images"], dtype=torch.double).view(count, -1) / 255
eps = torch.tensor(check["eps"], dtype=torch.double).view(-1, model.latent_size)
offsets = torch.tensor(check["offsets"], dtype=torch.double)
objective(x, torch.tensor(check["labels"]), eps, offsets, settings["beta"])[0].backward()
weights.save(project / "gradients.safetensors", {name: value.grad for name, value in model.named_parameters()}, card)
