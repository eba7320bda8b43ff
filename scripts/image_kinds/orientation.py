"""Files with the orientation in each possible place."""

import struct, zlib
from image_kinds.golden import A, encoded, IM, write
from image_kinds.png import chunk, pngdata, pngfile, rows8


def exif(value, kind=3, count=1):
    field = struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value)
    return b"II*\0" + struct.pack("<IHHHI", 8, 1, 274, kind, count) + field + bytes(4)


def xmp(value, element=False):
    text = f"<tiff:Orientation>{value}</tiff:Orientation>" if element else f'<x tiff:Orientation="{value}"/>'
    return b"<x:xmpmeta>" + text.encode() + b"</x:xmpmeta>"


def orientations():
    plain = encoded(IM, "JPEG", quality=95, subsampling=0)

    def segment(body):
        return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body

    def jpeg(*bodies):
        return plain[:2] + b"".join(map(segment, bodies)) + plain[2:]

    e, x = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
    (
        write("long6.jpg", jpeg(e + exif(6, kind=4))),
        write("byte6.jpg", jpeg(e + exif(6, kind=1))),
        write("two6.jpg", jpeg(e + exif(6, count=2))),
    )
    (
        write("xmp8.jpg", jpeg(x + xmp(8))),
        write("xmp5_element.jpg", jpeg(x + xmp(5, True))),
        write("exif_before_xmp.jpg", jpeg(x + xmp(8), e + exif(3))),
    )
    write("exif0_and_xmp.jpg", jpeg(x + xmp(8), e + exif(0))), write("exif_in_parts.jpg", jpeg(e + exif(7)[:12], e + exif(7)[12:]))

    def png(*chunks):
        return pngfile(pngdata(rows8(A)), before=b"".join(chunks))

    mark = e + exif(6)
    digits = b"\nexif\n%8d\n" % len(mark) + mark.hex().encode()[:70] + b"\n" + mark.hex().encode()[70:] + b"\n"
    (
        write("marked6.png", png(chunk(b"eXIf", mark))),
        write("profile6.png", png(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(digits)))),
    )
    write("profile6_plain.png", png(chunk(b"tEXt", b"Raw profile type exif\0" + digits)))
    (
        write("xmp6.png", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(6)))),
        write("xmp3_packed.png", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0\0" + zlib.compress(xmp(3))))),
    )
    write("exif_and_xmp.png", png(chunk(b"eXIf", exif(8)), chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(6))))
    write("xmp6.webp", encoded(IM, "WEBP", lossless=True, xmp=xmp(6)))
