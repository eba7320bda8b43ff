"""Makes a Milvus collection that fits vectors.parquet, and fills it.

    python load.py http://localhost:19530 photos

Needs pymilvus and pyarrow. Rows are replaced by their path, so that it can be run again. For millions of rows, call create(), put
vectors.parquet into the server's object store and give its path to pymilvus.bulk_writer.bulk_import.
"""

import os
import sys

import pyarrow.parquet as pq
from pymilvus import DataType, MilvusClient

HERE = os.path.dirname(os.path.abspath(__file__))
DIMENSION = DIM_LITERAL
TEXTS = {"id": 32, "label": 65535, "split": 65535, "sha256": 64, "taken": 32, "phash": 16}  # with their longest length in bytes


def create(client, name):
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("path", DataType.VARCHAR, is_primary=True, max_length=65535)
    schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=DIMENSION)
    for field, longest in TEXTS.items():
        schema.add_field(field, DataType.VARCHAR, max_length=longest)
    for field in ["width", "height"]:
        schema.add_field(field, DataType.INT32)
    index = client.prepare_index_params()
    index.add_index("embedding", index_type="AUTOINDEX", metric_type="COSINE")
    client.create_collection(name, schema=schema, index_params=index)


def fill(client, name):
    for batch in pq.ParquetFile(os.path.join(HERE, "vectors.parquet")).iter_batches(1000):
        client.upsert(name, batch.to_pylist())


def main():
    client = MilvusClient(sys.argv[1])
    name = sys.argv[2]
    if not client.has_collection(name):
        create(client, name)
    fill(client, name)


if __name__ == "__main__":
    main()
