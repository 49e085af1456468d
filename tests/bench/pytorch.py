"""Measures the benchmark's rows in PyTorch: `pytorch.py --threads 1`. Prints one line of JSON.

Weights, noise and images are the same as in `peers/model.js`, so that results can be compared.
"""

import argparse
import gzip
import json
import math
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

SIZES = {
    "S": dict(encoder=[256, 128], latent=16, decoder=[128, 256], activation=F.gelu),
    "L": dict(encoder=[512, 512], latent=20, decoder=[512, 512], activation=F.relu),
}
BATCH = 128
DIGITS = Path(__file__).parent.parent / "fixtures/t10k-200-images-idx3-ubyte.gz"


def uniform(seed):
    state = seed
    while True:
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        yield state / 2**32


def normal(count, latent, seed=3):
    numbers = uniform(seed)
    values = [sum(next(numbers) for _ in range(12)) - 6 for _ in range(count * latent)]
    return torch.tensor(values).reshape(count, latent)


def images(count):
    """The first `count` of MNIST's test digits, as in `peers/model.js`."""
    with gzip.open(DIGITS) as file:
        file.read(16)
        pixels = file.read(count * 784)
    return torch.tensor(list(pixels), dtype=torch.float32).reshape(count, 784) / 255


class Vae(nn.Module):
    def __init__(self, encoder, latent, decoder, activation):
        super().__init__()
        self.activation = activation
        widths = [784, *encoder]
        self.encoder = nn.ModuleList(map(nn.Linear, widths, widths[1:]))
        self.mu = nn.Linear(widths[-1], latent)
        self.log_var = nn.Linear(widths[-1], latent)
        widths = [latent, *decoder]
        self.decoder = nn.ModuleList(map(nn.Linear, widths, widths[1:]))
        self.output = nn.Linear(widths[-1], 784)
        numbers = uniform(1)
        with torch.no_grad():
            for layer in [*self.encoder, self.mu, self.log_var, *self.decoder, self.output]:
                bound = math.sqrt(6 / layer.in_features)
                for parameter, scale in [(layer.weight, bound), (layer.bias, 0.1 * bound)]:
                    values = [(2 * next(numbers) - 1) * scale for _ in range(parameter.numel())]
                    parameter.copy_(torch.tensor(values).reshape(parameter.shape))
        # Fused is the fastest implementation on a CPU.
        self.adam = torch.optim.Adam(self.parameters(), lr=1e-3, fused=True)

    def encode(self, x):
        for layer in self.encoder:
            x = self.activation(layer(x))
        return self.mu(x), self.log_var(x)

    def logits(self, z):
        for layer in self.decoder:
            z = self.activation(layer(z))
        return self.output(z)

    def step(self, x, noise):
        self.adam.zero_grad()
        mu, log_var = self.encode(x)
        logits = self.logits(mu + (0.5 * log_var).exp() * noise)
        pixels = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        kl = 0.5 * (log_var.exp() + mu.square() - 1 - log_var).sum()
        loss = (pixels + kl) / len(x)
        loss.backward()
        self.adam.step()
        return loss.item()

    @torch.inference_mode()
    def decode(self, z):
        return torch.sigmoid(self.logits(z))

    @torch.inference_mode()
    def posterior(self, x):
        return torch.cat(self.encode(x), 1)


def loop(call, count):
    start = time.perf_counter()
    for _ in range(count):
        call()
    return 1e3 * (time.perf_counter() - start)


def timed(call, wanted):
    """As in `peers/timing.js`: three warm-up calls, then samples of at least ten milliseconds."""
    loop(call, 3)
    count, enough = 1, 0
    while enough < 2:
        ms = loop(call, count)
        enough = enough + 1 if ms >= 10 else 0
        if not enough:
            count = max(count + 1, min(100 * count, math.ceil(12 * count / max(ms, 0.1))))
    return {"calls": count, "ms": [loop(call, count) / count for _ in range(wanted)]}


def measure(size, wanted):
    vae = Vae(**SIZES[size])
    latent = SIZES[size]["latent"]
    x = images(BATCH)
    start = time.perf_counter()
    vae.step(x, normal(BATCH, latent, 4))
    first = 1e3 * (time.perf_counter() - start)
    vae = Vae(**SIZES[size])
    checked = {
        "decoded": vae.decode(normal(4, latent)).flatten().tolist(),
        "encoded": vae.posterior(images(1)).flatten().tolist(),
        "losses": [vae.step(x, normal(BATCH, latent, seed)) for seed in range(10, 13)],
    }
    vae = Vae(**SIZES[size])
    noise, one, many, image = normal(BATCH, latent, 4), normal(1, latent), normal(400, latent), images(1)
    rows = {
        "step": lambda: vae.step(x, noise),
        "decode1": lambda: vae.decode(one),
        "decode400": lambda: vae.decode(many),
        "encode1": lambda: vae.posterior(image),
    }
    timings = {row: timed(call, wanted) for row, call in rows.items()}
    return {"check": checked, "first": first, "rows": timings}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's default")
    parser.add_argument("--samples", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
        torch.set_num_interop_threads(arguments.threads)
    found = {size: measure(size, arguments.samples) for size in SIZES}
    print(json.dumps({"version": torch.__version__, "threads": torch.get_num_threads(), "sizes": found}))


main()
