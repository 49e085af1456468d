"""Makes small VAEs in PyTorch as people write them, with unusual names and choices, saves them as people do, and computes
what they encode and decode. The importer is not used:

    python3 tests/pytorch/make_models.py

Each model is a file in models/; models.json has the answers that its user knows, images, noise and results. PyTorch 1.13
and later.
"""

import json
import struct
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import weight_norm

FOLDER = Path(__file__).parent / "models"
CLASSES = 10


def randomize(model):
    """Statistics and factors of normalizations that are not 0 and 1, and weights that make images differ."""
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.running_mean.uniform_(-0.4, 0.4)
            module.running_var.uniform_(0.4, 2.0)
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm, nn.GroupNorm)):
            module.weight.data.uniform_(0.6, 1.6)
            module.bias.data.uniform_(-0.4, 0.4)
        elif isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            for name, values in module.named_parameters(recurse=False):
                if name != "weight_v":
                    values.data *= 1.6


def one_hot(label):
    return F.one_hot(label, CLASSES).float()


class LightningVae(nn.Module):
    """Two hidden layers of one width on each side, LeakyReLU with slope 0.2."""

    image, latent = (1, 14, 14), 3

    def __init__(self):
        super().__init__()
        act = lambda: nn.LeakyReLU(0.2)
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(196, 24), act(), nn.Linear(24, 24), act())
        self.fc_mu, self.fc_var = nn.Linear(24, 3), nn.Linear(24, 3)
        self.decoder = nn.Sequential(nn.Linear(3, 24), act(), nn.Linear(24, 24), act(), nn.Linear(24, 196), nn.Sigmoid())

    def encode(self, x, label):
        h = self.encoder(x)
        return self.fc_mu(h), (0.5 * self.fc_var(h)).exp()

    def decode(self, z, label):
        return self.decoder(z).view(-1, *self.image)


def block(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, 2, 1), nn.BatchNorm2d(outputs), nn.LeakyReLU())


def up_block(inputs, outputs):
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, output_padding=1), nn.BatchNorm2d(outputs), nn.LeakyReLU()
    )


class NestedConvVae(nn.Module):
    """Blocks in blocks, output padding, pixels from -1 to 1."""

    image, latent = (3, 16, 16), 5

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(block(3, 6), block(6, 8))
        self.fc_mu, self.fc_var = nn.Linear(128, 5), nn.Linear(128, 5)
        self.decoder_input = nn.Linear(5, 128)
        self.decoder = nn.Sequential(up_block(8, 6))
        self.final_layer = nn.Sequential(*up_block(6, 6), nn.Conv2d(6, 3, 3, padding=1), nn.Tanh())

    def encode(self, x, label):
        h = self.encoder(2 * x - 1).flatten(1)
        return self.fc_mu(h), (0.5 * self.fc_var(h)).exp()

    def decode(self, z, label):
        h = self.decoder_input(z).view(-1, 8, 4, 4)
        return (self.final_layer(self.decoder(h)) + 1) / 2


class PlanesCvae(nn.Module):
    """The label as ten planes beside the image."""

    image, latent = (1, 16, 16), 4

    def __init__(self):
        super().__init__()
        self.enc_conv1 = nn.Conv2d(1 + CLASSES, 6, 4, 2, 1)
        self.enc_conv2 = nn.Conv2d(6, 8, 4, 2, 1)
        self.to_mean, self.to_logvar = nn.Linear(128, 4), nn.Linear(128, 4)
        self.dec_fc = nn.Linear(4 + CLASSES, 128)
        self.dec_conv1 = nn.ConvTranspose2d(8, 6, 4, 2, 1)
        self.dec_conv2 = nn.ConvTranspose2d(6, 1, 4, 2, 1)

    def encode(self, x, label):
        planes = one_hot(label)[:, :, None, None].expand(-1, -1, 16, 16)
        h = F.relu(self.enc_conv1(torch.cat([x, planes], 1)))
        h = F.relu(self.enc_conv2(h)).flatten(1)
        return self.to_mean(h), (0.5 * self.to_logvar(h)).exp()

    def decode(self, z, label):
        h = F.relu(self.dec_fc(torch.cat([z, one_hot(label)], 1))).view(-1, 8, 4, 4)
        return torch.sigmoid(self.dec_conv2(F.relu(self.dec_conv1(h))))


