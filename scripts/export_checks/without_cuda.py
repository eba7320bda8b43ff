"""Lets PyPI's PyTorch for Linux run without CUDA's libraries, 4 GB that a CPU never calls but that the dynamic linker wants: writes small
libraries of the same names into torch/lib, where torch looks last. Their functions do nothing and return 100, CUDA's number for "there is
no device". Needs gcc and readelf.

    python without_cuda.py
"""

import collections
import importlib.util
import pathlib
import re
import subprocess
import sys
import tempfile

CUDA = re.compile(r"(__cuda|cu|nccl|nvrtc|nvJitLink|nvtx)\w+")
NO_DEVICE = 100


def lines(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def wanted(folder):
    """The libraries of CUDA that those in the folder are linked with, and the functions that these take from each, "" for any of them."""
    libraries, functions = set(), collections.defaultdict(set)
    for file in sorted(folder.glob("*.so")):
        for line in lines("readelf", "--wide", "--dynamic", file):
            if named := re.search(r"\(NEEDED\).*\[(lib(?:cu|nv|nccl)[^]]*)\]", line):
                libraries.add(named[1])
        for line in lines("readelf", "--wide", "--dyn-syms", file):
            fields = line.split()
            if len(fields) > 7 and fields[6] == "UND" and CUDA.fullmatch(name := fields[7].split("@")[0]):
                functions[(fields[7].split("@") + [""])[1]].add(name)
    return sorted(libraries), functions


def build(path, names, version):
    with tempfile.TemporaryDirectory() as folder:
        source, script = pathlib.Path(folder, "a.c"), pathlib.Path(folder, "a.map")
        source.write_text("".join(f"int {name}(void) {{ return {NO_DEVICE}; }}\n" for name in sorted(names)))
        script.write_text(f"{version} {{ global: *; }};\n")
        subprocess.run(["gcc", "-w", "-shared", "-fPIC", "-fno-builtin", "-o", path, source, f"-Wl,-soname,{path.name}",
                        f"-Wl,--version-script={script}"], check=True)


def main():
    folder = pathlib.Path(importlib.util.find_spec("torch").origin).parent / "lib"
    libraries, functions = wanted(folder)  # none where PyTorch is built for CPUs alone, as that for arm64
    anywhere = functions.pop("", set())  # the linker takes a function without a version from any library
    for i, name in enumerate(libraries):
        build(folder / name, functions.pop(name, set()) | (anywhere if i == 0 else set()), name)
    try:
        import torch

        assert torch.nn.Conv2d(3, 4, 3)(torch.ones(1, 3, 8, 8)).isfinite().all() and not torch.cuda.is_available()
    except Exception as e:
        sys.exit(f"without_cuda: PyTorch does not run with stand-ins for {' '.join(libraries)}: {e}; install it with its libraries instead")


if __name__ == "__main__":
    main()
