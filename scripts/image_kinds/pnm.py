"""Files of Netpbm."""

import numpy as np
from image_kinds.golden import A, GREY, H, rgb, W, write


def pnms():
    def text(a, most):
        return " ".join(str(int(v) * most // 255) for v in np.asarray(a).flatten())

    bits = np.packbits(GREY < 128, axis=1).tobytes()
    write("bits.pnm", b"P4\n%d %d\n" % (W, H) + bits)
    write(
        "bits_plain.pnm",
        f"P1 # a comment\n{W} {H}\n".encode() + "\n".join("".join(str(int(v < 128)) for v in r) + "# row" for r in GREY).encode() + b"\n",
    )
    for most in (1, 2, 10, 100, 254, 255):
        write(f"grey{most}.pnm", f"P5\n{W} {H}\n{most}\n".encode() + bytes(int(v) * most // 255 for v in GREY.flatten()))
        (
            write(f"grey{most}_plain.pnm", f"P2\n{W} {H}\n{most}\n{text(GREY, most)}\n".encode()),
            write(f"rgb{most}_plain.pnm", f"P3\n{W} {H} {most} {text(A, most)}".encode()),
        )
        write(f"rgb{most}.pnm", f"P6\n{W} {H}\n{most}\n".encode() + bytes(int(v) * most // 255 for v in A.flatten()))
    for most in (256, 1000, 65535):
        write(f"rgb{most}.pnm", f"P6\n{W} {H}\n{most}\n".encode() + (A.astype(int) * most // 255).astype(">u2").tobytes())
    write(
        "grey65535.pnm", f"P5\n{W} {H}\n65535\n".encode() + (GREY.astype(int) * 257).astype(">u2").tobytes(), rgb(GREY)
    )  # Pillow clips it
    (
        write("above.pnm", f"P6\n{W} {H}\n100\n".encode() + A.tobytes()),
        write("comments.pnm", f"P6\r\n# one\r\n{W}# two\n\t{H}\n#\n255\n".encode() + A.tobytes()),
    )
