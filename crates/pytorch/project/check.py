"""Compares the loss of this project with that of ELBO Room on the same images and noise (check.json)."""

import json
from pathlib import Path

import torch

import weights
from model import VAE
from objectives import Objective

HERE = Path(__file__).parent
TOLERANCE = 1e-5


def main():
    card = json.loads((HERE / "card.json").read_text())
    settings = json.loads((HERE / "settings.json").read_text())
    check = json.loads((HERE / "check.json").read_text())
    model = VAE(card)
    model.load_state_dict(weights.load(HERE / "model.safetensors"))
    objective = Objective(model, settings).double()
    count = len(check["labels"])
    x = torch.tensor(check["images"], dtype=torch.double).view(count, -1) / 255
    eps = torch.tensor(check["eps"], dtype=torch.double).view(-1, model.latent_size)
    offsets = torch.tensor(check["offsets"], dtype=torch.double)
    loss, neg_elbo, _ = objective(x, torch.tensor(check["labels"]), eps, offsets, settings["beta"])
    differs = False
    for name, found, expected in [("loss", loss, check["loss"]), ("-ELBO", neg_elbo, check["neg_elbo"])]:
        difference = abs(found.item() - expected) / max(1, abs(expected))
        print(f"{name} {found.item():.6f}, in ELBO Room {expected:.6f}: relative difference {difference:.1e}")
        differs = differs or not difference < TOLERANCE
    if differs:
        raise SystemExit(f"more than {TOLERANCE:g}")


if __name__ == "__main__":
    main()
