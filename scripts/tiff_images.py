#!/usr/bin/env python3
"""Writes testdata/images/tiff: one tiny file for every supported kind of TIFF, with Pillow's pixels for it
(NAME.ppm: convert("RGB") after exif_transpose). Where the program differs from Pillow, as docs/data.md says, the pixels are
the samples that the file was made of. Damaged files and unsupported kinds are under damaged/ and unread/.

    pip install pillow numpy && python scripts/tiff_images.py
"""
import io, pathlib, struct, zlib
import numpy as np
from PIL import Image, ImageOps
from test_images import picture

OUT = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "images" / "tiff"
W, H = 21, 18  # not multiples of a tile's side, of 8 or of the rows of a strip
TYPES = {1: "B", 3: "H", 4: "I"}
REVERSED = bytes(int(f"{v:08b}"[::-1], 2) for v in range(256))


def rows_of(samples, bits, order, kind):
    """The bytes of each row of an array [h, w, samples]."""
    if bits >= 8 and bits != 12:
        return [row.astype(order + (kind or f"u{bits // 8}")).tobytes() for row in samples.reshape(len(samples), -1)]
    out = []
    for row in samples.reshape(len(samples), -1):
        text = "".join(format(int(v), f"0{bits}b") for v in row)
        text += "0" * (-len(text) % 8)
        out.append(bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8)))
    return out


def tiles_of(plane):
    for y in range(0, H, 16):
        for x in range(0, W, 16):
            tile = np.zeros((16, 16, plane.shape[2]), plane.dtype)
            part = plane[y : y + 16, x : x + 16]
            tile[: part.shape[0], : part.shape[1]] = part
            yield tile


def directory(tags, chunks, order, big):
    """The file: header, one directory, values, chunks."""
    entry, count, place, header = (20, "Q", 8, 16) if big else (12, "I", 4, 8)
    values_at = header + (8 if big else 2) + entry * len(tags) + place

    def pack(kind, v):
        return b"".join(struct.pack(order + TYPES[kind], x) for x in v)

    def long(kind, v):
        return (len(pack(kind, v)) + 7) // 8 * 8 if len(pack(kind, v)) > place else 0

    at = values_at + sum(long(*t) for t in tags.values())
    offsets = []
    for c in chunks:
        offsets.append(at)
        at += len(c)
    records = values = b""
    for tag, (kind, v) in sorted(tags.items()):
        raw = pack(kind, offsets if tag in (273, 324) else v)
        stored = raw.ljust(place, b"\0")
        if len(raw) > place:
            stored = struct.pack(order + count, values_at + len(values))
            values += raw.ljust(long(kind, v), b"\0")
        records += struct.pack(order + "HH" + count, tag, kind, len(v)) + stored
    mark = b"II" if order == "<" else b"MM"
    head = struct.pack(order + "HHHQ", 43, 8, 0, 16) if big else struct.pack(order + "HI", 42, 8)
    return mark + head + struct.pack(order + ("Q" if big else "H"), len(tags)) + records + bytes(place) + values + b"".join(chunks)


def tiff(samples, bits, photometric, order="<", kind=None, format=None, extra=None, fill=1, tiled=False, planar=1, zipped=False,
         predictor=1, rows=8, tags=None, big=False):
    planes = [samples] if planar == 1 else [samples[..., c : c + 1] for c in range(samples.shape[2])]
    chunks = []
    for plane in planes:
        for part in tiles_of(plane) if tiled else (plane[y : y + rows] for y in range(0, H, rows)):
            chunks.append(encoded(part, bits, order, kind, predictor))
    if zipped:
        chunks = [zlib.compress(c) for c in chunks]
    if fill == 2:
        chunks = [c.translate(REVERSED) for c in chunks]
    n = samples.shape[2]
    t = {256: (3, [W]), 257: (3, [H]), 258: (3, [bits] * n), 259: (3, [8 if zipped else 1]), 262: (3, [photometric]), 277: (3, [n]),
         284: (3, [planar])}
    if tiled:
        t |= {322: (3, [16]), 323: (3, [16]), 324: (4, [0] * len(chunks)), 325: (4, [len(c) for c in chunks])}
    else:
        t |= {273: (4, [0] * len(chunks)), 278: (3, [rows]), 279: (4, [len(c) for c in chunks])}
    t |= {339: (3, [format] * n)} if format else {}
    t |= {338: (3, extra)} if extra else {}
    t |= {266: (3, [fill])} if fill != 1 else {}
    t |= {317: (3, [predictor])} if predictor != 1 else {}
    return directory(t | (tags or {}), chunks, order, big)


