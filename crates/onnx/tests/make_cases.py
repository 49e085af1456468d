#!/usr/bin/env python3
"""Writes cases.json: ONNX models, and what ONNX Runtime computes with them.

    python make_cases.py export DIR    models by torch.onnx.export (needs torch)
    python make_cases.py run DIR       models by onnx.helper, and the values of ONNX Runtime (needs onnx, onnxruntime)

Both may be the same Python. DIR is a folder for the exported models in between.
"""
import base64, json, math, sys
from pathlib import Path

HERE = Path(__file__).parent


# ------------------------------------------------------------------------------------------------ models of PyTorch


def torch_models():
    import torch
    from torch import nn
    import torch.nn.functional as F

    torch.manual_seed(0)

    class View(nn.Module):
        def __init__(self, *shape):
            super().__init__()
            self.shape = shape

        def forward(self, x):
            return x.view(x.shape[0], *self.shape)

    def statistics(module):
        for layer in module.modules():
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d, nn.InstanceNorm2d)) and layer.running_mean is not None:
                layer.running_mean.normal_()
                layer.running_var.uniform_(0.5, 2)
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm)) and layer.weight is not None:
                nn.init.normal_(layer.weight)
                nn.init.normal_(layer.bias)
        return module.eval()

    mlp = nn.Sequential(nn.Linear(2, 9), nn.ReLU(), nn.Linear(9, 64), nn.Sigmoid())
    conv = nn.Sequential(
        nn.Linear(3, 4 * 3 * 3), nn.ReLU(), View(4, 3, 3),
        nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1), nn.BatchNorm2d(6), nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(6, 1, 4, stride=2, padding=1), nn.Sigmoid())
    upsample = nn.Sequential(
        nn.Linear(2, 4 * 2 * 3), View(4, 2, 3), nn.Upsample(scale_factor=2), nn.ReflectionPad2d(1),
        nn.Conv2d(4, 6, 3), nn.GroupNorm(2, 6), nn.SiLU(), nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.Conv2d(6, 3, 3, padding=1, dilation=1), nn.Tanh())
    norms = nn.Sequential(
        nn.utils.weight_norm(nn.Linear(2, 16)), nn.LayerNorm(16), nn.GELU(), View(4, 2, 2),
        nn.InstanceNorm2d(4, affine=True), nn.Softplus(), nn.Upsample(size=(5, 4), mode="bicubic", align_corners=False),
        nn.PReLU(4), nn.Conv2d(4, 4, 1, groups=4), nn.Mish(), nn.Conv2d(4, 4, 3, padding=2, dilation=2, groups=2),
        nn.ELU(), nn.Hardswish(), nn.SELU(), nn.BatchNorm2d(4), nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
        nn.Conv2d(4, 1, 1))
    pools = nn.Sequential(
        nn.Linear(2, 64), View(1, 8, 8), nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True),
        nn.AvgPool2d(3, stride=1, padding=1), nn.AvgPool2d(2, stride=1, ceil_mode=True, count_include_pad=False), nn.PixelShuffle(2),
        nn.Flatten(), nn.Linear(36, 64), nn.Hardsigmoid())

    class Attention(nn.Module):
        """Tokens with the samples first."""

        def __init__(self):
            super().__init__()
            self.start, self.qkv, self.end = nn.Linear(3, 8 * 8), nn.Linear(8, 24), nn.Linear(8, 8)
            self.norm, self.position = nn.LayerNorm(8), nn.Parameter(torch.randn(1, 8, 8))

        def forward(self, z):
            x = self.start(z).view(z.shape[0], 8, 8) + self.position
            q, k, v = self.qkv(self.norm(x)).chunk(3, dim=-1)
            heads = lambda t: t.reshape(t.size(0), 8, 2, 4).permute(0, 2, 1, 3)
            weights = torch.softmax(heads(q) @ heads(k).transpose(-2, -1) / math.sqrt(4), dim=-1)
            x = x + (weights @ heads(v)).permute(0, 2, 1, 3).reshape(z.size(0), 8, 8)
            return torch.sigmoid(self.end(x)).flatten(1)

    class SequenceFirst(nn.Module):
        """Tokens with the samples second, so that samples can't be computed together."""

        def __init__(self):
            super().__init__()
            self.start, self.end = nn.Linear(2, 8 * 6), nn.Linear(6, 8)

        def forward(self, z):
            x = self.start(z).view(-1, 8, 6).permute(1, 0, 2)
            x = x.contiguous().view(8, -1, 6)
            x = torch.tanh(x) + torch.softmax(x, dim=0)
            return torch.sigmoid(self.end(x).permute(1, 0, 2).reshape(-1, 64))

    class Label(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.layer = nn.Embedding(4, 3), nn.Linear(5, 64)

        def forward(self, z, label):
            return torch.sigmoid(self.layer(torch.cat([z, self.embedding(label)], 1)))

    class OneHot(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(5, 64)

        def forward(self, z, y):
            return torch.sigmoid(self.layer(torch.cat([y, z], 1)))

    class Whole(nn.Module):
        """The VAE of PyTorch's examples, with a convolution."""

        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 3, 3, stride=2, padding=1)
            self.fc21, self.fc22 = nn.Linear(48, 3), nn.Linear(48, 3)
            self.fc3, self.fc4 = nn.Linear(3, 12), nn.Linear(12, 64)

        def encode(self, x):
            h = F.relu(self.conv(x)).flatten(1)
            return self.fc21(h), self.fc22(h)

        def decode(self, z):
            return torch.sigmoid(self.fc4(F.relu(self.fc3(z)))).view(-1, 1, 8, 8)

        def forward(self, x):
            mu, logvar = self.encode(x)
            std = torch.exp(0.5 * logvar)
            return self.decode(mu + torch.randn_like(std) * std), mu, logvar

    class Both(nn.Module):
        """Encoder and decoder side by side."""

        def __init__(self):
            super().__init__()
            self.vae = Whole()

        def forward(self, z, x):
            return self.vae.decode(z), *self.vae.encode(x)

    class Mean(nn.Module):
        """z is μ: a VAE that was exported in evaluation mode. One head has both halves."""

        def __init__(self):
            super().__init__()
            self.enc, self.dec = nn.Linear(64, 4), nn.Linear(2, 64)

        def forward(self, x):
            mu, log_std = torch.tanh(self.enc(x.flatten(1))).chunk(2, dim=1)
            return torch.sigmoid(self.dec(mu)).view(-1, 1, 8, 8), mu, log_std

    z = lambda n, latent: {"z": torch.randn(n, latent)}
    n = 3
    image = torch.rand(n, 1, 8, 8)
    whole = statistics(Whole())
    both = Both().eval()
    mean = Mean().eval()
    none = {"output": "none", "range": "0-1"}
    cases = {
        "mlp": (mlp, z(n, 2), ["image"], {}, {}),
        "mlp for one image": (mlp, z(1, 2), ["image"], {"fixed": True}, {}),
        "convolutions": (statistics(conv), z(n, 3), ["image"], {}, {}),
        "convolutions for one image": (conv, z(1, 3), ["image"], {"fixed": True}, {}),
        "upsampling in colour": (statistics(upsample), z(n, 2), ["image"], {"opset_version": 13}, {}),
        "norms and activations": (statistics(norms), z(n, 2), ["image"], {"opset_version": 13}, none),
        "pools": (statistics(pools), z(n, 2), ["image"], {}, none),
        "attention": (Attention().eval(), z(n, 3), ["image"], {}, {}),
        "sequence first": (SequenceFirst().eval(), z(n, 2), ["image"], {}, {}),
        "label by embedding": (Label().eval(), {**z(n, 2), "label": torch.tensor([0, 3, 1])}, ["image"], {}, {}),
        "label one-hot": (OneHot().eval(), {**z(n, 2), "y": torch.eye(3)}, ["image"], {}, {}),
        "whole with noise": (whole, {"x": image}, ["recon", "mu", "logvar"], {}, {}),
        "side by side": (both, {**z(n, 3), "x": image}, ["image", "mu", "logvar"], {}, {}),
        "whole without noise": (mean, {"x": torch.rand(n, 1, 8, 8)}, ["recon", "mu", "log_std"], {}, {"head": "log-sigma"}),
        "version 9": (statistics(nn.Sequential(
            nn.Linear(2, 32), View(2, 4, 4), nn.Upsample(scale_factor=2), nn.Conv2d(2, 1, 3, padding=1), nn.Sigmoid())),
            z(n, 2), ["image"], {"opset_version": 9}, {}),
    }
    direct = {
        "whole with noise": lambda x: (whole.decode(whole.encode(x)[0]), *whole.encode(x)),
    }
    for name, (model, inputs, outputs, options, answers) in cases.items():
        fixed = options.pop("fixed", False)
        given = tuple(inputs.values())
        path = io / f"{name}.onnx"
        axes = {} if fixed else {name: {0: "n"} for name in [*inputs, *outputs]}
        torch.onnx.export(model, given, str(path), input_names=list(inputs), output_names=outputs, dynamic_axes=axes, **options)
        with torch.no_grad():
            values = direct.get(name, model)(*given)
        values = values if isinstance(values, tuple) else (values,)
        (io / f"{name}.json").write_text(json.dumps({
            "inputs": {key: value.tolist() for key, value in inputs.items()},
            "answers": answers,
            "noise": name == "whole with noise",
            "torch": {key: value.tolist() for key, value in zip(outputs, values)},
        }))


# ------------------------------------------------------------------------------------------------ single operators


def operators():
    """(name, nodes, initializers, version): graphs from z [n, 4] to values, with z as [n, 1, 2, 2] as "x"."""
    from onnx import helper as h, TensorProto as T
    import numpy as np

    random = np.random.default_rng(0)

    def tensor(name, value):
        value = np.asarray(value)
        kind = T.FLOAT if value.dtype.kind == "f" else T.INT64
        value = value.astype(np.float32 if kind == T.FLOAT else np.int64)
        return h.make_tensor(name, kind, value.shape, value.tobytes(), raw=True)

    def one(operator, *inputs, **attributes):
        names, tensors = ["x"], []
        for at, value in enumerate(inputs):
            if value is None:
                names.append("")
            else:
                names.append(f"i{at}")
                tensors.append(tensor(f"i{at}", value))
        return [h.make_node(operator, names, ["y"], name="node", **attributes)], tensors

    f = lambda *values: np.array(values, dtype=np.float32)
    i = lambda *values: np.array(values, dtype=np.int64)
    kernel = lambda *shape: random.normal(size=shape).astype(np.float32)
    scales, sizes = f(1, 1, 3, 2.5), i(1, 1, 3, 7)
    cases = []

    def case(name, built, version=13):
        cases.append((name, *built, version))

    for mode in ["nearest", "linear", "cubic"]:
        for rule in ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]:
            case(f"Resize {mode} {rule}", one("Resize", None, scales, mode=mode, coordinate_transformation_mode=rule))
        case(f"Resize {mode} to sizes", one("Resize", None, None, sizes, mode=mode))
    for rule in ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"]:
        case(f"Resize nearest {rule}", one("Resize", None, f(1, 1, 3, 3), mode="nearest", nearest_mode=rule))
    case("Resize cubic without outside", one("Resize", None, scales, mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5))
    case("Upsample", one("Upsample", f(1, 1, 2, 3), mode="nearest"), 9)
    case("Upsample linear", one("Upsample", f(1, 1, 2, 3), mode="linear"), 9)
    for mode in ["constant", "reflect", "edge"]:
        case(f"Pad {mode}", one("Pad", i(0, 0, 1, 1, 0, 0, 1, 1), f(0.5) if mode == "constant" else None, mode=mode))
    case("Pad negative", one("Pad", i(0, 0, 3, -1, 0, 0, 3, 4)))
    case("Pad attribute", one("Pad", pads=[0, 0, 1, 2, 0, 0, 0, 1], value=2.0), 10)
    case("Conv SAME_UPPER", one("Conv", kernel(3, 1, 3, 2), auto_pad="SAME_UPPER", strides=[1, 1]))
    case("Conv SAME_LOWER", one("Conv", kernel(8, 1, 2, 2), auto_pad="SAME_LOWER", strides=[2, 1]))
    case("Conv uneven", one("Conv", kernel(4, 1, 2, 3), kernel(4), pads=[2, 1, 0, 3], dilations=[2, 1]))
    case("ConvTranspose", one("ConvTranspose", kernel(1, 2, 3, 3), kernel(2), strides=[2, 3], pads=[1, 0, 0, 1], output_padding=[1, 2]))
    case("ConvTranspose dilated", one("ConvTranspose", kernel(1, 2, 3, 2), dilations=[2, 3], strides=[2, 1]))
    case("ConvTranspose output_shape", one("ConvTranspose", kernel(1, 1, 3, 3), strides=[3, 3], output_shape=[6, 5]))
    case("ConvTranspose SAME_UPPER", one("ConvTranspose", kernel(1, 2, 3, 3), strides=[2, 2], auto_pad="SAME_UPPER"))
    case("Tile", one("Tile", i(1, 2, 3, 2)))
    case("Expand", one("Expand", i(1, 5, 2, 2)))
    case("Slice reversed", ([
        h.make_node("Concat", ["x", "x", "x"], ["c"], axis=3),
        h.make_node("Slice", ["c", "a", "b", "axes", "s"], ["d"]),
        h.make_node("Concat", ["d", "c"], ["y"], axis=3),
    ], [tensor("a", i(-1)), tensor("b", i(-100)), tensor("axes", i(3)), tensor("s", i(-2))]))
    case("Gather", one("Gather", [[0, 1, 1], [1, 0, -1]], axis=2))
    case("Split", ([
        h.make_node("Tile", ["x", "t"], ["c"]),
        h.make_node("Split", ["c", "sizes"], ["a", "b"], axis=1),
        h.make_node("Exp", ["b"], ["e"]),
        h.make_node("Concat", ["e", "a", "b"], ["y"], axis=1),
    ], [tensor("t", i(1, 4, 1, 1)), tensor("sizes", i(1, 3))]))
    case("DepthToSpace", ([
        h.make_node("Tile", ["x", "t"], ["c"]),
        h.make_node("Mul", ["c", "w"], ["d"]),
        h.make_node("DepthToSpace", ["d"], ["y"], blocksize=2, mode="DCR"),
    ], [tensor("t", i(1, 8, 1, 1)), tensor("w", kernel(1, 8, 1, 1))]))
    case("SpaceToDepth", ([
        h.make_node("Tile", ["x", "t"], ["c"]),
        h.make_node("SpaceToDepth", ["c"], ["y"], blocksize=2),
    ], [tensor("t", i(1, 2, 2, 4))]))
    # The argument of each function, made larger than z.
    wide = lambda *nodes: ([h.make_node("Mul", ["x", "w"], ["c"]), *nodes], [tensor("w", f(-3, -1, -0.3, 0.2, 0.7, 2, 4, 0.01).reshape(1, 8, 1, 1))])
    for name, attributes in [
        ("Elu", {"alpha": 0.7}), ("Selu", {}), ("Celu", {"alpha": 1.5}), ("HardSigmoid", {"alpha": 0.3, "beta": 0.4}),
        ("ThresholdedRelu", {"alpha": 0.5}), ("Softsign", {}), ("Softplus", {}), ("Abs", {}), ("Neg", {}), ("Sin", {}),
        ("Cos", {}), ("Sign", {}), ("Floor", {}), ("Ceil", {}), ("Round", {}), ("Erf", {}), ("Tanh", {}), ("Exp", {}),
        ("LeakyRelu", {"alpha": 0.3}), ("HardSwish", {}), ("Softmax", {"axis": 1}), ("LogSoftmax", {"axis": -1}),
        ("LpNormalization", {"axis": 1, "p": 2}), ("GlobalAveragePool", {}),
    ]:
        nodes, tensors = wide(h.make_node(name, ["c"], ["d"], name="node", **attributes), h.make_node("Add", ["d", "c"], ["y"]))
        case(name, (nodes, tensors), 14)
    nodes, tensors = wide(h.make_node("Softmax", ["c"], ["y"], axis=1))
    case("Softmax version 11", (nodes, tensors), 11)
    nodes, tensors = wide(h.make_node("Clip", ["c", "lo", ""], ["y"]))
    case("Clip", (nodes, tensors + [tensor("lo", f(-0.5).reshape(()))]), 13)
    for name in ["ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp"]:
        nodes, tensors = wide(h.make_node(name, ["c"], ["r"], axes=[1, 3], keepdims=1), h.make_node("Sub", ["c", "r"], ["y"]))
        case(name, (nodes, tensors), 13)
    nodes, tensors = wide(h.make_node("ReduceSum", ["c", "axes"], ["r"], keepdims=0), h.make_node("Unsqueeze", ["r", "front"], ["u"]),
                          h.make_node("Div", ["c", "u"], ["y"]))
    case("ReduceSum", (nodes, tensors + [tensor("axes", i(-2)), tensor("front", i(2))]), 13)
    nodes, tensors = wide(h.make_node("Greater", ["c", "x"], ["g"]), h.make_node("Where", ["g", "c", "k"], ["y"]))
    case("Where", (nodes, tensors + [tensor("k", f(7, 8))]), 13)
    nodes, tensors = wide(h.make_node("Abs", ["c"], ["a"]), h.make_node("Pow", ["a", "e"], ["p"]), h.make_node("Pow", ["c", "three"], ["q"]),
                          h.make_node("Max", ["p", "q", "c"], ["m"]), h.make_node("Min", ["m", "q"], ["n"]), h.make_node("Mean", ["p", "n"], ["y"]))
    case("Pow Max Min Mean", (nodes, tensors + [tensor("e", f(0.5, 1.7)), tensor("three", f(3).reshape(()))]), 13)
    nodes, tensors = wide(h.make_node("LessOrEqual", ["c", "x"], ["b"]), h.make_node("Not", ["b"], ["nb"]), h.make_node("Cast", ["nb"], ["y"], to=T.FLOAT))
    case("LessOrEqual Not Cast", (nodes, tensors), 16)
    nodes, tensors = wide(h.make_node("Transpose", ["c"], ["t"], perm=[0, 2, 3, 1]), h.make_node("LayerNormalization", ["t", "s", "b"], ["y"], axis=-1))
    case("LayerNormalization", (nodes, tensors + [tensor("s", kernel(8)), tensor("b", kernel(8))]), 17)
    nodes, tensors = wide(h.make_node("Shape", ["c"], ["s"]), h.make_node("Slice", ["s", "zero", "one"], ["n"]),
                          h.make_node("Concat", ["n", "rest"], ["k"], axis=0), h.make_node("Reshape", ["c", "k"], ["y"]))
    case("Shape Slice Concat Reshape", (nodes, tensors + [tensor("zero", i(0)), tensor("one", i(1)), tensor("rest", i(-1, 4))]), 13)
    nodes, tensors = wide(h.make_node("Shape", ["c"], ["s"]), h.make_node("ConstantOfShape", ["s"], ["o"], value=h.make_tensor("v", T.FLOAT, [1], [2.0])),
                          h.make_node("Mul", ["c", "o"], ["y"]))
    case("ConstantOfShape", (nodes, tensors), 13)
    nodes, tensors = wide(h.make_node("Flatten", ["c"], ["f"]), h.make_node("Gemm", ["f", "W", "B"], ["y"], alpha=0.5, beta=2.0, transB=1))
    case("Gemm", (nodes, tensors + [tensor("W", kernel(20, 32)), tensor("B", kernel(20))]), 13)
    nodes, tensors = wide(h.make_node("MatMul", ["M", "c"], ["m"]), h.make_node("MatMul", ["m", "v"], ["y"]))
    case("MatMul", (nodes, tensors + [tensor("M", kernel(8, 5, 2)), tensor("v", kernel(2))]), 13)
    return cases


