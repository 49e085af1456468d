"""Makes the files beside this one whose formats PyTorch no longer writes, or writes only in large programs: the format before
PyTorch 1.6, big-endian files, copies of the weights, wrappers. Python's own pickle writes them, with stand-ins for the
classes of torch that they name, so that no PyTorch is needed.

    python3 crates/checkpoints/tests/samples/make_formats.py

Each tensor's values count up by 1/8 from a number of its own, so that the test can compute them.
"""

import io
import math
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict
from pathlib import Path

HERE = Path(__file__).parent


def stand_in(module, name):
    """A class that pickles as `module.name`."""
    made = type(name, (), {"__module__": module})
    sys.modules.setdefault(module, types.ModuleType(module))
    setattr(sys.modules[module], name, made)
    return made


KINDS = {"FloatStorage": "f", "DoubleStorage": "d", "HalfStorage": "e", "LongStorage": "q"}
STORAGES = {name: stand_in("torch", name) for name in KINDS}
REBUILD = stand_in("torch._utils", "_rebuild_tensor_v2")
PARAMETER = stand_in("torch._utils", "_rebuild_parameter")


class Storage:
    def __init__(self, values, kind="FloatStorage"):
        self.values, self.kind = list(values), kind

    def data(self, order):
        return struct.pack(f"{order}{len(self.values)}{KINDS[self.kind]}", *self.values)


class Tensor:
    def __init__(self, storage, shape, strides=None, offset=0, view=None):
        self.storage, self.shape, self.offset, self.view = storage, tuple(shape), offset, view
        self.strides = strides or tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


class Rebuilt:
    """Pickles as a call, which `reduce` names."""

    def __init__(self, call, arguments):
        self.call, self.arguments = call, arguments

    def __reduce__(self):
        return self.call, self.arguments


class Reference:
    def __init__(self, storage, view):
        self.storage, self.view = storage, view


def packed(thing):
    """The structure with each tensor replaced by the call that rebuilds it."""
    if isinstance(thing, Tensor):
        reference = Reference(thing.storage, thing.view)
        return Rebuilt(REBUILD, (reference, thing.offset, thing.shape, thing.strides, False, OrderedDict()))
    if isinstance(thing, dict):
        return type(thing)((key, packed(value)) for key, value in thing.items())
    if isinstance(thing, list):
        return [packed(value) for value in thing]
    return thing


def pickled(thing, keys, legacy, protocol=2):
    out = io.BytesIO()

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            if not isinstance(value, Reference):
                return None
            storage = value.storage
            key = keys.setdefault(id(storage), (str(len(keys) if not legacy else 94600000 + 64 * len(keys)), storage))[0]
            tail = (value.view,) if legacy else ()
            return ("storage", STORAGES[storage.kind], key, "cpu", len(storage.values), *tail)

    Pickler(out, protocol).dump(packed(thing))
    return out.getvalue()


def archive(thing, order="<"):
    """The ZIP archive of PyTorch 1.6 and later."""
    keys, out = {}, io.BytesIO()
    data = pickled(thing, keys, legacy=False)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        def add(name, content):
            file.writestr(zipfile.ZipInfo(f"archive/{name}", (2024, 5, 17, 9, 30, 0)), content)

        add("data.pkl", data)
        add("byteorder", "big" if order == ">" else "little")
        for key, storage in keys.values():
            add(f"data/{key}", storage.data(order))
        add("version", "3\n")
    return out.getvalue()


def legacy(thing, order="<"):
    """The format before PyTorch 1.6."""
    keys = {}
    system = {"protocol_version": 1001, "little_endian": order == "<", "type_sizes": {"short": 2, "int": 4, "long": 4}}
    heads = b"".join(pickle.dumps(head, 2) for head in (0x1950A86A20F9469CFC6C, 1001, system))
    body = pickled(thing, keys, legacy=True)
    names = pickle.dumps([key for key, _ in keys.values()], 2)
    storages = b"".join(struct.pack(f"{order}q", len(s.values)) + s.data(order) for _, s in keys.values())
    return heads + body + names + storages


def counted(number, *shape, kind="FloatStorage"):
    return Tensor(Storage((number + i / 8 for i in range(math.prod(shape))), kind), shape)


def layers(number, prefix=""):
    """A state dict of two layers and a counter."""
    return OrderedDict(
        [
            (f"{prefix}fc1.weight", counted(number, 3, 4)),
            (f"{prefix}fc1.bias", counted(number + 1, 3)),
            (f"{prefix}norm.num_batches_tracked", Tensor(Storage([7], "LongStorage"), ())),
            (f"{prefix}fc2.weight", counted(number + 2, 4, 3)),
        ]
    )


# A view of a storage that is itself a part of another, as old files have it, and a storage that two tensors share.
whole = Storage(i / 8 for i in range(24))
views = layers(1)
views["part.weight"] = Tensor(whole, (2, 3), offset=1, view=("94699999", 4, 12))
views["columns.weight"] = Tensor(whole, (4, 6), strides=(1, 4))

moments = {0: {"step": counted(0, 1), "exp_avg": counted(0, 3, 4)}, 1: {"exp_avg": counted(0, 3)}}
FILES = {
    "legacy.pth": legacy(views),
    "legacy-big-endian.pth": legacy(layers(1), ">"),
    "big-endian.pth": archive(layers(1), ">"),
    "wrapped.pth": archive({"net": layers(1, "module._orig_mod.model."), "optimizer": {"state": moments}}),
    "training.ckpt": archive(
        {
            "epoch": 3,
            "losses": counted(100, 5, 2),
            "state_dict": layers(1),
            "state_dict_ema": OrderedDict((f"module.{k}", v) for k, v in layers(50).items()),
            "optimizer_states": [{"state": moments}],
            "rng_state": counted(9, 16),
        }
    ),
    "shadow.pth": archive(
        {
            "model": layers(1),
            "ema": {"decay": 0.99, "shadow_params": [counted(50, 3, 4), counted(51, 3), counted(52, 4, 3)]},
        }
    ),
    "ema-prefix.pth": archive({"state_dict": {**layers(1, "model."), **layers(50, "ema_model.")}}),
    "parts.pth": archive(
        {"encoder_state_dict": layers(1), "decoder": {"layers": [{"weight": counted(5, 2, 2)}, {"weight": counted(6, 2, 2)}]}}
    ),
    "counters.pth": archive({"epoch": 3, "loss": Tensor(Storage([1.5]), ()), "optimizer": {"state": moments}}),
}
for name, data in FILES.items():
    (HERE / name).write_bytes(data)
    print(name, len(data))
