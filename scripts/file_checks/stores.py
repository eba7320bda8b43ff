"""Milvus (Lite, which runs in this process) and Qdrant (its client's local store, behind as much of its HTTP interface as is used)."""

import importlib.util
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

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
    module, sys.argv = load(out), ["load.py", str(c.folder / "milvus.db"), "photos"]
    for _ in range(2):  # again changes nothing
        module.main()
    client = MilvusClient(sys.argv[1])
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


class QdrantServer(BaseHTTPRequestHandler):
    """The requests of upload.sh, answered by the client's local store; bodies are read by the client's own types."""

    store, key = None, "s3cret"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(lambda: self.store.collection_exists(self.name()))

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/points?wait=true"):
            self.answer(lambda: self.store.upsert(self.name(), points=models.PointsList.model_validate_json(body).points))
        else:
            made = models.CreateCollection.model_validate_json(body)
            self.answer(lambda: self.store.create_collection(self.name(), vectors_config=made.vectors))

    def name(self):
        return re.fullmatch(r"/collections/(\w+)(/points\?wait=true)?", self.path)[1]

    def answer(self, do):
        right = self.headers["api-key"] == self.key and (self.command == "GET" or self.headers["Content-Type"] == "application/json")
        self.send_response((200 if do() else 404) if right else 403)
        self.end_headers()


def qdrant(c):
    out = c.convert("qdrant", "qdrant")
    QdrantServer.store = client = QdrantClient(":memory:")
    server = HTTPServer(("127.0.0.1", 0), QdrantServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    upload = ["sh", out / "upload.sh", f"http://127.0.0.1:{server.server_port}", "photos"]
    for _ in range(2):  # again changes nothing
        subprocess.run(upload, check=True, env=os.environ | {"QDRANT_API_KEY": QdrantServer.key})
    wrong = subprocess.run(upload, env=os.environ | {"QDRANT_API_KEY": "wrong"}, capture_output=True)
    assert wrong.returncode != 0, wrong
    server.shutdown()
    assert client.count("photos").count == len(c.items)
    rows, _ = client.scroll("photos", limit=1000, with_vectors=True)
    found = {row.payload["path"]: row for row in rows}
    assert sorted(found) == sorted(c.texts())
    for text, item, vector in zip(c.texts(), c.items, c.vectors, strict=True):
        assert found[text].payload["label"] == item["label"]
        np.testing.assert_allclose(found[text].vector, vector, rtol=0, atol=1e-6)  # the client normalises again