class EmbeddedCvae(nn.Module):
    """The label as one plane that a linear layer makes, beside an embedded image."""

    image, latent = (1, 16, 16), 3

    def __init__(self):
        super().__init__()
        self.embed_class = nn.Linear(CLASSES, 256)
        self.embed_data = nn.Conv2d(1, 1, 1)
        self.encoder = nn.Sequential(block(2, 6), block(6, 8))
        self.fc_mu, self.fc_var = nn.Linear(128, 3), nn.Linear(128, 3)
        self.decoder_input = nn.Linear(3 + CLASSES, 128)
        self.decoder = nn.Sequential(up_block(8, 6))
        self.final_layer = nn.Sequential(*up_block(6, 6), nn.Conv2d(6, 1, 3, padding=1), nn.Tanh())

    def encode(self, x, label):
        plane = self.embed_class(one_hot(label)).view(-1, 1, 16, 16)
        h = self.encoder(torch.cat([self.embed_data(2 * x - 1), plane], 1)).flatten(1)
        return self.fc_mu(h), (0.5 * self.fc_var(h)).exp()

    def decode(self, z, label):
        h = self.decoder_input(torch.cat([z, one_hot(label)], 1)).view(-1, 8, 4, 4)
        return (self.final_layer(self.decoder(h)) + 1) / 2


class GroupNormVae(nn.Module):
    """Group normalization, SiLU, global pooling, and upsampling with plain convolutions."""

    image, latent = (1, 16, 16), 4

    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv2d(1, 8, 3, 2, 1), nn.GroupNorm(2, 8), nn.SiLU(),
            nn.Conv2d(8, 16, 3, 2, 1), nn.GroupNorm(2, 16), nn.SiLU(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        )  # fmt: skip
        self.mean_head, self.log_var_head = nn.Linear(16, 4), nn.Linear(16, 4)
        self.from_latent = nn.Linear(4, 256)
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2), nn.Conv2d(16, 16, 3, padding=1), nn.GroupNorm(2, 16), nn.SiLU(),
            nn.Upsample(scale_factor=2), nn.Conv2d(16, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU(),
            nn.Conv2d(8, 1, 3, padding=1), nn.Sigmoid(),
        )  # fmt: skip

    def encode(self, x, label):
        h = self.down(x)
        return self.mean_head(h), (0.5 * self.log_var_head(h)).exp()

    def decode(self, z, label):
        return self.up(self.from_latent(z).view(-1, 16, 4, 4))


class LayerNormVae(nn.Module):
    """Layer normalization, GELU, and a head whose softplus is the standard deviation."""

    image, latent = (1, 12, 12), 2

    def __init__(self):
        super().__init__()
        layer = lambda a, b: [nn.Linear(a, b), nn.LayerNorm(b), nn.GELU()]
        self.trunk = nn.Sequential(nn.Flatten(), *layer(144, 20), *layer(20, 20))
        self.loc, self.scale = nn.Linear(20, 2), nn.Linear(20, 2)
        self.generator = nn.Sequential(*layer(2, 20), *layer(20, 20), nn.Linear(20, 144))

    def encode(self, x, label):
        h = self.trunk(x)
        return self.loc(h), F.softplus(self.scale(h))

    def decode(self, z, label):
        return torch.sigmoid(self.generator(z)).view(-1, *self.image)


