"""Loads a model of ELBO Room in PyTorch and decodes with it.

    python3 -m venv venv && venv/bin/pip install torch safetensors
    venv/bin/python tests/pytorch/decode.py weights/mnist-2d.safetensors --z 0.5,-1
    cargo run --release -p trainer -- decode weights/mnist-2d.safetensors --z 0.5,-1 > ours.json
    venv/bin/python tests/pytorch/decode.py weights/mnist-2d.safetensors --z 0.5,-1 --compare ours.json

Weights downloaded from the page load in the same way; the card must be in the same folder.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file

ACTIVATIONS = {
    "relu": torch.nn.functional.relu,
    "gelu": torch.nn.functional.gelu,
    "silu": torch.nn.functional.silu,
    "tanh": torch.tanh,
}
# The image for the decoder's output, by the likelihood; for the continuous Bernoulli it is lambda, not the mean.
MEANS = {
    "bernoulli": torch.sigmoid,
    "gaussian": lambda output: output,
    "continuous-bernoulli": torch.sigmoid,
    "discretized-logistic": lambda output: output.clamp(0, 1),
}


def convolve(state, convolution, activation, features):
    """The decoder's output for the innermost feature map, rows of [height, width, channels]."""
    height, width, *_ = convolution["image"]
    sizes = [(height, width)]
    for _ in convolution["channels"]:
        height, width = (height + 1) // 2, (width + 1) // 2
        sizes.append((height, width))
    x = features.reshape(-1, height, width, convolution["channels"][-1]).permute(0, 3, 1, 2)
    for i, (height, width) in enumerate(reversed(sizes[:-1])):
        is_last = i + 2 == len(sizes)
        layer = "decoder.output" if is_last else f"decoder.convolutions.{i}"
        x = torch.nn.functional.interpolate(x, scale_factor=2, mode="nearest")
        x = torch.nn.functional.conv2d(x, state[f"{layer}.weight"], state[f"{layer}.bias"], padding=1)
        x = x[:, :, :height, :width]
        x = x if is_last else activation(x)
    return x.permute(0, 2, 3, 1).flatten(1)


def decode(state, card, z, label=None):
    """Means of p(x|z) for each row of z, as shown by the page; means of p(x|z, c) for a conditional model."""
    classes = card["architecture"].get("classes", 0)
    if classes:
        label = torch.nn.functional.one_hot(torch.tensor(label), classes).to(z)
        z = torch.cat([z, label.expand(len(z), -1)], dim=1)
    activation = ACTIVATIONS[card["architecture"]["activation"]]
    convolution = card["architecture"].get("convolution")
    # A convolutional decoder has one more layer, which writes the innermost feature map.
    for i in range(len(card["architecture"]["decoder_hidden"]) + bool(convolution)):
        layer = f"decoder.layers.{i}"
        z = activation(z @ state[f"{layer}.weight"].T + state[f"{layer}.bias"])
    if convolution:
        output = convolve(state, convolution, activation, z)
    else:
        output = z @ state["decoder.output.weight"].T + state["decoder.output.bias"]
    return MEANS[card["architecture"]["likelihood"]["kind"]](output)


def load(path):
    """The weights in double precision. They are stored in half or single precision, or in eight bits with a scale per row."""
    stored = load_file(path)
    state = {}
    for name, tensor in stored.items():
        if tensor.dtype == torch.int8:
            scale = stored[f"{name}.scale"].double()
            state[name] = tensor.double() * scale.reshape(-1, *[1] * (tensor.dim() - 1))
        elif name.removesuffix(".scale") == name:
            state[name] = tensor.double()
    return state


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("--z", required=True, help="numbers separated by commas")
    parser.add_argument("--label", type=int, help="for a conditional model")
    parser.add_argument("--compare", type=Path, help="what `trainer decode` printed for the same z")
    arguments = parser.parse_args()
    state = load(arguments.weights)
    card = json.loads(arguments.weights.with_suffix(".json").read_text())
    z = torch.tensor([[float(number) for number in arguments.z.split(",")]], dtype=torch.double)
    means = decode(state, card, z, arguments.label)[0]
    if arguments.compare is None:
        print(json.dumps(means.tolist()))
        return
    ours = torch.tensor(json.loads(arguments.compare.read_text()), dtype=torch.double)
    difference = (ours - means).abs().max().item()
    print(f"largest difference: {difference:.2e}")
    if not difference <= 1e-5:
        raise SystemExit("more than 1e-5")


if __name__ == "__main__":
    main()
