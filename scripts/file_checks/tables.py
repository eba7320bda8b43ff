"""pandas, pyarrow, DuckDB and Hugging Face datasets on Parquet, CSV and JSON lines."""

import base64
import csv as reader
import io
import json

import datasets
import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from .collection import same

EXACT = ["id", "label", "sha256", "size", "width", "height"]


def parquet(c):
    plain, pictures = c.convert("parquet", "plain.parquet"), c.convert("parquet", "pictures.parquet", "--with-thumbnails")
    for path in [plain, pictures]:
        _arrow(c, path)
        _pandas(c, path)
        _duckdb(c, path)
    assert "image" not in pq.read_schema(plain).names
    _parts(c)
    _datasets(c, pictures)
    _atlas(pictures)


def _parts(c):
    folder = c.convert("parquet", "parts", "--parts", "3")
    _arrow(c, folder)
    _pandas(c, folder)
    assert duckdb.sql(f"SELECT count(*), count(DISTINCT path) FROM '{folder}/*.parquet'").fetchall() == [(len(c.items),) * 2]


def _arrow(c, path):
    table = pq.read_table(path)
    d = c.vectors.shape[1]
    assert table.schema.field("embedding").type == pa.list_(pa.field("element", pa.float32()), d), table.schema
    assert all(field.nullable for field in table.schema), table.schema
    column = table.column("embedding").combine_chunks()
    same(column.flatten().to_numpy().reshape(-1, d), c.vectors, path)
    assert table.column("path").to_pylist() == c.texts()
    for name in EXACT:
        assert table.column(name).to_pylist() == [item[name] for item in c.items], name
    assert table.column("phash").to_pylist() == [f"{item['phash'] & (1 << 64) - 1:016x}" for item in c.items]
    assert table.column("taken").null_count == len(c.items)
    meta = table.schema.metadata
    assert meta[b"model"].decode() == c.model and meta[b"metric"] == b"cosine" and b"created_by" in meta, meta


def _pandas(c, path):
    frame = pd.read_parquet(path)
    same(np.stack(frame["embedding"]), c.vectors, "pandas")
    assert list(frame["path"]) == c.texts() and list(frame["label"]) == [item["label"] for item in c.items]


def _duckdb(c, path):
    d = c.vectors.shape[1]
    rows = duckdb.sql(
        f"SELECT path, array_cosine_similarity(embedding::FLOAT[{d}], (SELECT embedding::FLOAT[{d}] FROM '{path}' LIMIT 1)) FROM '{path}'"
    ).fetchall()
    assert [row[0] for row in rows] == c.texts()
    np.testing.assert_allclose([row[1] for row in rows], c.vectors @ c.vectors[0], rtol=0, atol=1e-6)


def _datasets(c, path):
    data = datasets.load_dataset("parquet", data_files=str(path), split="train", cache_dir=str(c.folder / "cache"))
    assert data.features["embedding"] == datasets.List(datasets.Value("float32"), length=c.vectors.shape[1]), data.features
    assert isinstance(data.features["image"], datasets.Image), data.features
    same(np.array(data.with_format("numpy")["embedding"][:], np.float32), c.vectors, "datasets")
    for row, item in zip(data, c.items, strict=True):
        assert row["image"].size == (item["width"], item["height"]) and row["image"].format == "JPEG"
        colour = np.asarray(row["image"]).reshape(-1, 3).mean(0)
        assert ["red", "green", "blue"][int(colour.argmax())] == item["label"], (item, colour)


def _atlas(path):
    """What Embedding Atlas reads: --image NAME as a struct of bytes and path, --vector NAME as a list."""
    schema = pq.read_schema(path)
    assert schema.field("image").type == pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    cell = pq.read_table(path, columns=["image"]).column("image")[0].as_py()
    Image.open(io.BytesIO(cell["bytes"])).load()


def csv(c):
    path = c.convert("csv", "table.csv")
    with path.open(newline="") as f:
        rows = list(reader.DictReader(f))
    assert [row["path"] for row in rows] == c.texts()
    same(np.array([json.loads(row["embedding"]) for row in rows], np.float32), c.vectors, "csv")
    frame = pd.read_csv(path, dtype={"id": str, "sha256": str, "phash": str})
    for name in EXACT:
        assert list(frame[name]) == [item[name] for item in c.items], name
    same(np.stack(frame["embedding"].map(lambda text: np.array(json.loads(text), np.float32))), c.vectors, "csv in pandas")
    same(frame["entropy"].to_numpy(np.float32), np.array([item["entropy"] for item in c.items], np.float32), "entropy")
    found = duckdb.sql(f"SELECT path, embedding::FLOAT[] FROM read_csv('{path}', header = true)").fetchall()
    assert [row[0] for row in found] == c.texts()
    same(np.array([row[1] for row in found], np.float32), c.vectors, "csv in duckdb")


def jsonl(c):
    frame = pd.read_json(c.convert("jsonl", "lines.jsonl"), lines=True, dtype=False)
    assert list(frame["path"]) == c.texts()
    same(np.array(frame["embedding"].tolist(), np.float32), c.vectors, "jsonl")
    lines = [json.loads(line) for line in c.convert("jsonl", "base64.jsonl", "--base64").read_text().splitlines()]
    coded = [np.frombuffer(base64.b64decode(line["embedding_base64"]), "<f4") for line in lines]
    same(np.stack(coded), c.vectors, "base64")
    for line, item in zip(lines, c.items, strict=True):
        assert all(line[name] == item[name] for name in EXACT) and "embedding" not in line, line
