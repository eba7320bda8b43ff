"""Times faiss-cpu on the rows that BenchmarkSearch (engine/collection/groups) has written: 1,000 queries in 100,000 x 128, and k-means to
100.

    UDML_BENCH_ROWS=rows.f32 go test ./engine/collection/groups -run - -bench 'Search|Means'
    python scripts/bench_faiss.py rows.f32
"""
import resource
import sys
import time

import faiss
import numpy as np


def processor():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime


def timed(name, times, f):
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), processor()
        out = f()
        walls.append(time.perf_counter() - wall)
        cpus.append(processor() - cpu)
    print(f"{name}: {np.median(walls):.3f} s, {np.median(cpus):.3f} s of processor time, medians of {times}")
    return out


def main():
    faiss.omp_set_num_threads(2)
    x = np.fromfile(sys.argv[1], dtype="<f4").reshape(-1, 128)
    index = faiss.IndexFlatIP(128)
    index.add(x)
    timed("search", 5, lambda: index.search(x[:1000], 10))

    def kmeans():
        k = faiss.Kmeans(128, 100, seed=1)
        k.train(x)
        return k

    k = timed("k-means", 3, kmeans)
    d, _ = k.index.search(x, 1)
    print(f"inertia {d.sum(dtype=np.float64):.0f}")


if __name__ == "__main__":
    main()
