#!/usr/bin/env python3
"""Makes the pictures of docs/pictures: the report of the demo's run, and the page of serve with drawings that the repository ships.

    make build && python3 scripts/pictures.py        needs Chromium and Pillow; two minutes

The drawings are those of Omniglot in the binary (engine/data/demo, MIT). Some get copies, so that there are duplicates to be found. Each
picture is made in the light and the dark colours of the page, as PNG of few colours.
"""

import gzip
import io
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile

from PIL import Image, ImageFilter, ImageOps

TOP = pathlib.Path(__file__).resolve().parent.parent
OUT = TOP / "docs" / "pictures"
PROGRAM = TOP / "bin" / "udml-gpu"
CLASSES, COPIED, COLOURS, MAP_COLOURS = 32, 12, 40, 96
# Leaves the tables and charts out between the report's first sentences and its pictures, so that both are in one picture.
SHORTENED = "<style>main > .wide, main > .charts, dl, h2:not([id]) { display: none }</style>"
WINDOW, REPORT_WINDOW = (1280, 860), (1000, 1180)
LARGEST, LARGEST_TOGETHER = 150_000, 600_000
THEMES = {"light": 1, "dark": 0}  # Chromium's numbers of the colour schemes
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def udml(folder, *words):
    subprocess.run([PROGRAM, *words], check=True, stdout=subprocess.DEVNULL, cwd=folder)


def write_drawings(folder):
    """Some test classes of the built-in images, and copies of some: smaller, recompressed, blurred."""
    packed = zipfile.ZipFile(io.BytesIO(gzip.decompress((TOP / "engine/data/demo/omniglot.zip.gz").read_bytes())))
    names = sorted(n for n in packed.namelist() if n.startswith("test/"))
    classes = sorted({n.split("/")[1] for n in names})
    names = [n for n in names if classes.index(n.split("/")[1]) % (len(classes) // CLASSES) == 0]
    for number, name in enumerate(names):
        _, label, file = name.split("/")
        label = label.replace("_", " ").replace("-character", " ")
        (folder / label).mkdir(parents=True, exist_ok=True)
        drawing = Image.open(io.BytesIO(packed.read(name))).convert("L")
        drawing.save(folder / label / file)
        if number % (len(names) // COPIED) == 0:
            kind = number // (len(names) // COPIED) % 3
            stem = folder / label / file.removesuffix(".png")
            if kind == 0:
                drawing.resize((80, 80), Image.Resampling.LANCZOS).save(f"{stem}-small.png")
            elif kind == 1:
                drawing.save(f"{stem}-copy.jpg", quality=40)
            else:
                drawing.filter(ImageFilter.GaussianBlur(0.8)).save(f"{stem}-scan.jpg", quality=70)


def screenshot(browser, address, theme, into, window=WINDOW):
    """Has the browser draw the page without a window, and keeps few colours of it."""
    with tempfile.TemporaryDirectory() as folder:
        raw = pathlib.Path(folder) / "page.png"
        subprocess.run(
            [browser, "--headless", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--hide-scrollbars",
             "--virtual-time-budget=9000", f"--window-size={window[0]},{window[1]}",
             f"--blink-settings=preferredColorScheme={THEMES[theme]}",
             f"--user-data-dir={folder}/profile", f"--screenshot={raw}", address],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        page = Image.open(raw).convert("RGB")
        if window != WINDOW:  # made smaller, in the middle of a picture of the usual shape
            page = ImageOps.pad(page, WINDOW, Image.Resampling.LANCZOS, page.getpixel((0, 0)))
        colours = MAP_COLOURS if into.name.startswith("map") else COLOURS
        page = page.quantize(colours, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
        page.save(into, optimize=True)


def pages(address):
    """The addresses of the pictures: results of a search by an example, the duplicates, the map."""
    items = json.load(urllib.request.urlopen(address + "v1/items?limit=1000"))["items"]
    like = items[len(items) // 3]
    return {
        "page": f"{address}?like={like['id']}",
        "duplicates": f"{address}?view=duplicates",
        "map": f"{address}?view=map",
    }


def serve_pictures(browser, collection):
    server = subprocess.Popen([PROGRAM, "serve", collection, "--addr", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        address = re.search(r"http://\S+", server.stdout.readline()).group()
        for name, page in pages(address).items():
            for theme in THEMES:
                screenshot(browser, page, theme, OUT / f"{name}-{theme}.png")
    finally:
        server.terminate()
        server.wait()


def main():
    browser = next((b for b in BROWSERS if shutil.which(b)), None)
    if browser is None:
        sys.exit("pictures: there is no Chromium: apt-get install chromium fonts-dejavu-core")
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        udml(work, "train", "--demo", "--backbone", "conv4", "--channels", "1", "--invert", "--epochs", "2", "--batch", "16",
             "--clusters", "64", "--out", "runs/demo")
        short = work / "short.html"
        short.write_text((work / "runs/demo/report.html").read_text() + SHORTENED)
        for theme in THEMES:
            screenshot(browser, short.as_uri(), theme, OUT / f"report-{theme}.png", REPORT_WINDOW)
        write_drawings(work / "drawings")
        udml(work, "embed", "--run", "runs/demo", "--data", "drawings", "--labels", "none", "--out", "drawings.udml")
        udml(work, "cluster", "drawings.udml", "--k", str(CLASSES))
        udml(work, "duplicates", "drawings.udml")
        udml(work, "map", "drawings.udml", "--neighbours", "30", "--min-dist", "0.4", "--epochs", "60")
        serve_pictures(browser, work / "drawings.udml")
    sizes = {f.name: f.stat().st_size for f in sorted(OUT.glob("*.png"))}
    print("\n".join(f"{size:8,d} {name}" for name, size in sizes.items()))
    if max(sizes.values()) > LARGEST or sum(sizes.values()) > LARGEST_TOGETHER:
        sys.exit("pictures: they are too large for the repository")


if __name__ == "__main__":
    main()
