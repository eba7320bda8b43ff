"""FiftyOne, LightlyStudio and Embedding Atlas themselves, each in an environment of its own: scripts/test_apps.sh."""

import importlib
import os
import subprocess
import sys
import zipfile

import numpy as np
import pyarrow.parquet as pq

from .collection import same


def _module(folder):
    sys.path.insert(0, str(folder))
    return importlib.import_module("load")


def _drop_raw_names(c):
    """Removes the image whose name is not UTF-8: neither FiftyOne nor LightlyStudio opens a folder with one."""
    for path in c.photos.rglob("*"):
        if "\udce9" in str(path):
            path.unlink()


def fiftyone(c):
    """The dataset that load.py makes, and one made of the folder, have the vectors; the nearest images are those of the vectors."""
    os.environ |= {"FIFTYONE_DO_NOT_TRACK": "1", "FIFTYONE_DATABASE_DIR": os.path.join(sys.prefix, "db"), "HOME": str(c.folder)}
    import fiftyone as fo

    load = _module(c.convert("fiftyone", "fiftyone", "--with-thumbnails"))
    known = load.vectors()
    made = load.dataset("photos")
    labels = {str(c.photos / item["path"]): item["label"] for item in c.items if not item["path"].startswith("bytes:")}
    assert dict(zip(*made.values(["filepath", "ground_truth.label"]), strict=True)) == labels
    _drop_raw_names(c)
    for dataset in [made, fo.Dataset.from_dir(load.ROOT, dataset_type=fo.types.ImageDirectory, recursive=True)]:
        assert load.add(dataset) == (len(labels), 0)
        rows, ids, _ = dataset.load_brain_results("udml").get_embeddings()
        paths = dict(zip(*dataset.values(["id", "filepath"]), strict=True))
        for id, row in zip(ids, rows, strict=True):
            same(np.asarray(row, np.float32), known[paths[id]], paths[id])
        query = dataset.first()
        found = [s.filepath for s in dataset.sort_by_similarity(query.id, brain_key="udml", k=5)]
        assert found == sorted(paths.values(), key=lambda path: -float(known[path] @ known[query.filepath]))[:5], found
        dataset.delete()


def lightly(c):
    """load.py opens the folder, and the vectors in the database are those of the table."""
    os.environ |= {"LIGHTLY_STUDIO_ANALYTICS_ENABLED": "false", "HOME": str(c.folder)}
    load = _module(c.convert("lightly", "lightly"))
    _drop_raw_names(c)
    os.chdir(c.folder)  # where it makes its database
    import lightly_studio as ls
    import sqlmodel
    from lightly_studio import db_manager
    from lightly_studio.models.sample_embedding import SampleEmbeddingTable

    made, create = [], ls.ImageDataset.create
    ls.ImageDataset.create = lambda: made.append(create()) or made[0]
    ls.start_gui = lambda: None
    sys.argv = ["load.py"]
    load.main()
    with db_manager.session() as session:
        found = {row.sample_id: np.asarray(row.embedding, np.float32) for row in session.exec(sqlmodel.select(SampleEmbeddingTable))}
    known = load.Embedder().known
    samples = list(made[0])
    assert len(samples) == len(c.items) - 1, len(samples)
    for sample in samples:
        same(found[sample.sample_id], known[sample.file_path_abs], sample.file_path_abs)


def atlas(c):
    """The command line takes the vectors and the pictures, and makes a map whose neighbours are those of the vectors."""
    table, out = c.convert("parquet", "pictures.parquet", "--with-thumbnails"), c.folder / "atlas.zip"
    program = os.path.join(os.path.dirname(sys.executable), "embedding-atlas")
    given = ["--vector", "embedding", "--image", "image", "--export-application", out]
    subprocess.run([program, table, *given], check=True, env=os.environ | {"HOME": str(c.folder)})
    zipfile.ZipFile(out).extract("data/dataset.parquet", c.folder)
    rows = pq.read_table(c.folder / "data/dataset.parquet").to_pylist()
    same(np.array([row["embedding"] for row in rows], np.float32), c.vectors, "atlas")
    for i, row in enumerate(rows):
        assert np.isfinite([row["projection_x"], row["projection_y"]]).all(), row
        cosines = c.vectors @ c.vectors[i]
        nearest = row["__neighbors"]["ids"]
        np.testing.assert_allclose(cosines[nearest], np.sort(cosines)[::-1][: len(nearest)], rtol=0, atol=1e-5)  # ties in any order
