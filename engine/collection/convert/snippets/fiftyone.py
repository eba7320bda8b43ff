"""Gives the vectors in vectors.parquet to the samples of a FiftyOne dataset that have the same file paths.

    import load

    dataset = load.dataset("photos")  # or one that you have
    load.add(dataset)

Needs numpy, pyarrow and fiftyone, which takes no file names that are not UTF-8: such images are left out.
"""

import os

import numpy as np
import pyarrow.parquet as pq

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = ROOT_LITERAL  # the folder of the images; of an archive, name the folder where you unpacked it


def vectors(root=ROOT):
    """The vectors as a dict from absolute path to float32 [D]."""
    found = {}
    for batch in pq.ParquetFile(os.path.join(HERE, "vectors.parquet")).iter_batches(4096, columns=["path", "embedding"]):
        rows = batch.column("embedding").flatten().to_numpy().reshape(len(batch), -1)
        for path, row in zip(batch.column("path").to_pylist(), rows):
            found[os.path.abspath(os.path.join(root, path))] = row
    return found


def dataset(name=None, root=ROOT):
    """A new FiftyOne dataset of the images, with labels as ground_truth and splits as tags."""
    import fiftyone as fo

    made = fo.Dataset(name)
    for batch in pq.ParquetFile(os.path.join(HERE, "vectors.parquet")).iter_batches(4096, columns=["path", "label", "split"]):
        samples = []
        for row in batch.to_pylist():
            if row["path"].startswith("bytes:"):
                continue
            sample = fo.Sample(filepath=os.path.abspath(os.path.join(root, row["path"])), tags=[row["split"]] if row["split"] else [])
            if row["label"] is not None:
                sample["ground_truth"] = fo.Classification(label=row["label"])
            samples.append(sample)
        made.add_samples(samples)
    return made


def add(dataset, root=ROOT, key="udml"):
    """Indexes the dataset's samples by cosine similarity under the brain key; returns how many have a vector and how many not."""
    import fiftyone.brain as brain

    known = vectors(root)
    ids, rows, missing = [], [], 0
    for id, path in zip(*dataset.values(["id", "filepath"])):
        row = known.get(os.path.abspath(path))
        if row is None:
            missing += 1
            continue
        ids.append(id)
        rows.append(row)
    if not ids:
        raise ValueError(f"no sample has a file below {root}: pass root=, the folder of the images")
    view = dataset.select(ids, ordered=True)
    brain.compute_similarity(view, embeddings=np.stack(rows), brain_key=key, metric="cosine")
    return len(ids), missing
