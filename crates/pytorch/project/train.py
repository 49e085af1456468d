"""Trains the model further, or from new weights, on data.npz.

    python train.py                                                         one process, on a GPU if there is one
    torchrun --nproc_per_node=4 train.py                                    four processes on one machine
    torchrun --nnodes=2 --nproc_per_node=4 --rdzv_backend=c10d --rdzv_endpoint=HOST:29400 train.py       two machines

Writes OUT.safetensors and OUT.json, which the page opens (Import: choose both).
"""

import argparse
import copy
import json
import math
import os
from pathlib import Path

import numpy
import torch
from torch.nn.parallel import DistributedDataParallel

import weights
from augmentation import augment
from likelihoods import with_learned_scale
from model import VAE, image_shape
from objectives import Objective

HERE = Path(__file__).parent
# The weight of the newest batch in the running mean of a learned scale.
SCALE_SHARE = 0.05


def arguments():
    settings = json.loads((HERE / "settings.json").read_text())
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE / "data.npz", help="images [n, height, width(, channels)] of bytes, and labels [n]")
    parser.add_argument("--epochs", type=int, default=settings["epochs"])
    parser.add_argument("--steps", type=int, default=settings["max_steps"], help="end after this many steps, whatever the epochs")
    parser.add_argument("--batch", type=int, default=settings["batch"], help="images in a batch, of all processes together")
    parser.add_argument("--lr", type=float, default=settings["learning_rate"], help="the highest learning rate")
    parser.add_argument("--beta", type=float, default=settings["beta"], help="the weight of the KL divergence in the ELBO")
    parser.add_argument("--warm-up", type=int, default=settings["warm_up_steps"], help="steps over which beta grows from 0")
    parser.add_argument("--binarize", action=argparse.BooleanOptionalAction, default=settings["binarize"], help="draw each pixel, 0 or 1")
    parser.add_argument("--held-out", type=float, default=settings["held_out_share"], help="the share of the images that is held out")
    parser.add_argument("--new", action="store_true", help="start from new weights")
    parser.add_argument("--seed", type=int, default=settings["seed"] % 2**63)
    parser.add_argument("--out", type=Path, default=HERE / "trained.safetensors")
    options = parser.parse_args()
    if settings["objective"]["kind"] != "elbo" and (options.beta != 1 or options.warm_up > 0):
        parser.error("beta and its warm-up are settings of the ELBO; the objective of settings.json is another one")
    return settings, options


class Processes:
    """This process among those of torchrun; alone without it."""

    def __init__(self):
        self.world = int(os.environ.get("WORLD_SIZE", 1))
        self.rank = int(os.environ.get("RANK", 0))
        self.has_gpu = torch.cuda.is_available()
        self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if self.has_gpu else torch.device("cpu")
        if self.world > 1:
            torch.distributed.init_process_group("nccl" if self.has_gpu else "gloo")

    def wrap(self, module):
        """The module, with gradients that are the mean over all processes."""
        return DistributedDataParallel(module, [self.device] if self.has_gpu else None) if self.world > 1 else module

    def sum(self, values):
        """The sum over all processes."""
        if self.world > 1:
            torch.distributed.all_reduce(values)
        return values

    def end(self):
        """Ends the group when all processes are done."""
        if self.world > 1:
            torch.distributed.barrier()
            torch.distributed.destroy_process_group()


def load_data(path, model, shape):
    """Images as rows of bytes, and labels."""
    if not path.exists():
        raise SystemExit(f"{path} is missing: this project has no images; name some with --data")
    data = numpy.load(path)
    images = torch.from_numpy(data["images"].reshape(len(data["images"]), -1))
    labels = torch.from_numpy(data["labels"].astype(numpy.int64))
    if not len(images):
        raise SystemExit(f"{path} has no images")
    if images.shape[1] != math.prod(shape) or len(labels) != len(images):
        raise SystemExit(
            f"{path} has {len(labels)} labels for {len(images)} images of {images.shape[1]} values; "
            f"the model's images have {math.prod(shape)}"
        )
    if model.classes and (labels >= model.classes).any():
        raise SystemExit(f"the model has {model.classes} classes, but the data have other labels")
    return images, labels


def rate_at(settings, options, step, progress):
    """The learning rate: a linear ramp, times half a cosine down to the last rate."""
    ramp = min(1.0, (step + 1) / max(settings["ramp_steps"], 1))
    last = settings["final_share"]
    return options.lr * ramp * (last + (1 - last) * 0.5 * (1 + math.cos(math.pi * progress)))


def beta_at(options, step):
    """beta, which grows from 0."""
    return options.beta * min(1.0, step / options.warm_up) if options.warm_up else options.beta