class NormalizedVae(nn.Module):
    """Pixels minus 0.1307, divided by 0.3081, and one head with both halves."""

    image, latent = (1, 14, 14), 2

    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(196, 18), nn.ReLU(), nn.Linear(18, 12), nn.ReLU(), nn.Linear(12, 4))
        self.dec = nn.Sequential(nn.Linear(2, 12), nn.ReLU(), nn.Linear(12, 18), nn.ReLU(), nn.Linear(18, 196))

    def encode(self, x, label):
        mu, log_var = self.enc((x.flatten(1) - 0.1307) / 0.3081).chunk(2, 1)
        return mu, (0.5 * log_var).exp()

    def decode(self, z, label):
        return torch.sigmoid(self.dec(z)).view(-1, *self.image)


class LatentMapVae(nn.Module):
    """z is arranged as a feature map without a linear layer; convolutions have no bias."""

    image, latent = (1, 16, 16), 16

    def __init__(self):
        super().__init__()
        conv = lambda a, b: [nn.Conv2d(a, b, 4, 2, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU()]
        up = lambda a, b: [nn.ConvTranspose2d(a, b, 4, 2, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU()]
        self.encode_net = nn.Sequential(*conv(1, 6), *conv(6, 8), *conv(8, 8), nn.Flatten())
        self.mu, self.log_var = nn.Linear(32, 16), nn.Linear(32, 16)
        self.decode_net = nn.Sequential(*up(4, 8), *up(8, 6), nn.ConvTranspose2d(6, 1, 4, 2, 1, bias=False))

    def encode(self, x, label):
        h = self.encode_net(x)
        return self.mu(h), (0.5 * self.log_var(h)).exp()

    def decode(self, z, label):
        return torch.sigmoid(self.decode_net(z.view(-1, 4, 2, 2)))


class DcganVae(nn.Module):
    """Convolutions down to one position and up from it; LeakyReLU in the encoder and ReLU in the decoder."""

    image, latent = (1, 16, 16), 6

    def __init__(self):
        super().__init__()
        self.E = nn.Sequential(
            nn.Conv2d(1, 6, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(6, 10, 4, 2, 1), nn.BatchNorm2d(10), nn.LeakyReLU(0.2)
        )
        self.E_mu, self.E_logvar = nn.Conv2d(10, 6, 4), nn.Conv2d(10, 6, 4)
        self.G = nn.Sequential(
            nn.ConvTranspose2d(6, 10, 4), nn.BatchNorm2d(10), nn.ReLU(),
            nn.ConvTranspose2d(10, 6, 4, 2, 1), nn.BatchNorm2d(6), nn.ReLU(),
            nn.ConvTranspose2d(6, 1, 4, 2, 1), nn.Sigmoid(),
        )  # fmt: skip

    def encode(self, x, label):
        h = self.E(x)
        return self.E_mu(h).flatten(1), (0.5 * self.E_logvar(h)).exp().flatten(1)

    def decode(self, z, label):
        return self.G(z[:, :, None, None])


class WeightNormVae(nn.Module):
    """Weight normalization and ELU; the decoder has no bias."""

    image, latent = (1, 28, 28), 2

    def __init__(self):
        super().__init__()
        layer = lambda a, b, bias: weight_norm(nn.Linear(a, b, bias=bias))
        self.inference_net = nn.ModuleList([layer(784, 16, True), layer(16, 16, True)])
        self.q_mean, self.q_log_sigma = layer(16, 2, True), layer(16, 2, True)
        self.generative_net = nn.ModuleList([layer(2, 16, False), layer(16, 16, False), layer(16, 784, False)])

    def encode(self, x, label):
        h = x.flatten(1)
        for layer in self.inference_net:
            h = F.elu(layer(h))
        return self.q_mean(h), self.q_log_sigma(h).exp()

    def decode(self, z, label):
        *hidden, last = self.generative_net
        for layer in hidden:
            z = F.elu(layer(z))
        return torch.sigmoid(last(z)).view(-1, *self.image)


class SpatialLatentVae(nn.Module):
    """A latent code that is a feature map, as autoencoders of images have."""

    image, latent = (3, 32, 32), 128

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.SiLU(), nn.Conv2d(8, 8, 3, 2, 1), nn.GroupNorm(4, 8), nn.SiLU()
        )
        self.quant_conv = nn.Conv2d(8, 4, 1)
        self.post_quant_conv = nn.Conv2d(2, 8, 3, padding=1)
        self.decoder = nn.Sequential(
            nn.SiLU(), nn.Upsample(scale_factor=2), nn.Conv2d(8, 8, 3, padding=1), nn.GroupNorm(4, 8), nn.SiLU(),
            nn.Upsample(scale_factor=2), nn.Conv2d(8, 3, 3, padding=1), nn.Sigmoid(),
        )  # fmt: skip

    def encode(self, x, label):
        mu, log_var = self.quant_conv(self.encoder(x)).chunk(2, 1)
        return mu.flatten(1), (0.5 * log_var).exp().flatten(1)

    def decode(self, z, label):
        return self.decoder(self.post_quant_conv(z.view(-1, 2, 8, 8)))


class LateLabelCvae(nn.Module):
    """The label beside the features of the heads, as an embedding that the decoder shares."""

    image, latent = (1, 16, 16), 3

    def __init__(self):
        super().__init__()
        self.label_emb = nn.Embedding(CLASSES, 5)
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 8, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.mean, self.logvar = nn.Linear(128 + 5, 3), nn.Linear(128 + 5, 3)
        self.expand = nn.Linear(3 + 5, 128)
        self.bn = nn.BatchNorm1d(128)
        self.paint = nn.ModuleDict({"a": nn.ConvTranspose2d(8, 6, 2, 2), "b": nn.ConvTranspose2d(6, 1, 2, 2)})

    def encode(self, x, label):
        h = torch.cat([self.features(x).flatten(1), self.label_emb(label)], 1)
        return self.mean(h), (0.5 * self.logvar(h)).exp()

    def decode(self, z, label):
        h = self.bn(self.expand(torch.cat([z, self.label_emb(label)], 1)))
        h = F.relu(h).view(-1, 8, 4, 4)
        return torch.sigmoid(self.paint["b"](F.relu(self.paint["a"](h))))


def save_lightning(model, path):
    """As Lightning's ModelCheckpoint writes it: the module is an attribute, and the optimizer has made a step."""
    state = {f"vae.{name}": values for name, values in model.state_dict().items()}
    adam = torch.optim.Adam(model.parameters())
    model.decode(torch.ones(1, model.latent), None).sum().backward()
    before = {name: values.clone() for name, values in state.items()}
    adam.step()
    torch.save(
        {
            "epoch": 3, "global_step": 40, "pytorch-lightning_version": "1.9.0", "state_dict": before,
            "loops": {"fit_loop": {"state_dict": {}}}, "callbacks": {}, "optimizer_states": [adam.state_dict()],
            "lr_schedulers": [], "hparams_name": "kwargs", "hyper_parameters": {"latent_dim": 3, "lr": 1e-3},
        },
        path,
    )  # fmt: skip


def save_data_parallel(model, path):
    torch.save(nn.DataParallel(model).state_dict(), path)


def save_with_average(model, path):
    """The model's own weights are worse: an average over steps is beside them."""
    last = {name: values + 0.05 * torch.randn_like(values) for name, values in model.state_dict().items()}
    torch.save({"step": 10, "net": last, "ema_net": model.state_dict(), "losses": torch.rand(7)}, path)


def save_training(model, path):
    torch.save({"epoch": 9, "model_state_dict": model.state_dict(), "loss": torch.tensor(101.5)}, path)


def save_bfloat16(model, path):
    """safetensors with two bytes for each value; the model gets the rounded values."""
    header, data = {}, b""
    for name, values in model.state_dict().items():
        rounded = values.bfloat16()
        values.copy_(rounded.float())
        raw = (rounded.float().flatten().contiguous().numpy().view("uint32") >> 16).astype("<u2").tobytes()
        offsets = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": "BF16", "shape": list(values.shape), "data_offsets": offsets}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def save(model, path):
    torch.save(model.state_dict(), path)


LEAKY = "leaky-relu-0.2"
MODELS = [
    (LightningVae, "lightning.ckpt", save_lightning, {"activation": LEAKY}),
    (NestedConvVae, "nested-conv.pt", save, {"activation": "leaky-relu", "output": "tanh"}),
    (PlanesCvae, "cvae-planes.pth", save, {}),
    (EmbeddedCvae, "cvae-embedded.pt", save_data_parallel, {"activation": "leaky-relu", "output": "tanh"}),
    (GroupNormVae, "group-norm.pt", save_training, {"activation": "silu", "groups": "2"}),
    (LayerNormVae, "layer-norm.safetensors", save_bfloat16, {"activation": "gelu", "head": "softplus"}),
    (NormalizedVae, "normalized.pt", save_with_average, {"range": "mnist", "weights": "ema_net"}),
    (LatentMapVae, "latent-map.bin", save, {}),
    (DcganVae, "dcgan.pth", save, {"activation": LEAKY, "decoder-activation": "relu"}),
    (WeightNormVae, "weight-norm.pt", save_training, {"activation": "elu"}),
    (SpatialLatentVae, "spatial-latent.pt", save, {"activation": "silu"}),
    (LateLabelCvae, "late-label.pt", save_data_parallel, {}),
]


def rows(image):
    """[channels, height, width] as a flat list of [height, width, channels]."""
    return image.permute(1, 2, 0).flatten().tolist()


def case(model, seed):
    generator = torch.Generator().manual_seed(seed)
    label = torch.tensor([seed % CLASSES])
    z = torch.randn(1, model.latent, generator=generator)
    image = torch.rand(1, *model.image, generator=generator) ** 3
    eps = torch.randn(1, model.latent, generator=generator)
    means = model.decode(z, label)
    mu, sigma = model.encode(image, label)
    kl = 0.5 * (mu**2 + sigma**2 - 1 - 2 * sigma.log()).sum()
    # In double precision: means near 0 and 1 lose digits.
    decoded = model.decode(mu + sigma * eps, label).double().clamp(1e-12, 1 - 1e-12)
    reconstruction = F.binary_cross_entropy(decoded, image.double(), reduction="sum")
    return {
        "label": label.item(),
        "z": z[0].tolist(),
        "means": rows(means[0]),
        "image": rows(image[0]),
        "eps": eps[0].tolist(),
        "mu": mu[0].tolist(),
        "sigma": sigma[0].tolist(),
        "kl": kl.item(),
        "neg_elbo": reconstruction.item() + kl.item(),
    }


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return {key: rounded(item) for key, item in value.items()} if isinstance(value, dict) else value


def main():
    FOLDER.mkdir(exist_ok=True)
    models = []
    for seed, (kind, name, write, answers) in enumerate(MODELS):
        torch.manual_seed(seed)
        model = kind().eval()
        with torch.no_grad():
            randomize(model)
        weights = {key: values.clone() for key, values in model.state_dict().items()}
        write(model, FOLDER / name)
        if write is not save_bfloat16:
            model.load_state_dict(weights)
        model.eval()
        with torch.no_grad():
            cases = [rounded(case(model, 10 * seed + at)) for at in (1, 2)]
        spread = [max(c["means"]) - min(c["means"]) for c in cases]
        print(name, (FOLDER / name).stat().st_size, "bytes; means differ by", spread)
        conditional = kind.__name__.endswith("Cvae")
        models.append(
            {
                "file": name,
                "answers": answers,
                "classes": CLASSES if conditional else 0,
                "image": [*kind.image[1:], kind.image[0]],
                "cases": cases,
            }
        )
    (FOLDER / "models.json").write_text("[\n" + ",\n".join(json.dumps(m) for m in models) + "\n]\n")


if __name__ == "__main__":
    main()