def encoded(part, bits, order, kind, predictor):
    if predictor == 2:
        part = np.concatenate([part[:, :1], np.diff(part, axis=1)], 1)
    if predictor != 3:
        return b"".join(rows_of(part, bits, order, kind))
    out = b""
    for row in rows_of(part, bits, ">", kind):  # all first bytes, all second ones, ...; then differences
        apart = np.frombuffer(row, np.uint8).reshape(-1, 4).T.ravel()
        out += np.concatenate([apart[:1], np.diff(apart)]).astype(np.uint8).tobytes()
    return out


def ycbcr(across, down, order):
    """Deflated YCbCr with a chroma sample for across x down pixels."""
    a = np.asarray(picture(W, H).convert("YCbCr"))
    a = np.pad(a, ((0, -H % down), (0, -W % across), (0, 0)), "edge")
    data = b""
    for y in range(0, H, down):
        for x in range(0, W, across):
            data += a[y : y + down, x : x + across, 0].tobytes() + a[y, x, 1:].tobytes()
    data = zlib.compress(data)
    return directory({256: (3, [W]), 257: (3, [H]), 258: (3, [8] * 3), 259: (3, [8]), 262: (3, [6]), 273: (4, [0]), 277: (3, [3]),
                      278: (3, [H]), 279: (4, [len(data)]), 530: (3, [across, down])}, [data], order, False)


def old_jpeg(im):
    b = io.BytesIO()
    im.save(b, "JPEG", quality=90)
    b = b.getvalue()
    tags = {256: (3, [W]), 257: (3, [H]), 258: (3, [8] * 3), 259: (3, [6]), 262: (3, [6]), 273: (4, [0]), 277: (3, [3]), 278: (3, [H]),
            279: (4, [len(b)]), 513: (4, [0]), 514: (4, [len(b)]), 530: (3, [2, 2])}
    file = directory(tags, [b], "<", False)
    tags[513] = (4, [len(file) - len(b)])
    return directory(tags, [b], "<", False)


def write(name, data, expected=None):
    (OUT / f"{name}.tif").write_bytes(data)
    if expected is None:
        expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    if expected.ndim == 2:
        expected = np.dstack([expected] * 3)
    Image.fromarray(expected.astype(np.uint8)).save(OUT / f"{name}.tif.ppm")


def samples():
    rgb = np.asarray(picture(W, H))
    more = np.stack([rgb[::-1, :, 0], rgb[:, ::-1, 1], rgb[::-1, ::-1, 2]], -1)
    return np.concatenate([rgb, more], -1)