@torch.no_grad()
def update_average(average, model, decay, steps):
    """An exponential moving average of the weights, which forgets the first ones early."""
    decay = min(decay, (1 + steps) / (10 + steps))
    for old, new in zip(average.parameters(), model.parameters()):
        old.lerp_(new, 1 - decay)
    average.likelihood = model.likelihood


@torch.no_grad()
def held_out_loss(model, images, labels, options, processes):
    """-ELBO of held-out images, with the same noise each time."""
    elbo = Objective(model, {"objective": {"kind": "elbo"}})
    noise = torch.Generator().manual_seed(options.seed)
    total = torch.zeros(1, dtype=torch.double, device=processes.device)
    for x, of_x in zip(images.split(1000), labels.split(1000)):
        x = x.float() / 255
        if options.binarize:
            x = (torch.rand(x.shape, generator=noise) < x).float()
        eps = elbo.noise(len(x), noise)
        # Each process computes a part.
        x, of_x, eps = (rows[processes.rank :: processes.world].to(processes.device) for rows in (x, of_x, eps))
        if len(x):
            total += elbo(x, of_x, eps, None)[1].double() * len(x)
    return processes.sum(total).item() / len(images)


def main():
    settings, options = arguments()
    processes = Processes()
    world, rank, device = processes.world, processes.rank, processes.device
    card = json.loads((HERE / "card.json").read_text())
    torch.manual_seed(options.seed)
    model = VAE(card)
    if not options.new:
        model.load_state_dict(weights.load(HERE / "model.safetensors"))
    model.to(device)
    average = copy.deepcopy(model)
    objective = Objective(model, settings)
    parallel = processes.wrap(objective)

    images, labels = load_data(options.data, model, image_shape(card))
    # The order, and what all processes must have in common, is drawn from `shared`; the noise of each is its own.
    shared = torch.Generator().manual_seed(options.seed)
    noise = torch.Generator().manual_seed(options.seed + 1 + rank)
    split = torch.randperm(len(images), generator=shared)
    held_out = split[: int(len(images) * options.held_out)]
    training = split[len(held_out) :]
    if not len(training):
        raise SystemExit("all images are held out")
    # Each process takes its share of each batch.
    share = max(1, min(options.batch, len(training)) // world)
    per_epoch = max(1, len(training) // (share * world))
    steps = options.steps if options.steps else options.epochs * per_epoch
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.lr, weight_decay=settings["weight_decay"])
    best = None
    total, count = torch.zeros(1, device=device), 0
    for step in range(steps):
        if step % per_epoch == 0:
            shuffled = training[torch.randperm(len(training), generator=shared)]
        start = step % per_epoch * share * world + rank * share
        # Fewer images than processes are used more than once.
        batch = shuffled[torch.arange(start, start + share) % len(shuffled)]
        progress = step / steps
        x = images[batch].float() / 255
        if progress < settings["augmented_until"]:
            x = augment(x, image_shape(card), settings, noise)
        if options.binarize:
            x = (torch.rand(x.shape, generator=noise) < x).float()
        eps, offsets = objective.noise(share, noise), objective.offsets(shared)
        for group in optimizer.param_groups:
            group["lr"] = rate_at(settings, options, step, progress)
        inputs = x.to(device), labels[batch].to(device), eps.to(device)
        loss, _, statistic = parallel(*inputs, offsets, beta_at(options, step))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if settings["learn_sigma"]:
            model.likelihood = with_learned_scale(model.likelihood, processes.sum(statistic) / world, SCALE_SHARE)
        update_average(average, model, settings["average_decay"], step + 1)
        total, count = total + loss.detach(), count + 1
        if (step + 1) % per_epoch == 0 or step + 1 == steps:
            mean = processes.sum(total).item() / (count * world)
            if not math.isfinite(mean):
                raise SystemExit(f"the loss is {mean}: try a lower learning rate (--lr)")
            line = f"epoch {step // per_epoch + 1}, step {step + 1}: loss {mean:.3f} nats per image"
            if len(held_out):
                loss = held_out_loss(average, images[held_out], labels[held_out], options, processes)
                line += f", held-out -ELBO {loss:.3f}"
                if best is None or loss < best[0]:
                    best = loss, copy.deepcopy(average)
            if rank == 0:
                print(line, flush=True)
            total, count = torch.zeros(1, device=device), 0
    if rank == 0:
        written = best[1] if best else average
        card["architecture"]["likelihood"] = written.likelihood
        weights.save(options.out, written.state_dict(), card)
        print(f"wrote {options.out} and {options.out.with_suffix('.json')}")
    processes.end()


if __name__ == "__main__":
    main()
