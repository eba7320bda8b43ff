#!/usr/bin/env python3
"""Writes testdata/weights: small weights files saved by PyTorch and NumPy, and expected.json with their values.

    pip install torch==2.8.0 numpy && python scripts/test_weights.py
"""
import datetime, enum, functools, json, os, pathlib, types
from argparse import Namespace
from collections import Counter, OrderedDict, defaultdict, namedtuple
import numpy as np
import torch

OUT = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "weights"
EXPECTED = {}


def save(name, value, tensors):
    """tensors: the names under which the program must find them."""
    torch.save(value, OUT / name)
    EXPECTED[name] = {k: {"shape": list(v.shape), "values": v.to(torch.float64).flatten().tolist()} for k, v in tensors.items()}


def conv4():
    """Weights of the conv4 backbone whose elements overlap in memory, so that they take some KB instead of 450."""
    state, base = OrderedDict(), torch.linspace(-0.25, 0.25, 160)
    for block in range(4):
        first, inputs = 4 * block, 64 if block else 3
        state[f"features.{first}.weight"] = base.as_strided((64, inputs, 3, 3), (1, 1, 3, 5))
        for what, value in {"weight": 1.0, "bias": 0.1, "running_mean": 0.0, "running_var": 1.0}.items():
            state[f"features.{first + 1}.{what}"] = torch.full((1,), value).expand(64)
        state[f"features.{first + 1}.num_batches_tracked"] = torch.tensor(7)
    return state


class AttributeDict(dict):
    """A dict with attributes, as used by training programs for settings."""


class Colour(enum.Enum):
    RED = 1


class Outer:
    class Shade(enum.IntFlag):
        DARK = 2


class Command:
    """Unpickling it would run a command; nothing here unpickles it."""

    def __reduce__(self):
        return os.system, ("true",)


Score = namedtuple("Score", "name value")


def objects():
    """Values that training programs keep beside the state dict. They are not needed, and must not prevent the tensors from being read."""
    settings = AttributeDict(lr=0.1, nested=AttributeDict(a=[1]))
    settings.attribute = Namespace(lr=0.1)
    loop = [1]
    loop.append((loop,))
    return {
        "args": Namespace(lr=0.1, path=pathlib.PosixPath("/a/b"), type=int, func=functools.partial(max, 1)),
        "simple": types.SimpleNamespace(a=1), "settings": settings, "score": Score("r@1", 0.5), "loop": loop,
        "best": np.float64(0.5), "step": np.int64(3), "flag": np.bool_(True), "array": np.arange(3),
        "names": np.array(["a"], dtype=object), "dtype": np.dtype("f4"), "random": np.random.default_rng(0),
        "torch_dtype": torch.float32, "device": torch.device("cpu"), "size": torch.Size([2, 3]), "layout": torch.strided,
        "ordered": OrderedDict(a=1), "default": defaultdict(list, a=[1]), "counter": Counter("aab"),
        "set": {1, 2}, "frozen": frozenset("a"), "complex": 1j, "bytes": b"\xff\x00", "bytearray": bytearray(b"a"),
        "range": range(3), "slice": slice(1, 2), "huge": 1 << 3000, "path": os.fsdecode(b"/a/\xff"),
        "when": datetime.datetime(2020, 1, 1), "zone": datetime.timezone.utc,
        "colour": Colour.RED, "shade": Outer.Shade.DARK, "class": Outer.Shade,
        "keys": {(1, 2): "tuple", 0.5: "float", None: "none", True: "bool", torch.float16: "dtype", np.int64(3): "numpy"},
        "complex_tensor": torch.zeros(1, dtype=torch.complex64), "sparse": torch.eye(2).to_sparse(),
        "parameters": [torch.nn.Parameter(torch.ones(1))], "module": torch.nn.Linear(1, 1),
        "scheduler": torch.optim.lr_scheduler.StepLR(torch.optim.SGD([torch.ones(1)], lr=0.1), 1).state_dict(),
    }


def behind(beginning, state):
    return {beginning + k: v for k, v in state.items()}