def grey_kinds(g):
    wide = g.astype(np.uint16) * 257 ^ 0x55
    for name, photometric in (("white", 0), ("black", 1)):
        for bits in (1, 2, 4, 8):
            write(f"grey{bits}{name}", tiff(g >> 8 - bits, bits, photometric))
            write(f"grey{bits}{name}fill", tiff(g >> 8 - bits, bits, photometric, ">", fill=2, zipped=bits > 1))
    write("grey12", tiff(g.astype(int) * 16 + 5, 12, 1), g[..., 0])
    write("grey16", tiff(wide, 16, 1), wide[..., 0] >> 8), write("grey16be", tiff(wide, 16, 1, ">", zipped=True), wide[..., 0] >> 8)
    write("grey16white", tiff(wide, 16, 0, predictor=2, zipped=True), 255 - (wide[..., 0] >> 8))
    write("grey8signed", tiff(g, 8, 1, format=2))
    for order, name in (("<", ""), (">", "be")):
        write("grey16signed" + name, tiff(g.astype(int) * 3 - 100, 16, 1, order, "i2", 2))
        write("grey32signed" + name, tiff(g.astype(int) * 3 - 100, 32, 1, order, "i4", 2))
        write("float" + name, tiff(g * 1.3 - 20.5, 32, 1, order, "f4", 3))
        # Pillow reads compressed big-endian ones as little-endian.
        whole, parts = np.clip(g.astype(int) * 3 - 100, 0, 255)[..., 0], np.clip(g * np.float32(1.3) - np.float32(20.5), 0, 255)[..., 0]
        write("grey32signedzip" + name, tiff(g.astype(int) * 3 - 100, 32, 1, order, "i4", 2, zipped=True, predictor=2), whole)
        write("floatzip" + name, tiff(g * np.float32(1.3) - np.float32(20.5), 32, 1, order, "f4", 3, zipped=True, predictor=3), parts)
    write("grey32", tiff(g.astype(np.uint32) << 20, 32, 1)), write("floatwhite", tiff(g * 1.3 - 20.5, 32, 0, ">", "f4", 3))
    alpha = np.concatenate([g, g[::-1]], -1)
    write("greyalpha", tiff(alpha, 8, 1, extra=[2])), write("greyalphaplanar", tiff(alpha, 8, 1, extra=[2], planar=2, zipped=True))


def colour_kinds(a):
    wide = a.astype(np.uint16) * 257 ^ 0x55
    for planar, name in ((1, ""), (2, "planar")):
        for tiled, tile in ((False, ""), (True, "tiled")):
            write(f"rgb{name}{tile}", tiff(a[..., :3], 8, 2, tiled=tiled, planar=planar))
            write(f"rgb{name}{tile}zip", tiff(a[..., :3], 8, 2, ">", tiled=tiled, planar=planar, zipped=True, predictor=2))
            write(f"rgb16{name}{tile}", tiff(wide[..., :3], 16, 2, ">", tiled=tiled, planar=planar), wide[..., :3] >> 8)
        write(f"cmyk{name}", tiff(a[..., :4], 8, 5, planar=planar, zipped=True))
        write(f"premultiplied{name}", tiff(a[..., :4], 8, 2, extra=[1], planar=planar, zipped=True))
    write("rgb16zip", tiff(wide[..., :3], 16, 2, zipped=True, predictor=2)), write("rgbfill", tiff(a[..., :3], 8, 2, fill=2))
    write("rgba", tiff(a[..., :4], 8, 2)), write("rgbaalpha", tiff(a[..., :4], 8, 2, extra=[2]))
    write("rgbx", tiff(a[..., :4], 8, 2, extra=[0]))
    write("rgbxx", tiff(a[..., :5], 8, 2, extra=[0, 0])), write("premultipliedxx", tiff(a, 8, 2, extra=[1, 0, 0]))
    write("premultiplied16", tiff(wide[..., :4], 16, 2, ">", extra=[1])), write("cmyk16", tiff(wide[..., :4], 16, 5, zipped=True))
    write("cmykx", tiff(a[..., :5], 8, 5, extra=[0]))
    write("lab", tiff(a[..., :3], 8, 8)), write("big", tiff(a[..., :3], 8, 2, big=True))
    write("bigbe", tiff(a[..., :3], 8, 2, ">", big=True, tiled=True, zipped=True), a[..., :3])
    write("onestrip", tiff(a[..., :3], 8, 2, rows=H)), write("rowstrips", tiff(a[..., :3], 8, 2, rows=1, zipped=True))
    for v in range(1, 9):
        write(f"orientation{v}", tiff(a[..., :3], 8, 2, tags={274: (3 + v % 2, [v])}))
    xmp = b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
    for name, tags in (("xmp6", {}), ("xmp6of3", {274: (3, [3])})):
        write(name, tiff(a[..., :3], 8, 2, tags=tags | {700: (1, list(xmp))}))
    for n, (across, down) in enumerate(((1, 1), (2, 1), (2, 2), (4, 2))):
        write(f"ycbcr{across}{down}", ycbcr(across, down, "<>"[n % 2]))


