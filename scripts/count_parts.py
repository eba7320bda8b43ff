"""How many parts of a tile a search by warpgroups turns into scores (kernels/include/warpgroup_score.cuh), counted for random vectors.

    python scripts/count_parts.py --columns 9984 --best 1
    python scripts/count_parts.py --columns 60416 --best 9

Warps of 16 rows walk over tiles of 128 columns; a part of 16 columns counts where a score reaches what one of the rows has found before the
tile: its best score, or its last of the best.  The bound is the score but for rounding.  Rows and columns are Gaussian, of 128 elements.
Needs numpy.
"""
import argparse

import numpy as np

ROWS, TILE, PARTS, ELEMENTS = 16, 128, 8, 128


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--columns", type=int, default=9984)
    parser.add_argument("--best", type=int, default=1)
    parser.add_argument("--warps", type=int, default=24)
    a = parser.parse_args()
    draw = np.random.default_rng(0)
    y = draw.normal(size=(a.columns // TILE * TILE, ELEMENTS)).astype(np.float32)
    x = draw.normal(size=(a.warps * ROWS, ELEMENTS)).astype(np.float32)
    score = (2 * x @ y.T - (y * y).sum(1)).reshape(a.warps, ROWS, -1, PARTS, TILE // PARTS)
    found, parts = np.full((a.warps, ROWS, a.best), -np.inf), []
    for tile in range(score.shape[2]):
        now = score[:, :, tile]
        parts.append((now >= found[:, :, -1:, None]).any((1, 3)).sum(1))
        found = -np.sort(-np.concatenate([found, now.reshape(a.warps, ROWS, TILE)], -1))[:, :, : a.best]
    parts = np.stack(parts)
    print(f"{parts.mean():.2f} of {PARTS} parts a tile; none in {(parts == 0).mean():.0%} of the tiles")


if __name__ == "__main__":
    main()