def parts():
    """Checkpoints that hold conv4 more than once. In each file, the network to choose has a bias of 0.1 everywhere."""
    meant, other = conv4(), OrderedDict((k, v * 0.5 if k.endswith(".bias") else v) for k, v in conv4().items())
    moco = {**behind("module.encoder_q.", meant), **behind("module.encoder_k.", other), "module.queue": torch.ones(2, 2)}
    torch.save({"arch": "conv4", "state_dict": moco}, OUT / "moco.pth")
    torch.save({"student": behind("module.backbone.", other), "teacher": behind("backbone.", meant), "args": Namespace(),
                "dino_loss": {"center": torch.zeros(1)}}, OUT / "dino.pth")
    torch.save({"epoch": 1, "state_dict": other, "state_dict_ema": meant, "args": Namespace()}, OUT / "timm.pth")
    torch.save({"one": meant, "two": other}, OUT / "twins.pth")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    net = torch.nn.Sequential(torch.nn.Conv2d(2, 3, (2, 1)), torch.nn.BatchNorm2d(3))  # its state_dict has an attribute, _metadata
    with torch.no_grad():
        for i, p in enumerate(net.parameters()):
            p.copy_(torch.arange(p.numel()).reshape(p.shape) / 8 - i)
    state = net.state_dict()
    save("state_dict.pth", state, state)
    wrapped = {"module." + k: v for k, v in state.items()}
    save("checkpoint.pt", {"epoch": 3, "lr": 0.1, "best": None, "done": True, "huge": 1 << 70, "arch": "net", "state_dict": wrapped,
                           "optimizer": torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9).state_dict()}, state)
    x = torch.arange(24, dtype=torch.float32)
    odd = {"view": x[5:11].reshape(2, 3), "transposed": x.reshape(4, 6).t(), "step": x[1::7],
           "last": x.reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
           "expanded": x[3].expand(2, 2), "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3)}
    types = {str(t)[6:]: torch.tensor([0, 1, 3]).to(t) for t in (torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32,
             torch.int16, torch.int8, torch.uint8, torch.bool)}
    parameter = torch.nn.Parameter(torch.tensor([1.5, -2.0]))
    save("containers.pt", {"odd": odd, "types": types, "list": [parameter, (torch.ones(1), "text", torch.Size([2]))], 7: {"deep": x[:2]}},
         {"odd." + k: v for k, v in odd.items()} | {"types." + k: v for k, v in types.items()}
         | {"list.0": parameter.detach(), "list.1.0": torch.ones(1), "7.deep": x[:2]})
    save("conv4.pth", {"model_state_dict": {"module." + k: v for k, v in conv4().items()}}, {})
    torch.save({"state_dict": state}, OUT / "legacy.pth", _use_new_zipfile_serialization=False)  # the format before torch 1.6
    EXPECTED["legacy.pth"] = EXPECTED["state_dict.pth"]
    save("objects.pth", {**objects(), "state_dict": state}, state)
    torch.save({"before": objects()["args"], "state_dict": state}, OUT / "objects_legacy.pth", _use_new_zipfile_serialization=False)
    EXPECTED["objects_legacy.pth"] = EXPECTED["state_dict.pth"]
    torch.save({"state_dict": {**state, "bn": Namespace()}}, OUT / "object_inside.pth")
    torch.save(net, OUT / "module.pth")
    torch.save({"state_dict": state, "hook": Command()}, OUT / "command.pth")
    nan = conv4()
    nan["features.5.running_mean"] = torch.tensor([1.0, float("nan")]).repeat(32)
    torch.save(nan, OUT / "nan.pth")
    large = conv4()  # finite, but not their outputs for an image
    large["features.13.weight"], large["features.13.bias"] = (torch.full((1,), 3e38).expand(64) for _ in range(2))
    torch.save(large, OUT / "overflow.pth")
    parts()
    torch.jit.save(torch.jit.script(torch.nn.Identity()), OUT / "script.pt")
    arrays(x.numpy())
    (OUT / "expected.json").write_text(json.dumps(EXPECTED, indent=1) + "\n")


def arrays(x):
    found = {"conv.weight": x[:12].reshape(3, 2, 2, 1), "fortran": np.asfortranarray(x.reshape(2, 3, 4)), "half": x[:3].astype("<f2"),
             "double": x[:3].astype("<f8") / 3, "count": np.int64(7), "empty": x[:0].reshape(0, 2)}
    np.savez(OUT / "arrays.npz", **found)
    np.savez_compressed(OUT / "compressed.npz", **found)
    for name in ("arrays.npz", "compressed.npz"):
        EXPECTED[name] = {k: {"shape": list(v.shape), "values": v.astype(np.float64).flatten().tolist()} for k, v in found.items()}
    np.savez(OUT / "objects.npz", a=np.array([None], dtype=object))
    np.savez(OUT / "bigendian.npz", a=x[:2].astype(">f4"))
    np.savez(OUT / "escape.npz", **{"\x1b[2Jname": x[:2]})
    np.save(OUT / "single.npy", x[:2])
    # a part of Caffe's GoogLeNet with the names of ONNX's model zoo, and a bias that is one too short
    np.savez_compressed(OUT / "caffe.npz", **{"conv1/7x7_s2_w_0": np.zeros((64, 3, 7, 7), "<f4"), "conv1/7x7_s2_b_0": np.zeros(63, "<f4"),
                                              "conv2/3x3_w_0": np.zeros((192, 64, 3, 3), "<f4"),
                                              "loss3/classifier_w_0": np.zeros((2, 2), "<f4")})


if __name__ == "__main__":
    main()
