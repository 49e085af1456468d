"""Trains the model further, or from new weights, on data.npz.

    python train.py                                                         one process, on a GPU if there is one
    torchrun --nproc_per_node=4 train.py                                    four processes on one machine
    torchrun --nnodes=2 --nproc_per_node=4 --rdzv_backend=c10d --rdzv_endpoint=HOST:29400 train.py       two machines

Writes OUT.safetensors and OUT.json, which the page opens (Import: choose both).
"""

import argparse
import json
import os
from pathlib import Path

import numpy
import torch
from torch.nn.parallel import DistributedDataParallel

import weights
from model import VAE

HERE = Path(__file__).parent


def arguments():
    settings = json.loads((HERE / "settings.json").read_text())
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE / "data.npz", help="images [n, height, width(, channels)] of bytes, and labels [n]")
    parser.add_argument("--epochs", type=int, default=settings["epochs"])
    parser.add_argument("--steps", type=int, help="end after this many steps")
    parser.add_argument("--batch", type=int, default=settings["batch"], help="images in a batch, of all processes together")
    parser.add_argument("--lr", type=float, default=settings["learning_rate"])
    parser.add_argument("--beta", type=float, default=settings["beta"], help="the weight of the KL divergence")
    parser.add_argument("--warm-up", type=int, default=settings["warm_up_steps"], help="steps over which beta grows from 0")
    parser.add_argument("--binarize", action=argparse.BooleanOptionalAction, default=settings["binarize"], help="draw each pixel, 0 or 1")
    parser.add_argument("--new", action="store_true", help="start from new weights")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE / "trained.safetensors")
    return parser.parse_args()


def main():
    options = arguments()
    world = int(os.environ.get("WORLD_SIZE", 1))
    rank = int(os.environ.get("RANK", 0))
    has_gpu = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if has_gpu else torch.device("cpu")
    if world > 1:
        torch.distributed.init_process_group("nccl" if has_gpu else "gloo")

    card = json.loads((HERE / "card.json").read_text())
    torch.manual_seed(options.seed)
    model = VAE(card)
    if not options.new:
        model.load_state_dict(weights.load(HERE / "model.safetensors"))
    model.to(device)
    parallel = DistributedDataParallel(model, [device] if has_gpu else None) if world > 1 else model

    data = numpy.load(options.data)
    images = torch.from_numpy(data["images"].reshape(len(data["images"]), -1))
    labels = torch.from_numpy(data["labels"].astype(numpy.int64))
    if model.classes and (labels >= model.classes).any():
        raise SystemExit(f"the model has {model.classes} classes, but the data have other labels")
    # Each process takes its share of each batch.
    share = max(1, options.batch // world)
    # The order is the same in all processes, and the noise is different.
    order = torch.Generator().manual_seed(options.seed)
    noise = torch.Generator().manual_seed(options.seed + 1 + rank)
    optimizer = torch.optim.Adam(model.parameters(), lr=options.lr)
    step = 0
    for epoch in range(options.epochs):
        shuffled = torch.randperm(len(images), generator=order)
        total, count = torch.zeros(1, device=device), 0
        for start in range(0, max(1, len(images) - share * world + 1), share * world):
            batch = shuffled[start + rank * share :][:share]
            x = images[batch].float() / 255
            if options.binarize:
                x = (torch.rand(x.shape, generator=noise) < x).float()
            eps = torch.randn(len(x), card["architecture"]["latent_size"], generator=noise)
            beta = options.beta * min(1.0, (step + 1) / options.warm_up) if options.warm_up else options.beta
            loss = parallel(x.to(device), labels[batch].to(device), eps.to(device), beta)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total, count, step = total + loss.detach(), count + 1, step + 1
            if step == options.steps:
                break
        mean = total / max(count, 1)
        if world > 1:
            torch.distributed.all_reduce(mean)
            mean = mean / world
        if rank == 0:
            print(f"epoch {epoch + 1}, step {step}: loss {mean.item():.3f} nats per image", flush=True)
        if step == options.steps:
            break
    if rank == 0:
        weights.save(options.out, model.state_dict(), card)
        print(f"wrote {options.out} and {options.out.with_suffix('.json')}")
    if world > 1:
        torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main()
