"""Goldens of the image pipeline: small images resized by Pillow and torchvision's transforms, as bytes [S,S,C].

"SOURCE/source" is an image [H,W,3], "SOURCE/INTERPOLATION/MODE/SIZE/rgb" and "/grey" are its pixels at that size: squash is
Pillow's resize to a square, shorter is torchvision's Resize(SIZE) and CenterCrop(SIZE), shorter-floor the same Resize and the crop of
transformers' image_transforms.center_crop, whose corner is rounded down.  "centre" lists the side of an image,
that of a crop and the first column taken by torchvision's CenterCrop.  "area" lists boxes of torchvision's RandomResizedCrop: width and
height of the image, lowest and highest share of its area in hundredths, x, y, width and height of the box, and "words" the 40 random words
of each that it is drawn by; "erase" and "erase-words" the same of RandomErasing, on squares: side, lowest and highest share, x, y, width
and height, 0 where nothing is covered.  "effect/SIZE/source" is a view [S,S,3] in [0,1], "effect/SIZE/grey" its RandomGrayscale, and
"effect/SIZE/blur/SIGMA" its gaussian_blur by SIGMA thousandths of a pixel, with a kernel that reaches 4 sigma.  "jitter/source" are views
[N,S,S,3], and "jitter/words" the 8 random words of each; "jitter/CHANNELS/BRIGHTNESS,CONTRAST,SATURATION,HUE" is what ColorJitter of so
many hundredths makes of them, or of their first channel.  Pillow before 13 is required: 13 resizes columns first for images that lose much
more height than width, and rounds differently there.
"""
import math

import numpy as np
import PIL
import torch
from PIL import Image
from torchvision.transforms import (
    CenterCrop, ColorJitter, InterpolationMode, RandomErasing, RandomGrayscale, RandomResizedCrop, Resize, _functional_tensor,
)
from torchvision.transforms.functional import gaussian_blur

