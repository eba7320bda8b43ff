"""Makes the images of test_s3.sh in a new folder: python3 scripts/s3_images.py FOLDER

photos/                  train/CLASS/... and test/CLASS/... of the built-in drawings
photos.tar, photos.zip   the same
shards/train-0.tar ...   a WebDataset of them: KEY.png and KEY.cls or KEY.json
members/                 the images of the shards under the names that they have there, and list.csv with their labels
"""

import csv
import gzip
import io
import json
import os
import sys
import tarfile
import zipfile

CLASSES, EACH = 8, 10  # of each split
DEMO = "engine/data/demo/omniglot.zip.gz"


def pictures():
    """Name and content of some images."""
    with gzip.open(DEMO) as f:
        source = zipfile.ZipFile(io.BytesIO(f.read()))
    by_class = {}
    for name in sorted(source.namelist()):
        if name.endswith((".png", ".jpg")):
            by_class.setdefault(name.rsplit("/", 1)[0], []).append(name)
    for split in ("train", "test"):
        classes = [c for c in by_class if c.startswith(split + "/")][:CLASSES]
        for name in (n for c in classes for n in by_class[c][:EACH]):
            yield name, source.read(name)


def add(tar, name, content):
    """Adds a file to a tar."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def write(path, content):
    """Writes a file and the folders around it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(content)


def main():
    folder = sys.argv[1]
    images = list(pictures())
    with tarfile.open(folder + "/photos.tar", "w") as tar, zipfile.ZipFile(folder + "/photos.zip", "w") as packed:
        for name, content in images:
            write(f"{folder}/photos/{name}", content)
            add(tar, name, content)
            packed.writestr(name, content)
    shards, rows = {}, []
    os.makedirs(folder + "/shards")
    for i, (name, content) in enumerate(images):
        split, label = name.split("/")[:2]
        shard = f"{split}-{i % 2}.tar"
        if shard not in shards:
            shards[shard] = tarfile.open(f"{folder}/shards/{shard}", "w")
        tar = shards[shard]
        add(tar, f"{i:05d}.png", content)
        if i % 3:
            add(tar, f"{i:05d}.cls", label.encode() + b"\n")
        else:
            add(tar, f"{i:05d}.json", json.dumps({"label": label, "from": name}).encode())
        write(f"{folder}/members/{shard}/{i:05d}.png", content)
        rows.append((f"{shard}/{i:05d}.png", label, split))
    for tar in shards.values():
        tar.close()
    with open(folder + "/members/list.csv", "w", newline="") as f:
        csv.writer(f).writerows([("path", "label", "split"), *rows])


main()
