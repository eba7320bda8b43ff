"""An embedder for LightlyStudio that looks the vectors in vectors.parquet up by file path, instead of computing them.

    python load.py [FOLDER]

opens the images below the folder. Needs numpy, pyarrow and lightly-studio; its interface for embedders is in beta.
"""

import os
import sys

import lightly_studio as ls
import numpy as np
import pyarrow.parquet as pq
from lightly_studio_serve.embedder import ImagePathEmbedder

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = ROOT_LITERAL  # the folder of the images; of an archive, name the folder where you unpacked it
SPACE = SPACE_LITERAL
DIMENSION = DIM_LITERAL


class Embedder(ImagePathEmbedder):
    def __init__(self, root=ROOT):
        self.known = {}
        for batch in pq.ParquetFile(os.path.join(HERE, "vectors.parquet")).iter_batches(4096, columns=["path", "embedding"]):
            rows = batch.column("embedding").flatten().to_numpy().reshape(len(batch), -1)
            for path, row in zip(batch.column("path").to_pylist(), rows):
                self.known[os.path.abspath(os.path.join(root, path))] = row

    def embedding_space_spec(self):
        return ls.EmbeddingSpaceSpec(space_key=SPACE, dimension=DIMENSION)

    def embed_images(self, paths):
        kept = [i for i, path in enumerate(paths) if os.path.abspath(path) in self.known]
        rows = [self.known[os.path.abspath(paths[i])] for i in kept]
        found = np.stack(rows) if rows else np.empty((0, DIMENSION), dtype=np.float32)
        return ls.EmbeddingResult(embeddings=found, kept_indices=kept)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else ROOT
    ls.register_default_embedder(embedder=Embedder(root))
    dataset = ls.ImageDataset.create()
    dataset.add_images_from_path(path=root)
    ls.start_gui()


if __name__ == "__main__":
    main()
