"""Milvus (Lite, which runs in this process) and Qdrant (its client's local store)."""

import importlib.util
import json
import subprocess

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pymilvus import DataType, MilvusClient
from qdrant_client import QdrantClient, models

# What Milvus' bulk import takes for the types of a schema (https://milvus.io/docs/import-data.md).
BULK = {DataType.VARCHAR: pa.string(), DataType.INT32: pa.int32()}


def load(folder):
    """The folder's load.py as a module."""
    spec = importlib.util.spec_from_file_location("load_" + folder.name, folder / "load.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def milvus(c):
    out = c.convert("milvus", "milvus")
    client, module = MilvusClient(str(c.folder / "milvus.db")), load(out)
    module.create(client, "photos")
    for _ in range(2):  # again changes nothing
        module.fill(client, "photos")
    schema = pq.read_schema(out / "vectors.parquet")
    fields = client.describe_collection("photos")["fields"]
    assert [field["name"] for field in fields] and {field["name"] for field in fields} == set(schema.names), (fields, schema)
    for field in fields:
        kind = schema.field(field["name"]).type
        if field["type"] == DataType.FLOAT_VECTOR:
            assert pa.types.is_list(kind) and kind.value_type == pa.float32() and field["params"]["dim"] == c.vectors.shape[1]
        else:
            assert kind == BULK[field["type"]], (field, kind)
    client.load_collection("photos")
    rows = client.query("photos", filter='path != ""', output_fields=["path", "label", "width", "embedding"], limit=1000)
    found = {row["path"]: row for row in rows}
    assert sorted(found) == sorted(c.texts())
    for text, item, vector in zip(c.texts(), c.items, c.vectors, strict=True):
        row = found[text]
        assert row["label"] == item["label"] and row["width"] == item["width"]
        same_row = np.asarray(row["embedding"], np.float32)
        assert same_row.tobytes() == vector.tobytes(), text
    hits = client.search("photos", data=[c.vectors[0].tolist()], limit=1, output_fields=["path"])
    assert abs(hits[0][0]["distance"] - 1) < 1e-5, hits
    client.close()


def qdrant(c):
    out = c.convert("qdrant", "qdrant")
    client = QdrantClient(":memory:")
    made = models.CreateCollection.model_validate_json((out / "collection.json").read_text())
    client.create_collection("photos", vectors_config=made.vectors)
    files = sorted(out.glob("points-*.json"))
    for path in files * 2:  # again changes nothing
        points = models.PointsList.model_validate_json(path.read_text())
        client.upsert("photos", points=points.points)
        assert json.loads(path.read_text())["points"]
    assert client.count("photos").count == len(c.items)
    rows, _ = client.scroll("photos", limit=1000, with_vectors=True)
    found = {row.payload["path"]: row for row in rows}
    assert sorted(found) == sorted(c.texts())
    for text, item, vector in zip(c.texts(), c.items, c.vectors, strict=True):
        assert found[text].payload["label"] == item["label"]
        np.testing.assert_allclose(found[text].vector, vector, rtol=0, atol=1e-6)  # the client normalises again
    subprocess.run(["sh", "-n", out / "upload.sh"], check=True)