# width and height: odd ones, both ways round, much longer than wide, square, and larger than every size below
SOURCES = {"wide": (23, 17), "high": (17, 23), "strip": (61, 9), "column": (9, 50), "square": (31, 31), "large": (150, 113)}
SIZES = (1, 8, 17, 31)
PILLOW = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
TORCH = {"bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC, "lanczos": InterpolationMode.LANCZOS}


def picture(w, h, seed):
    """A gradient, noise, and blocks of black and white, where bicubic and Lanczos overshoot."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:h, 0:w]
    a = np.stack([255 * x / w, 255 * y / h, 255 - 255 * (x + y) / (w + h)], -1) + rng.normal(0, 20, (h, w, 3))
    a[h // 3 : h // 2, w // 4 : w // 2] = 255
    a[h // 2 : 2 * h // 3, w // 4 : w // 2] = 0
    return Image.fromarray(a.clip(0, 255).astype(np.uint8))


def pixels(im, interpolation, mode, size):
    if mode == "squash":
        return im.resize((size, size), PILLOW[interpolation])
    scaled = Resize(size, TORCH[interpolation])(im)
    if mode == "shorter":
        return CenterCrop(size)(scaled)
    left, top = (scaled.width - size) // 2, (scaled.height - size) // 2
    return scaled.crop((left, top, left + size, top + size))


def first_column(side, crop):
    """Of a crop of an image whose pixels are their own columns, counted from 1: CenterCrop pads smaller images with 0."""
    row = torch.arange(1, side + 1, dtype=torch.int32)[None, None].expand(1, max(side, crop), side)
    cut = CenterCrop(crop)(row)[0, 0]
    at = int((cut > 0).nonzero()[0, 0])
    return int(cut[at]) - 1 - at


def drawn(get_params, words):
    """What get_params gives with draws that are functions of the words: of each try area, ratio, row and column."""
    tries, at = words.reshape(10, 4), {"uniform": 0, "place": 0, "try": -1}

    def uniform_(self, a, b):
        at["try"] += at["uniform"] == 0
        word = int(tries[at["try"], at["uniform"]])
        at["uniform"] = 1 - at["uniform"]
        return self.to(torch.float64).fill_(a + (b - a) * ((word >> 8) / (1 << 24)))

    def randint(low, high, size):
        assert low == 0
        word = int(tries[at["try"], 2 + at["place"]])
        at["place"] += 1
        return torch.tensor([word * high >> 32]).reshape(size)

    before = torch.Tensor.uniform_, torch.randint
    torch.Tensor.uniform_, torch.randint = uniform_, randint
    try:
        return get_params()
    finally:
        torch.Tensor.uniform_, torch.randint = before


def area_box(case, words):
    w, h, lo, hi = case
    y, x, height, width = drawn(lambda: RandomResizedCrop.get_params(torch.zeros(3, h, w), [lo / 100, hi / 100], [3 / 4, 4 / 3]), words)
    return [*case, x, y, width, height]


def erase_box(case, words):
    """Where all ten tries fail get_params returns the image itself, to be put in its own place."""
    side, lo, hi = case
    image = torch.zeros(3, side, side)
    y, x, height, width, value = drawn(lambda: RandomErasing.get_params(image, (lo / 100, hi / 100), (0.3, 3.3), [0.0]), words)
    return [*case, 0, 0, 0, 0] if value is image else [*case, x, y, width, height]


def area_boxes(out):
    """Squares and long images; areas that often, rarely and never fit."""
    rng, boxes, words = np.random.default_rng(3), [], []
    for case in [(256, 256, 16, 100), (36, 36, 8, 100), (100, 80, 95, 100), (200, 20, 90, 100), (20, 200, 90, 100), (33, 33, 100, 100)]:
        for _ in range(12):
            words.append(rng.integers(0, 1 << 32, 40, dtype=np.uint32))
            boxes.append(area_box(case, words[-1]))
    out["area"] = torch.tensor(boxes, dtype=torch.int32)
    out["words"] = torch.from_numpy(np.stack(words).view(np.int32))


def erase_boxes(out):
    rng, boxes, words = np.random.default_rng(4), [], []
    for case in [(224, 2, 33), (32, 2, 33), (80, 50, 100), (20, 85, 100), (3, 2, 33)]:
        for _ in range(12):
            words.append(rng.integers(0, 1 << 32, 40, dtype=np.uint32))
            boxes.append(erase_box(case, words[-1]))
    out["erase"] = torch.tensor(boxes, dtype=torch.int32)
    out["erase-words"] = torch.from_numpy(np.stack(words).view(np.int32))


def effects(out):
    """In float64, of float32 pixels.  At 5 and 9 pixels the kernel is as wide as mirrored pixels allow."""
    rng = np.random.default_rng(5)
    for size in (5, 9, 31):
        view = torch.from_numpy(rng.random((size, size, 3), dtype=np.float32))
        planes = view.permute(2, 0, 1).double()
        out[f"effect/{size}/source"] = view
        out[f"effect/{size}/grey"] = RandomGrayscale(1)(planes).permute(1, 2, 0).float().contiguous()
        for sigma in (0.1, 0.7, 2.0, 3.3):
            kernel = 2 * min(math.ceil(4 * sigma), size - 1) + 1
            blurred = gaussian_blur(planes, [kernel, kernel], [sigma, sigma])
            out[f"effect/{size}/blur/{round(1000 * sigma)}"] = blurred.permute(1, 2, 0).float().contiguous()


def turned(planes, circle):
    """adjust_hue, which rounds its input to float32, without doing so."""
    if planes.shape[0] == 1:
        return planes
    h, s, v = _functional_tensor._rgb2hsv(planes)
    return _functional_tensor._hsv2rgb(torch.stack(((h + circle) % 1, s, v)))


def order_of(word):
    """The word's order of 0 to 3: with its share of 24 orders written with digits of base 4, 3, 2 and 1, the lowest first."""
    left, place, order = [0, 1, 2, 3], word * 24 >> 32, []
    while left:
        place, at = divmod(place, len(left))
        order.append(left.pop(at))
    return order


def jittered(transform, planes, words):
    """ColorJitter itself, in float64, with an order and with factors that are functions of the words."""
    uniform = iter(int(w) for w in words[4:])

    def uniform_(self, a, b):
        return self.fill_(a + (b - a) * ((next(uniform) >> 8) / (1 << 24)))

    def empty(n):
        return torch.zeros(n, dtype=torch.float64)

    before = torch.Tensor.uniform_, torch.randperm, torch.empty, _functional_tensor.adjust_hue
    torch.Tensor.uniform_, torch.randperm, torch.empty = uniform_, lambda n: torch.tensor(order_of(int(words[1]))), empty
    _functional_tensor.adjust_hue = turned
    try:
        return transform(planes)
    finally:
        torch.Tensor.uniform_, torch.randperm, torch.empty, _functional_tensor.adjust_hue = before


def jitters(out):
    """Views of noise, of flat colours with two or three equal channels, black and white among them, and of colours that are nearly grey."""
    rng, n, size = np.random.default_rng(6), 24, 7
    views = rng.random((n, size, size, 3), dtype=np.float32)
    views[n // 3 : n // 2] = rng.integers(0, 3, (n // 2 - n // 3, size, size, 3)).astype(np.float32) / 2
    views[n // 2 : 2 * n // 3] = views[n // 2 : 2 * n // 3, :, :, :1] + (views[n // 2 : 2 * n // 3] - 0.5) * 1e-3
    views = torch.from_numpy(views.clip(0, 1))
    words = rng.integers(0, 1 << 32, (n, 8), dtype=np.uint32)
    out["jitter/source"], out["jitter/words"] = views, torch.from_numpy(words.view(np.int32))
    for channels in (3, 1):
        for strength in ((40, 40, 40, 10), (100, 100, 100, 50), (0, 80, 0, 20)):
            transform, made = ColorJitter(*(s / 100 for s in strength)), []
            for view, drawn_by in zip(views, words, strict=True):
                used = np.concatenate([drawn_by[:4], [w for w, s in zip(drawn_by[4:], strength, strict=True) if s]])
                made.append(jittered(transform, view[..., :channels].permute(2, 0, 1).double(), used).permute(1, 2, 0).float())
            out[f"jitter/{channels}/{','.join(map(str, strength))}"] = torch.stack(made)


def images():
    assert int(PIL.__version__.split(".")[0]) < 13, "Pillow 13 resizes in another order"
    out = {}
    for i, (name, (w, h)) in enumerate(SOURCES.items()):
        im = picture(w, h, i)
        out[f"{name}/source"] = im
        for interpolation in PILLOW:
            for mode in ("squash", "shorter", "shorter-floor"):
                for size in SIZES:
                    case = f"{name}/{interpolation}/{mode}/{size}"
                    out[f"{case}/rgb"] = pixels(im, interpolation, mode, size)
                    out[f"{case}/grey"] = pixels(im.convert("L"), interpolation, mode, size)
    out = {k: torch.from_numpy(np.array(v)) for k, v in out.items()}
    sides = [(crop + margin, crop) for crop in (1, 7, 32, 224) for margin in range(-5, 14) if crop + margin > 0]
    out["centre"] = torch.tensor([(s, c, first_column(s, c)) for s, c in sides], dtype=torch.int32)
    area_boxes(out)
    erase_boxes(out)
    effects(out)
    jitters(out)
    return out
