"""Precision and recall of udml-gpu duplicates on images whose copies are known, beside those of imagededup on the same files.

    python3 scripts/check_duplicates.py PROGRAM IMAGES [--images 800] [--copied 200] [--embed FLAGS] [--keep FOLDER]

IMAGES is a folder or a zip. Images are taken at equal distances; of some of them Pillow writes four copies: recompressed, resized, cropped
and with a watermark, by settings that the program itself does not use. True pairs are all pairs of an image and its copies, and of two
copies of one image; images of the data set that have the same bytes are left out. Two counts are given: pairs in one group, and these
with the near pairs that lie between groups. imagededup (pip install imagededup==0.3.3) is measured where it is installed.
"""

import argparse
import hashlib
import io
import itertools
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import types
import zipfile

from PIL import Image, ImageDraw, ImageFilter

ENDINGS = {".jpg", ".jpeg", ".png"}


def images(path, count):
    """Yields name and bytes of count images at equal distances, each content once."""
    path = pathlib.Path(path)
    if path.is_dir():
        files = {str(f.relative_to(path)): f.read_bytes for f in path.rglob("*")}
    else:
        z = zipfile.ZipFile(path)
        files = {name: (lambda name=name: z.read(name)) for name in z.namelist()}
    names = sorted(name for name in files if pathlib.Path(name).suffix.lower() in ENDINGS)
    seen = set()
    for k in range(count):
        name = names[k * len(names) // count]
        content = files[name]()
        digest = hashlib.sha256(content).digest()
        if digest not in seen:
            seen.add(digest)
            yield name, content


def copies(im, draw_from):
    """Yields kind, ending and image of four copies."""
    w, h = im.size
    yield "jpeg", "jpg", im, {"quality": draw_from.choice([45, 60, 80]), "subsampling": 2}
    scale = draw_from.choice([0.55, 0.8, 1.3])
    small = im.resize((max(8, round(w * scale)), max(8, round(h * scale))), Image.Resampling.BILINEAR)
    yield "resize", "png", small, {}
    left, top, right, bottom = (draw_from.uniform(0.02, 0.07) for _ in range(4))
    cut = im.crop((round(w * left), round(h * top), w - round(w * right), h - round(h * bottom)))
    yield "crop", "jpg", cut, {"quality": 92}
    marked = im.convert("RGBA")
    layer = Image.new("RGBA", im.size)
    where = (w * draw_from.uniform(0.05, 0.5), h * draw_from.uniform(0.6, 0.85))
    ImageDraw.Draw(layer).text(where, "(c) sample", fill=(255, 40, 40, 170), font_size=max(8, h // 10))
    marked = Image.alpha_composite(marked, layer.filter(ImageFilter.GaussianBlur(0.3))).convert("RGB")
    yield "watermark", "jpg", marked, {"quality": 88}


def make(source, folder, count, copied):
    """Writes the images and the copies, and returns the kinds of the true pairs."""
    origin = {}
    listed = list(images(source, count))
    chosen = {k * len(listed) // copied for k in range(copied)} if copied else set()
    for k, (name, content) in enumerate(listed):
        stem = f"{k:05d}"
        target = f"{stem}{pathlib.Path(name).suffix.lower()}"
        (folder / target).write_bytes(content)
        origin[target] = (stem, "original")
        if k not in chosen:
            continue
        im = Image.open(io.BytesIO(content)).convert("RGB")
        for kind, ending, copy, how in copies(im, random.Random(k)):
            name = f"{stem}-{kind}.{ending}"
            copy.save(folder / name, **how)
            origin[name] = (stem, kind)
    truth = {}
    by_stem = {}
    for name, (stem, kind) in origin.items():
        by_stem.setdefault(stem, []).append((name, kind))
    for members in by_stem.values():
        for (a, ka), (b, kb) in itertools.combinations(members, 2):
            truth[tuple(sorted((a, b)))] = kb if ka == "original" else "two copies"
    return truth


def score(found, truth):
    right = sum(1 for p in found if p in truth)
    kinds = sorted(set(truth.values()))
    of_kind = {k: [p for p, kind in truth.items() if kind == k] for k in kinds}
    return {
        "pairs": len(found),
        "precision": round(right / max(1, len(found)), 4),
        "recall": round(right / len(truth), 4),
        "recall_of_kind": {k: round(sum(p in found for p in v) / len(v), 4) for k, v in of_kind.items()},
    }


def run(program, folder, work, flags, more):
    collection = work / "c.udml"
    embed = [program, "embed", "--data", str(folder), "--out", str(collection), *flags]
    subprocess.run(embed, check=True, capture_output=True)
    out = subprocess.run([program, "duplicates", str(collection), "--json", *more], check=True, capture_output=True).stdout
    report = json.loads(out)
    grouped = {tuple(sorted(p)) for g in report["groups"] for p in itertools.combinations(g["items"], 2)}
    between = {tuple(sorted((p["a"], p["b"]))) for p in report["between_groups"]}
    return report, grouped, grouped | between


def imagededup(folder, truth):
    """Scores of imagededup's hashes at some thresholds, and of its network where its weights are there: it downloads them."""
    networks = []
    try:
        from imagededup.methods import CNN

        networks.append(("CNN", CNN(verbose=False), "min_similarity_threshold", [0.8, 0.85, 0.9, 0.95, 0.97]))
    except OSError as e:
        print("imagededup CNN: not measured, its weights cannot be downloaded:", e)
        sys.modules["imagededup.methods.cnn"] = types.SimpleNamespace(CNN=None)  # else the package cannot be imported without them
    from imagededup.methods.hashing import DHash, PHash, WHash

    distances = [0, 4, 8, 10, 12, 16, 20]
    methods = networks + [(h.__name__, h(verbose=False), "max_distance_threshold", distances) for h in (PHash, DHash, WHash)]
    for name, method, key, values in methods:
        encodings = method.encode_images(image_dir=str(folder))
        for value in values:
            near = method.find_duplicates(encoding_map=encodings, **{key: value})
            found = {tuple(sorted((a, b))) for a, others in near.items() for b in others}
            print(f"imagededup {name} at {value}:", json.dumps(score(found, truth)), flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("program")
    p.add_argument("source")
    p.add_argument("--images", type=int, default=800)
    p.add_argument("--copied", type=int, default=200)
    p.add_argument("--embed", default="", help="flags for embed, in one word")
    p.add_argument("--duplicates", default="", help="flags for duplicates, in one word")
    p.add_argument("--keep", help="make the files here and leave them")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(a.keep or temporary)
        folder = work / "images"
        folder.mkdir(parents=True)
        truth = make(a.source, folder, a.images, a.copied)
        print(len(list(folder.iterdir())), "files,", len(truth), "true pairs")
        report, grouped, pairs = run(a.program, folder, work, a.embed.split(), a.duplicates.split())
        figures = {k: report.get(k) for k in ("threshold", "hash_bits", "expected_precision", "expected_recall")}
        print("udml-gpu:", json.dumps(figures))
        print("udml-gpu, pairs in groups:", json.dumps(score(grouped, truth)))
        print("udml-gpu, all near pairs: ", json.dumps(score(pairs, truth)))
        try:
            imagededup(folder, truth)
        except ImportError:
            print("imagededup is not installed")


if __name__ == "__main__":
    main()
