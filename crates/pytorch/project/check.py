"""Compares the loss of this project with that of ELBO Room on the same images and noise (check.json)."""

import json
from pathlib import Path

import torch

import weights
from model import VAE

HERE = Path(__file__).parent


def main():
    card = json.loads((HERE / "card.json").read_text())
    check = json.loads((HERE / "check.json").read_text())
    model = VAE(card)
    model.load_state_dict(weights.load(HERE / "model.safetensors"))
    model.double()
    count = len(check["labels"])
    x = torch.tensor(check["images"], dtype=torch.double).view(count, -1) / 255
    eps = torch.tensor(check["eps"], dtype=torch.double).view(count, -1)
    with torch.no_grad():
        loss = model(x, torch.tensor(check["labels"]), eps).item()
    difference = abs(loss - check["loss"]) / max(1, abs(check["loss"]))
    print(f"loss {loss:.6f}, in ELBO Room {check['loss']:.6f}: relative difference {difference:.1e}")
    if not difference < 1e-5:
        raise SystemExit("more than 1e-5")


if __name__ == "__main__":
    main()
