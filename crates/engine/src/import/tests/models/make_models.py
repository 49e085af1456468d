"""Makes small models with unusual names and choices, and computes what they encode and decode, by plain loops in the order of
PyTorch's axes ([channels, height, width]); nothing is shared with the importer. Python alone:

    python3 crates/engine/src/import/tests/models/make_models.py

Each model is a safetensors file; models.json has the answers that its user knows, images, noise and results.
"""

import json
import math
import random
import struct
from pathlib import Path

HERE = Path(__file__).parent


def f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


class State:
    """Named tensors as (shape, flat values)."""

    def __init__(self, seed):
        self.rng, self.tensors = random.Random(seed), {}

    def put(self, name, shape, low=-1.0, high=1.0, scale=None):
        fan_in = math.prod(shape[1:]) or 1
        scale = 1.4 / math.sqrt(fan_in) if scale is None else scale
        values = [f32(self.rng.uniform(low, high) * scale) for _ in range(math.prod(shape))]
        self.tensors[name] = (list(shape), values)

    def linear(self, name, inputs, outputs, bias=True):
        self.put(f"{name}.weight", (outputs, inputs))
        if bias:
            self.put(f"{name}.bias", (outputs,), scale=0.3)

    def conv(self, name, a, b, kernel, bias=True, transposed=False):
        self.put(f"{name}.weight", (a, b, kernel, kernel), scale=1.5 / math.sqrt(b * kernel * kernel))
        if bias:
            self.put(f"{name}.bias", (b if transposed else a,), scale=0.3)

    def norm(self, name, channels):
        self.put(f"{name}.weight", (channels,), 0.5, 1.5, 1.0)
        self.put(f"{name}.bias", (channels,), scale=0.3)
        self.put(f"{name}.running_mean", (channels,), scale=0.3)
        self.put(f"{name}.running_var", (channels,), 0.5, 2.0, 1.0)

    def values(self, name):
        return self.tensors[name][1]

    def save(self, name):
        header, data = {}, b""
        for key, (shape, values) in self.tensors.items():
            raw = struct.pack(f"<{len(values)}f", *values)
            header[key] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
            data += raw
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        (HERE / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


# ---------------------------------------------------------------- layers


def affine(weight, bias, shape, x):
    outputs, inputs = shape
    assert len(x) == inputs, (len(x), inputs)
    return [math.fsum(weight[o * inputs + i] * x[i] for i in range(inputs)) + (bias[o] if bias else 0.0) for o in range(outputs)]


def linear(state, name, x):
    shape, weight = state.tensors[f"{name}.weight"]
    bias = state.tensors.get(f"{name}.bias", (None, None))[1]
    return affine(weight, bias, shape, x)


def weight_normed(state, name, x):
    """Rows of weight_v with the lengths weight_g."""
    shape, v = state.tensors[f"{name}.weight_v"]
    g, n = state.values(f"{name}.weight_g"), shape[1]
    weight = []
    for o in range(shape[0]):
        row = v[o * n : (o + 1) * n]
        weight += [w * g[o] / math.sqrt(math.fsum(r * r for r in row)) for w in row]
    return affine(weight, state.tensors.get(f"{name}.bias", (None, None))[1], shape, x)


def conv(state, name, maps, stride, padding):
    (outputs, inputs, k, _), weight = state.tensors[f"{name}.weight"]
    bias = state.tensors.get(f"{name}.bias", (None, [0.0] * outputs))[1]
    height, width = len(maps[0]), len(maps[0][0])
    size = [(side + 2 * padding - k) // stride + 1 for side in (height, width)]
    result = []
    for o in range(outputs):
        rows = []
        for y in range(size[0]):
            row = []
            for x in range(size[1]):
                total = bias[o]
                for i in range(inputs):
                    for a in range(k):
                        for b in range(k):
                            r, c = y * stride + a - padding, x * stride + b - padding
                            if 0 <= r < height and 0 <= c < width:
                                total += weight[((o * inputs + i) * k + a) * k + b] * maps[i][r][c]
                row.append(total)
            rows.append(row)
        result.append(rows)
    return result


def conv_transposed(state, name, maps, stride, padding, output_padding):
    (inputs, outputs, k, _), weight = state.tensors[f"{name}.weight"]
    bias = state.tensors.get(f"{name}.bias", (None, [0.0] * outputs))[1]
    height, width = len(maps[0]), len(maps[0][0])
    size = [(side - 1) * stride - 2 * padding + k + output_padding for side in (height, width)]
    result = [[[bias[o]] * size[1] for _ in range(size[0])] for o in range(outputs)]
    for i in range(inputs):
        for y in range(height):
            for x in range(width):
                for o in range(outputs):
                    for a in range(k):
                        for b in range(k):
                            r, c = y * stride + a - padding, x * stride + b - padding
                            if 0 <= r < size[0] and 0 <= c < size[1]:
                                result[o][r][c] += weight[((i * outputs + o) * k + a) * k + b] * maps[i][y][x]
    return result


def normed(state, name, maps):
    """Batch normalization in eval mode, of maps or of a vector."""
    w, b, m, v = (state.values(f"{name}.{part}") for part in ("weight", "bias", "running_mean", "running_var"))

    def one(c, value):
        return (value - m[c]) / math.sqrt(v[c] + 1e-5) * w[c] + b[c]

    return [[[one(c, x) for x in row] for row in rows] if isinstance(rows, list) else one(c, rows) for c, rows in enumerate(maps)]


def each(function, thing):
    return [each(function, inner) for inner in thing] if isinstance(thing, list) else function(thing)


def pooled(maps):
    return [
        [[max(rows[2 * y + a][2 * x + b] for a in (0, 1) for b in (0, 1)) for x in range(len(rows[0]) // 2)] for y in range(len(rows) // 2)]
        for rows in maps
    ]


def doubled(maps):
    return [[[row[x // 2] for x in range(2 * len(row))] for row in rows for _ in (0, 1)] for rows in maps]


def flat(maps):
    return [x for rows in maps for row in rows for x in row]


def maps_of(values, channels, height, width):
    return [[values[(c * height + y) * width : (c * height + y + 1) * width] for y in range(height)] for c in range(channels)]


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def softplus(x):
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


RELU = lambda x: max(x, 0.0)  # noqa: E731
LEAKY = lambda x: x if x > 0 else 0.2 * x  # noqa: E731
ELU = lambda x: x if x > 0 else math.exp(x) - 1  # noqa: E731
SILU = lambda x: x * sigmoid(x)  # noqa: E731
GELU_TANH = lambda x: 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))  # noqa: E731

SIGMA = {
    "log-var": lambda s: math.exp(s / 2),
    "log-sigma": math.exp,
    "sigma": abs,
    "softplus": softplus,
}

RANGE = {"0-1": lambda x: x, "-1-1": lambda x: 2 * x - 1, "mnist": lambda x: (x - 0.1307) / 0.3081}
BACK = {"0-1": lambda x: x, "-1-1": lambda x: (x + 1) / 2, "mnist": lambda x: x * 0.3081 + 0.1307}

# ---------------------------------------------------------------- models: state, encode(x[, c]), decode(z[, c])


def leaky():
    s = State(1)
    s.linear("generator.expand", 3, 7)
    s.linear("generator.paint", 7, 64)
    s.linear("inference.hidden", 64, 9)
    s.linear("inference.loc", 9, 3)
    s.linear("inference.log_sigma", 9, 3)
    h = lambda x: each(LEAKY, linear(s, "inference.hidden", x))  # noqa: E731
    encode = lambda x, c: (linear(s, "inference.loc", h(x)), linear(s, "inference.log_sigma", h(x)))  # noqa: E731
    decode = lambda z, c: linear(s, "generator.paint", each(LEAKY, linear(s, "generator.expand", z)))  # noqa: E731
    return s, encode, decode, {"activation": "leaky-relu-0.2"}, {}


def weight_norm():
    s = State(2)
    for name, inputs, outputs in (("enc.a", 64, 8), ("enc.b", 8, 8)):
        s.put(f"{name}.bias", (outputs,), scale=0.3)
        s.put(f"{name}.weight_g", (outputs, 1), 0.5, 1.5, 1.0)
        s.put(f"{name}.weight_v", (outputs, inputs))
    s.linear("mean", 8, 2)
    s.linear("std", 8, 2)
    s.linear("dec.a", 2, 8, bias=False)
    s.linear("dec.b", 8, 8, bias=False)
    s.linear("dec.c", 8, 64, bias=False)

    def encode(x, c):
        h = each(ELU, weight_normed(s, "enc.b", each(ELU, weight_normed(s, "enc.a", x))))
        return linear(s, "mean", h), linear(s, "std", h)

    def decode(z, c):
        return linear(s, "dec.c", each(ELU, linear(s, "dec.b", each(ELU, linear(s, "dec.a", z)))))

    return s, encode, decode, {"activation": "elu", "head": "softplus"}, {}


def embedded():
    s = State(3)
    s.put("label_embedding.weight", (3, 4), scale=1.0)
    s.linear("encoder.layers.0", 64 + 4, 10)
    s.linear("encoder.layers.1", 10, 4)
    s.linear("decoder.layers.0", 2 + 4, 10)
    s.linear("decoder.layers.1", 10, 64)
    e = lambda c: s.values("label_embedding.weight")[4 * c : 4 * c + 4]  # noqa: E731

    def encode(x, c):
        both = linear(s, "encoder.layers.1", each(GELU_TANH, linear(s, "encoder.layers.0", x + e(c))))
        return both[:2], both[2:]

    def decode(z, c):
        return linear(s, "decoder.layers.1", each(GELU_TANH, linear(s, "decoder.layers.0", z + e(c))))

    return s, encode, decode, {"activation": "gelu-tanh"}, {"classes": 3}


def tanh_output():
    s = State(4)
    s.linear("net_enc.0", 64, 6)
    s.linear("net_enc.2", 6, 6)
    s.linear("to_mu", 6, 2)
    s.linear("to_logvar", 6, 2)
    s.linear("net_dec.0", 2, 6)
    s.norm("net_dec.1", 6)
    s.linear("net_dec.3", 6, 64)

    def encode(x, c):
        h = each(SILU, linear(s, "net_enc.2", each(SILU, linear(s, "net_enc.0", x))))
        return linear(s, "to_mu", h), linear(s, "to_logvar", h)

    def decode(z, c):
        return linear(s, "net_dec.3", each(SILU, normed(s, "net_dec.1", linear(s, "net_dec.0", z))))

    return s, encode, decode, {"activation": "silu", "output": "tanh", "range": "-1-1"}, {}


def pooling():
    """Colour, 16×16; pooling and upsampling, normalization, and no activation before the first map."""
    s = State(5)
    s.conv("encoder.0", 3, 3, 3)
    s.norm("encoder.1", 3)
    s.conv("encoder.4", 4, 3, 3)
    s.norm("encoder.5", 4)
    s.linear("fc_mu", 4 * 16, 2)
    s.linear("fc_var", 4 * 16, 2)
    s.linear("decoder_input", 2, 4 * 16)
    s.conv("decoder.1", 3, 4, 3)
    s.norm("decoder.2", 3)
    s.conv("decoder.5", 3, 3, 3)

    def encode(x, c):
        h = pooled(each(RELU, normed(s, "encoder.1", conv(s, "encoder.0", maps_of(x, 3, 16, 16), 1, 1))))
        h = flat(pooled(each(RELU, normed(s, "encoder.5", conv(s, "encoder.4", h, 1, 1)))))
        return linear(s, "fc_mu", h), linear(s, "fc_var", h)

    def decode(z, c):
        h = doubled(maps_of(linear(s, "decoder_input", z), 4, 4, 4))
        h = doubled(each(RELU, normed(s, "decoder.2", conv(s, "decoder.1", h, 1, 1))))
        return flat(conv(s, "decoder.5", h, 1, 1))

    return s, encode, decode, {}, {"shape": [16, 16, 3]}


def transposed():
    """A decoder that begins with a transposed convolution of z, with scaled pixels and a linear layer in between."""
    s = State(6)
    s.conv("down1", 3, 1, 3)
    s.conv("down2", 4, 3, 3)
    s.linear("squeeze", 4 * 16, 6)
    s.linear("head_mean", 6, 2)
    s.linear("head_logvar", 6, 2)
    s.conv("up1", 2, 5, 4, bias=False, transposed=True)
    s.norm("up_bn1", 5)
    s.conv("up2", 5, 3, 4, transposed=True)
    s.conv("up3", 3, 1, 4, transposed=True)

    def encode(x, c):
        h = each(LEAKY, conv(s, "down1", maps_of(x, 1, 16, 16), 2, 1))
        h = each(LEAKY, linear(s, "squeeze", flat(each(LEAKY, conv(s, "down2", h, 2, 1)))))
        return linear(s, "head_mean", h), linear(s, "head_logvar", h)

    def decode(z, c):
        h = each(LEAKY, normed(s, "up_bn1", conv_transposed(s, "up1", maps_of(z, 2, 1, 1), 1, 0, 0)))
        h = each(LEAKY, conv_transposed(s, "up2", h, 2, 1, 0))
        return flat(conv_transposed(s, "up3", h, 2, 1, 0))

    return s, encode, decode, {"activation": "leaky-relu-0.2", "range": "-1-1", "output": "tanh"}, {"shape": [16, 16]}


def linear_output():
    s = State(7)
    s.linear("fc1", 90, 8)
    s.linear("fc21", 8, 2)
    s.linear("fc22", 8, 2)
    s.linear("fc3", 2, 8)
    s.linear("fc4", 8, 90)
    h = lambda x: each(math.tanh, linear(s, "fc1", x))  # noqa: E731
    encode = lambda x, c: (linear(s, "fc21", h(x)), linear(s, "fc22", h(x)))  # noqa: E731
    decode = lambda z, c: linear(s, "fc4", each(math.tanh, linear(s, "fc3", z)))  # noqa: E731
    return s, encode, decode, {"activation": "tanh", "output": "none", "range": "mnist"}, {"shape": [10, 9]}


def label_first():
    """A label before image and z; heads with names that do not tell, in the opposite order."""
    s = State(8)
    s.linear("h1", 10 + 64, 9)
    s.linear("h2", 9, 9)
    s.linear("out1", 9, 2)
    s.linear("out2", 9, 2)
    s.linear("g1", 10 + 2, 9)
    s.linear("g2", 9, 64)
    one_hot = lambda c: [float(i == c) for i in range(10)]  # noqa: E731

    def encode(x, c):
        h = each(RELU, linear(s, "h2", each(RELU, linear(s, "h1", one_hot(c) + x))))
        return linear(s, "out2", h), linear(s, "out1", h)

    def decode(z, c):
        return linear(s, "g2", each(RELU, linear(s, "g1", one_hot(c) + z)))

    return s, encode, decode, {"label": "first", "mean": "second"}, {"classes": 10}


def decoder_alone():
    s = State(9)
    s.linear("layers.0", 5, 8)
    s.linear("layers.2", 8, 8)
    s.linear("layers.4", 8, 64)
    decode = lambda z, c: linear(s, "layers.4", each(RELU, linear(s, "layers.2", each(RELU, linear(s, "layers.0", z)))))  # noqa: E731
    return s, None, decode, {}, {"latent": 5}


def odd_sides():
    """Three strides over 8×8: 8, 4, 2; back with an output padding, and a last convolution that keeps the side."""
    s = State(10)
    s.conv("encoder.0.0", 2, 1, 3)
    s.norm("encoder.0.1", 2)
    s.conv("encoder.1.0", 3, 2, 3)
    s.norm("encoder.1.1", 3)
    s.linear("fc_mu", 3 * 4, 3)
    s.linear("fc_var", 3 * 4, 3)
    s.linear("decoder_input", 3, 3 * 4)
    s.conv("decoder.0.0", 3, 2, 3, transposed=True)
    s.norm("decoder.0.1", 2)
    s.conv("final_layer.0", 2, 2, 3, transposed=True)
    s.norm("final_layer.1", 2)
    s.conv("final_layer.3", 1, 2, 3)

    def encode(x, c):
        h = each(LEAKY, normed(s, "encoder.0.1", conv(s, "encoder.0.0", maps_of(x, 1, 8, 8), 2, 1)))
        h = flat(each(LEAKY, normed(s, "encoder.1.1", conv(s, "encoder.1.0", h, 2, 1))))
        return linear(s, "fc_mu", h), linear(s, "fc_var", h)

    def decode(z, c):
        h = maps_of(linear(s, "decoder_input", z), 3, 2, 2)
        h = each(LEAKY, normed(s, "decoder.0.1", conv_transposed(s, "decoder.0.0", h, 2, 1, 1)))
        h = each(LEAKY, normed(s, "final_layer.1", conv_transposed(s, "final_layer.0", h, 2, 1, 1)))
        return flat(conv(s, "final_layer.3", h, 1, 1))

    return s, encode, decode, {"activation": "leaky-relu-0.2", "output": "tanh", "range": "0-1"}, {}


MODELS = [leaky, weight_norm, embedded, tanh_output, pooling, transposed, linear_output, label_first, decoder_alone, odd_sides]


def log_likelihood(output, raw, x, scale):
    """Bernoulli with the raw output as logits, with tanh's as halves of them; N(mean, 1) for a linear output."""
    if output == "none":
        means = [BACK[scale](o) for o in raw]
        return math.fsum(-0.5 * (v - m) ** 2 - 0.5 * math.log(2 * math.pi) for v, m in zip(x, means, strict=True))
    logits = [2 * o for o in raw] if output == "tanh" else raw
    return math.fsum(v * o - softplus(o) for v, o in zip(x, logits, strict=True))


def means(output, raw, scale):
    if output == "none":
        return [BACK[scale](o) for o in raw]
    return [sigmoid(o) if output == "sigmoid" else (math.tanh(o) + 1) / 2 for o in raw]


def by_pixel(values, shape):
    """[channels, height, width] to [height, width, channels], in which our images are."""
    channels = shape[2] if len(shape) > 2 else 1
    positions = len(values) // channels
    return [values[c * positions + p] for p in range(positions) for c in range(channels)]


def main():
    out = []
    for make in MODELS:
        state, encode, decode, answers, more = make()
        name = make.__name__.replace("_", "-")
        state.save(name)
        rng = random.Random(name)
        shape, classes = more.get("shape", [8, 8]), more.get("classes", 0)
        output, scale = answers.get("output", "sigmoid"), answers.get("range", "0-1")
        cases = []
        for _ in range(2):
            c = rng.randrange(classes) if classes else 0
            x = [f32(rng.random()) for _ in range(math.prod(shape))]
            case = {"image": by_pixel(x, shape), "label": c}
            if encode:
                mu, s = encode([RANGE[scale](v) for v in x], c)
                sigma = [SIGMA[answers.get("head", "log-sigma" if name == "leaky" else "log-var")](v) for v in s]
                eps = [f32(rng.gauss(0, 1)) for _ in mu]
                z = [m + e * t for m, e, t in zip(mu, eps, sigma, strict=True)]
                kl = math.fsum(0.5 * (m * m + t * t - 1) - math.log(t) for m, t in zip(mu, sigma, strict=True))
                raw = decode(z, c)
                case |= {"mu": mu, "sigma": sigma, "eps": eps, "kl": kl, "neg_elbo": kl - log_likelihood(output, raw, x, scale)}
            else:
                z = [f32(rng.gauss(0, 1)) for _ in range(more["latent"])]
                raw = decode(z, c)
            cases.append({**case, "z": z, "means": by_pixel(means(output, raw, scale), shape)})
        out.append({"name": name, "answers": answers, "classes": classes, "cases": cases})
        print(name, sum(len(v) for _, v in state.tensors.values()), "values; −ELBO", cases[0].get("neg_elbo"))

    def rounded(thing):
        if isinstance(thing, dict):
            return {key: rounded(value) for key, value in thing.items()}
        if isinstance(thing, list):
            return [rounded(value) for value in thing]
        return float(f"{thing:.8g}") if isinstance(thing, float) else thing

    (HERE / "models.json").write_text(json.dumps(rounded(out), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
