"""A collection made by the program, and what its own files hold."""

import json
import os
import subprocess

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

# Names that need care in tables: quotes, line ends, tabs, commas, and a byte that is not UTF-8.
NAMES = [b'a "b", c.png', b"line\nend.png", b"tab\there.png", b"caf\xe9.png", "日本.png".encode(), b"=1+1.png"]
SIZE, GONE = 16, "red/gone.png"


class Collection:
    """The collection's vectors [N,D] and items, without those that are gone, and the formats written so far."""

    def __init__(self, program, folder):
        self.program, self.folder, self.path = program, folder, folder / "photos.udml"
        self.photos = folder / "photos"
        self._pictures()
        arguments = ["--backbone", "conv4", "--pretrained=false", "--size", str(SIZE), "--layer", "pooled", "--labels", "folder"]
        self.run("embed", "--data", self.photos, "--out", self.path, *arguments)
        (self.photos / GONE).unlink()
        self.run("embed", "--update", self.path)
        manifest = json.loads((self.path / "manifest.json").read_text())
        items = self._items(manifest)
        vectors = np.fromfile(self.path / manifest["vectors"]["name"], "<f4").reshape(len(items), -1)
        live = [i for i, item in enumerate(items) if not item["gone"]]
        self.vectors = vectors[live]
        self.items = [items[i] for i in live]
        self.model = manifest["model"]["hash"]
        assert len(live) == len(items) - 1 and len(live) > 20, (len(live), len(items))

    def _items(self, manifest):
        return pq.read_table(self.path / manifest["items"]["name"]).to_pylist()

    def _pictures(self):
        for number, colour in enumerate(["red", "green", "blue"]):
            at = self.photos / colour
            at.mkdir(parents=True)
            names = [f"{i}.png".encode() for i in range(7)] + NAMES[2 * number : 2 * number + 2]
            for i, name in enumerate(names + ([b"gone.png"] if colour == "red" else [])):
                pixels = np.random.default_rng(100 * number + i).integers(0, 120, (20 + i, 30, 3), dtype=np.uint8)
                pixels[:, :, number] += 120
                Image.fromarray(pixels).save(os.path.join(os.fsencode(at), name), "PNG")

    def run(self, *arguments):
        done = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    def convert(self, to, out, *arguments):
        out = self.folder / out
        self.run("convert", self.path, "--to", to, "--out", out, *arguments)
        return out

    def texts(self):
        """The paths as the collection's table and all others hold them: bytes:caf%E9.png where a name is not UTF-8."""
        return [item["path"] for item in self.items]


def same(a, b, what):
    """Fails unless the arrays have the same bits."""
    a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
    assert a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes(), (what, a.dtype, a.shape, b.dtype, b.shape)
