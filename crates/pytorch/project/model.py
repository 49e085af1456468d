"""The variational autoencoder that card.json describes.

Parameters have the names and shapes of the weights file, so load_state_dict takes them unchanged. An image is a row of
[height, width, channels], from 0 to 1.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "silu": F.silu, "tanh": torch.tanh}
# log sigma^2 stays within these limits.
LOG_VAR = (-10.0, 6.0)


def image_shape(card):
    """Height, width and channels."""
    height, width, *channels = card["data"]["image"]
    return height, width, channels[0] if channels else 1


def feature_maps(card):
    """Height and width of the image and of each feature map: each convolution of the encoder halves them."""
    height, width, _ = image_shape(card)
    sizes = [(height, width)]
    for _ in card["architecture"]["convolution"]["channels"]:
        sizes.append((math.ceil(sizes[-1][0] / 2), math.ceil(sizes[-1][1] / 2)))
    return sizes


class Encoder(nn.Module):
    """q(z|x): image, convolutions if there are any, hidden layers, and a head each for mu and log sigma^2."""

    def __init__(self, card):
        super().__init__()
        architecture = card["architecture"]
        convolution = architecture.get("convolution")
        self.shape = image_shape(card)
        self.activation = ACTIVATIONS[architecture["activation"]]
        self.convolutions = nn.ModuleList()
        width = architecture["input_size"]
        if convolution:
            channels = self.shape[2]
            for outputs in convolution["channels"]:
                self.convolutions.append(nn.Conv2d(channels, outputs, 3, stride=2, padding=1))
                channels = outputs
            height, columns = feature_maps(card)[-1]
            width = channels * height * columns
        width += architecture.get("classes", 0)
        self.layers = nn.ModuleList()
        for hidden in architecture["encoder_hidden"]:
            self.layers.append(nn.Linear(width, hidden))
            width = hidden
        self.mu = nn.Linear(width, architecture["latent_size"])
        self.log_var = nn.Linear(width, architecture["latent_size"])

    def forward(self, x, condition):
        if len(self.convolutions):
            height, width, channels = self.shape
            x = x.view(-1, height, width, channels).permute(0, 3, 1, 2)
            for layer in self.convolutions:
                x = self.activation(layer(x))
            x = x.permute(0, 2, 3, 1).flatten(1)
        x = torch.cat([x, condition], 1)
        for layer in self.layers:
            x = self.activation(layer(x))
        return self.mu(x), self.log_var(x).clamp(*LOG_VAR)


class Decoder(nn.Module):
    """The parameters of p(x|z): hidden layers, and convolutions after nearest-neighbour upsampling."""

    def __init__(self, card):
        super().__init__()
        architecture = card["architecture"]
        convolution = architecture.get("convolution")
        self.activation = ACTIVATIONS[architecture["activation"]]
        widths = list(architecture["decoder_hidden"])
        self.sizes, self.channels = None, None
        if convolution:
            self.sizes = feature_maps(card)[::-1]
            self.channels = convolution["channels"][::-1] + [image_shape(card)[2]]
            widths.append(self.channels[0] * self.sizes[0][0] * self.sizes[0][1])
        width = architecture["latent_size"] + architecture.get("classes", 0)
        self.layers = nn.ModuleList()
        for hidden in widths:
            self.layers.append(nn.Linear(width, hidden))
            width = hidden
        self.convolutions = nn.ModuleList()
        if convolution:
            pairs = list(zip(self.channels[:-1], self.channels[1:]))
            layers = [nn.Conv2d(inputs, outputs, 3, padding=1) for inputs, outputs in pairs]
            self.output = layers.pop()
            self.convolutions.extend(layers)
        else:
            self.output = nn.Linear(width, architecture["input_size"])

    def forward(self, z, condition):
        x = torch.cat([z, condition], 1)
        for layer in self.layers:
            x = self.activation(layer(x))
        if self.sizes is None:
            return self.output(x)
        x = x.view(-1, *self.sizes[0], self.channels[0]).permute(0, 3, 1, 2)
        for layer, (height, width) in zip([*self.convolutions, self.output], self.sizes[1:]):
            x = layer(F.interpolate(x, scale_factor=2, mode="nearest"))[:, :, :height, :width]
            x = x if layer is self.output else self.activation(x)
        return x.permute(0, 2, 3, 1).flatten(1)


class VAE(nn.Module):
    """Encoder and decoder; `likelihood` says what the decoder's output means."""

    def __init__(self, card):
        super().__init__()
        if card["architecture"].get("network"):
            raise SystemExit("this model was imported; its layers are not those of this project")
        self.classes = card["architecture"].get("classes", 0)
        self.latent_size = card["architecture"]["latent_size"]
        self.likelihood = card["architecture"]["likelihood"]
        self.encoder = Encoder(card)
        self.decoder = Decoder(card)

    def condition(self, labels, x):
        """Labels as one-hot rows; nothing for a model without labels."""
        if not self.classes:
            return x.new_zeros(len(x), 0)
        return F.one_hot(labels.long(), self.classes).to(x.dtype)