def run():
    import numpy as np, onnx, onnxruntime as ort
    from onnx import helper as h, TensorProto as T

    random = np.random.default_rng(1)
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = lambda data: ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    encode = lambda data: base64.b64encode(data).decode()
    rounded = lambda array: [float(f"{value:.6g}") or 0 for value in np.asarray(array, dtype=np.float64).ravel()]
    cases = []
    for name, nodes, tensors, version in operators():
        four = h.make_tensor("four", T.INT64, [4], [0, 1, 2, 2])
        graph = h.make_graph(
            [h.make_node("Reshape", ["z", "four"], ["x"]), *nodes, h.make_node("Flatten", ["y"], ["flat"])], "g",
            [h.make_tensor_value_info("z", T.FLOAT, ["n", 4])], [h.make_tensor_value_info("flat", T.FLOAT, ["n", None])], [four, *tensors])
        model = h.make_model(graph, opset_imports=[h.make_opsetid("", version)], ir_version=8)
        onnx.checker.check_model(model)
        data = model.SerializeToString()
        z = random.normal(size=(1 if "to sizes" in name else 2, 4)).astype(np.float32)
        flat = session(data).run(None, {"z": z})[0]
        assert flat.shape[1] > 4, (name, flat.shape)
        # Images have at least 8 rows and 8 columns.
        graph.node.extend([h.make_node("Pad", ["flat", "pads"], ["image"])])
        graph.initializer.append(h.make_tensor("pads", T.INT64, [4], [0, 0, 0, -flat.shape[1] % 64]))
        if version < 11:
            del graph.initializer[-1]
            graph.node[-1].CopyFrom(h.make_node("Pad", ["flat"], ["image"], pads=[0, 0, 0, -flat.shape[1] % 64]))
        del graph.output[:]
        graph.output.append(h.make_tensor_value_info("image", T.FLOAT, ["n", None]))
        model = h.make_model(graph, opset_imports=[h.make_opsetid("", version)], ir_version=8)
        data = model.SerializeToString()
        image = session(data).run(None, {"z": z})[0]
        cases.append({"name": name, "onnx": encode(data), "z": rounded(z), "image": rounded(image), "answers": {"output": "none"}})
    for path in sorted(io.glob("*.onnx")):
        about = json.loads(path.with_suffix(".json").read_text())
        data = path.read_bytes()
        inputs = {name: np.array(value) for name, value in about["inputs"].items()}
        inputs = {name: value.astype(np.int64 if name == "label" else np.float32) for name, value in inputs.items()}
        names = [output.name for output in onnx.load(path).graph.output]
        if about["noise"]:
            outputs = {name: np.array(value) for name, value in about["torch"].items()}
        else:
            outputs = dict(zip(names, session(data).run(None, inputs)))
            for name, value in about["torch"].items():
                assert np.abs(outputs[name] - np.array(value)).max() < 1e-4, (path, name)
        case = {"name": path.stem, "onnx": encode(data), "answers": about["answers"]}
        image = outputs.get("image", outputs.get("recon"))
        if image.ndim == 4:
            image = image.transpose(0, 2, 3, 1)
        if "colour" in path.stem:
            image = (image + 1) / 2
        case["image"] = rounded(image)
        if "label" in inputs:
            case["label"] = rounded(np.eye(4)[inputs["label"]])
        if "y" in inputs:
            case["label"] = rounded(inputs["y"])
        if "z" in inputs:
            case["z"] = rounded(inputs["z"])
        else:
            case["z"] = rounded(outputs["mu"])
        if "x" in inputs:
            case["x"] = rounded(inputs["x"].transpose(0, 2, 3, 1))
            case["mu"] = rounded(outputs["mu"])
            case["sigma"] = rounded(np.exp(0.5 * outputs["logvar"]) if "logvar" in outputs else np.exp(outputs["log_std"]))
        cases.append(case)
    text = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "cases.json").write_text(f"[\n{text}\n]\n")
    print(len(cases), "cases")


if __name__ == "__main__":
    io = Path(sys.argv[2])
    io.mkdir(parents=True, exist_ok=True)
    torch_models() if sys.argv[1] == "export" else run()
