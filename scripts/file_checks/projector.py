"""TensorBoard's projector: its server answers as its page asks."""

import io
import json
import urllib.request

import numpy as np
from PIL import Image
from tensorboard import program

from .collection import same


def serve(folder):
    """Launches the server for a folder. The function that it gives asks a plugin, by POST where there is something to tell it."""
    board = program.TensorBoard()
    board.configure(argv=[None, "--logdir", str(folder), "--port", "0", "--load_fast", "false"])
    at = board.launch().rstrip("/") + "/data/plugin/"

    def get(what, tell=None):
        data = None if tell is None else json.dumps(tell).encode()
        headers = {} if tell is None else {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(at + what, data, headers), timeout=30) as answer:
            return answer.read()

    return get


def tensorboard(c):
    get = serve(c.convert("tensorboard", "projector", "--with-thumbnails", "--thumbnail-size", "16"))
    assert json.loads(get("projector/runs")) == ["."]
    info = json.loads(get("projector/info?run=."))["embeddings"][0]
    assert info["tensorShape"] == list(c.vectors.shape) and info["sprite"]["singleImageDim"] == [16, 16], info
    name = info["tensorName"]
    same(np.frombuffer(get(f"projector/tensor?run=.&name={name}&num_rows=100000"), "<f4").reshape(c.vectors.shape), c.vectors, "tensor")
    lines = get(f"projector/metadata?run=.&name={name}&num_rows=100000").decode().split("\n")
    assert lines[0].split("\t") == ["path", "label", "split", "taken"] and len(lines) == len(c.items) + 2, lines
    rows = [line.split("\t") for line in lines[1:-1]]
    assert [row[0].replace("\\n", "\n").replace("\\t", "\t") for row in rows] == c.texts()
    assert [row[1] for row in rows] == [item["label"] for item in c.items]
    _sprite(c, Image.open(io.BytesIO(get(f"projector/sprite_image?run=.&name={name}"))).convert("RGB"))


def _sprite(c, picture):
    per = int(np.ceil(np.sqrt(len(c.items))))
    assert picture.size == (16 * per, 16 * per), picture.size
    for i, item in enumerate(c.items):
        x, y = 16 * (i % per), 16 * (i // per)
        middle = np.asarray(picture.crop((x + 4, y + 4, x + 12, y + 12))).reshape(-1, 3).mean(0)
        assert ["red", "green", "blue"][int(middle.argmax())] == item["label"], (i, item["label"], middle)