def palette_kinds(g):
    colours = {b: {320: (3, [int(v) for v in np.random.default_rng(b).integers(0, 65536, 3 << b)])} for b in (1, 2, 4, 8)}
    for bits in (1, 2, 4, 8):
        write(f"palette{bits}", tiff(g >> 8 - bits, bits, 3, tags=colours[bits], fill=1 + (bits == 2), zipped=bits == 2))
    write("palettealpha", tiff(np.concatenate([g, g[::-1]], -1), 8, 3, extra=[2], tags=colours[8]))


def by_pillow(im):
    bitmap, second = im.convert("1"), ImageOps.invert(im)
    for c in ("group3", "group4", "tiff_ccitt", "packbits", "tiff_lzw"):
        name = "bitmap" + c.replace("tiff_", "")
        write(name, saved(bitmap, compression=c))
        write(name + "white", saved(bitmap, compression=c, tiffinfo={262: 0}))
    for c in ("tiff_lzw", "packbits", "lzma", "zstd", "jpeg"):
        write("rgb" + c.replace("tiff_", ""), saved(im, compression=c))
    write("rgblzwpredictor", saved(im, compression="tiff_lzw", tiffinfo={317: 2}))
    write("greyjpeg", saved(im.convert("L"), compression="jpeg")), write("cmykjpeg", saved(im.convert("CMYK"), compression="jpeg"))
    write("pages", saved(im, save_all=True, append_images=[second], compression="packbits"))
    write("oldjpeg", old_jpeg(im))


def saved(im, **options):
    b = io.BytesIO()
    im.save(b, "TIFF", **options)
    return b.getvalue()


def refused(a):
    whole = {"cut": tiff(a[..., :3], 8, 2), "cutzip": tiff(a[..., :3], 8, 2, zipped=True),
             "cutlzw": saved(picture(W, H), compression="tiff_lzw")}
    for name, data in whole.items():
        (OUT / "damaged" / f"{name}.tif").write_bytes(data[: len(data) - 40])
    bad = bytearray(tiff(a[..., :3], 8, 2, zipped=True))
    bad[-300:-100] = bytes(200)
    (OUT / "damaged" / "zeros.tif").write_bytes(bad)
    (OUT / "damaged" / "nostrips.tif").write_bytes(tiff(a[..., :3], 8, 2, tags={278: (3, [1])}))
    (OUT / "damaged" / "tile.tif").write_bytes(tiff(a[..., :3], 8, 2, tiled=True, tags={322: (4, [60000]), 323: (4, [60000])}))
    f = a.astype(np.float32)
    unread = {"float3": tiff(f[..., :3], 32, 2, kind="f4", format=3), "bands": tiff(a[..., :3], 8, 1), "icclab": tiff(a[..., :3], 8, 9),
              "filterarray": tiff(a[..., :1], 8, 32803), "bits565": tiff(a[..., :3], 8, 2, tags={258: (3, [5, 6, 5])}),
              "compression": tiff(a[..., :3], 8, 2, tags={259: (3, [33003])})}
    for name, data in unread.items():
        (OUT / "unread" / f"{name}.tif").write_bytes(data)


def main():
    for folder in (OUT, OUT / "damaged", OUT / "unread"):
        folder.mkdir(parents=True, exist_ok=True)
    a = samples()
    grey_kinds(a[..., :1]), colour_kinds(a), palette_kinds(a[..., :1]), by_pillow(picture(W, H)), refused(a)


if __name__ == "__main__":
    main()
