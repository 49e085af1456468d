"""Evaluates a fully connected model of ELBO Room on MNIST's test set, independently of the Rust program.

    python3 -m venv venv && venv/bin/pip install torch safetensors
    venv/bin/python tests/pytorch/evaluate.py weights/mnist-binary-2d.safetensors --data DIR
    cargo run --release -p trainer -- evaluate mnist-binary-2d --data DIR --bounds 10000

DIR has t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz. Prints, in nats per image with standard errors:

- the negative ELBO, with 16 samples of z for each image;
- for two latent dimensions, -log p(x) as the mean of p(x|z) over a grid of the prior's quantiles (--quantiles in each
  dimension);
- otherwise the importance-weighted bound of --importance samples on --images test images.

If the model's card says that pixels were binarized, each pixel is drawn once with its grey value as probability. These draws
are not those of the Rust program, so the results differ by the noise of this draw, a few hundredths of a nat.
"""

import argparse
import gzip
import json
import math
from pathlib import Path

import torch

from decode import ACTIVATIONS, load

SAMPLES = 16
ROWS = 2_000


def read_idx(path, header):
    """The bytes of an IDX file after its header."""
    content = gzip.decompress(path.read_bytes())
    return torch.frombuffer(bytearray(content[header:]), dtype=torch.uint8)


def images_of(folder, card):
    """Pixels [n, 784] and labels [n]."""
    pixels = read_idx(folder / "t10k-images-idx3-ubyte.gz", 16).reshape(-1, 784).double() / 255
    if card["data"].get("binarized"):
        pixels = torch.bernoulli(pixels)
    return pixels, read_idx(folder / "t10k-labels-idx1-ubyte.gz", 8).long()


class Model:
    """A VAE with fully connected layers and a Bernoulli likelihood."""

    def __init__(self, state, card):
        architecture = card["architecture"]
        if architecture.get("convolution") or architecture["likelihood"]["kind"] != "bernoulli":
            raise SystemExit("only fully connected models with a Bernoulli likelihood can be evaluated")
        self.state = state
        self.activation = ACTIVATIONS[architecture["activation"]]
        self.encoder = len(architecture["encoder_hidden"])
        self.decoder = len(architecture["decoder_hidden"])
        self.classes = architecture.get("classes", 0)

    def linear(self, name, x):
        return x @ self.state[f"{name}.weight"].T + self.state[f"{name}.bias"]

    def with_label(self, x, labels):
        if not self.classes:
            return x
        label = torch.nn.functional.one_hot(labels, self.classes).to(x)
        return torch.cat([x, label], dim=-1)

    def posterior(self, x, labels):
        """Mean and log-variance of q(z|x)."""
        x = self.with_label(x, labels)
        for i in range(self.encoder):
            x = self.activation(self.linear(f"encoder.layers.{i}", x))
        return self.linear("encoder.mu", x), self.linear("encoder.log_var", x)

    def logits(self, z, labels):
        z = self.with_label(z, labels)
        for i in range(self.decoder):
            z = self.activation(self.linear(f"decoder.layers.{i}", z))
        return self.linear("decoder.output", z)


def log_normal(z, mean, log_var):
    """Log-density of a diagonal Gaussian, summed over the last axis."""
    return -0.5 * (log_var + (z - mean) ** 2 / log_var.exp() + math.log(2 * math.pi)).sum(-1)


def log_bernoulli(x, logits):
    """log p(x|z), summed over the pixels."""
    return (x * logits - torch.nn.functional.softplus(logits)).sum(-1)


def negative_elbo(model, x, labels):
    """One value per image: reconstruction by sampling, and the KL divergence in closed form."""
    mean, log_var = model.posterior(x, labels)
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(-1)
    fit = 0
    for _ in range(SAMPLES):
        z = mean + (log_var / 2).exp() * torch.randn_like(mean)
        fit += log_bernoulli(x, model.logits(z, labels)) / SAMPLES
    return kl - fit


def negative_log_p(model, x, quantiles):
    """-log p(x) of each image for two latent dimensions, by a grid of the prior's quantiles."""
    centres = (torch.arange(quantiles, dtype=x.dtype) + 0.5) / quantiles
    axis = math.sqrt(2) * torch.erfinv(2 * centres - 1)
    grid = torch.cartesian_prod(axis, axis)
    parts = []
    for z in grid.split(ROWS):
        logits = model.logits(z, None)
        log_p = x @ logits.T - torch.nn.functional.softplus(logits).sum(-1)
        parts.append(torch.logsumexp(log_p, 1))
    return math.log(len(grid)) - torch.logsumexp(torch.stack(parts), 0)


def negative_bound(model, x, labels, count):
    """The negative importance-weighted bound of `count` samples for each image."""
    mean, log_var = model.posterior(x, labels)
    values = []
    for i in range(len(x)):
        logs = []
        for rows in torch.arange(count).split(ROWS):
            eps = torch.randn(len(rows), mean.shape[1], dtype=x.dtype)
            z = mean[i] + (log_var[i] / 2).exp() * eps
            label = labels[i].expand(len(rows))
            log_joint = log_bernoulli(x[i], model.logits(z, label)) + log_normal(z, torch.zeros(()), torch.zeros(()))
            logs.append(log_joint - log_normal(z, mean[i], log_var[i]))
        values.append(math.log(count) - torch.logsumexp(torch.cat(logs), 0))
    return torch.stack(values)


def show(name, values):
    error = values.std() / math.sqrt(len(values))
    print(f"{name:<28} {values.mean():8.3f} ± {error:.3f}  on {len(values)} images")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--quantiles", type=int, default=300)
    parser.add_argument("--importance", type=int, default=5_000)
    parser.add_argument("--images", type=int, default=200, help="test images for the importance-weighted bound")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    card = json.loads(arguments.weights.with_suffix(".json").read_text())
    x, labels = images_of(arguments.data, card)
    # Single precision: the sums over 784 pixels are accurate to about 1e-4 nats.
    state = {name: tensor.float() for name, tensor in load(arguments.weights).items()}
    x = x.float()
    model = Model(state, card)
    with torch.no_grad():
        show("negative ELBO", torch.cat([negative_elbo(model, *part) for part in zip(x.split(ROWS), labels.split(ROWS))]))
        if model.classes:
            print("given the label; + ln 10 for image and label together")
        elif state["encoder.mu.bias"].numel() == 2:
            values = [negative_log_p(model, part, arguments.quantiles) for part in x.split(ROWS)]
            show("-log p(x), by quadrature", torch.cat(values))
        else:
            chosen = torch.randperm(len(x))[: arguments.images]
            values = negative_bound(model, x[chosen], labels[chosen], arguments.importance)
            show(f"bound of {arguments.importance} samples", values)


if __name__ == "__main__":
    main()
