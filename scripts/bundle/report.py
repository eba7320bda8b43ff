#!/usr/bin/env python3
"""Merges the results of run.sh in a folder into results.json and results.md: tests, speed, and PyTorch's speed beside it. Needs only the
standard library."""
import datetime
import json
import pathlib
import sys

PRECISIONS = ("fp32", "tf32", "bf16")
MODES = ("own", "libraries")


def load(folder):
    """{file name without .json: document}."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        if path.name == "results.json":
            continue
        try:
            found[path.stem] = json.loads(path.read_text())
        except ValueError as e:
            print(f"{path.name} is left out: {e}", file=sys.stderr)
    return found


def tests(folder):
    rows = []
    for mode in MODES:
        path = folder / f"tests-{mode}.tsv"
        for line in path.read_text().splitlines() if path.exists() else []:
            package, outcome, seconds = line.split("\t")
            rows.append({"package": package, "mode": mode, "outcome": outcome, "seconds": int(seconds)})
    return rows


def by_name(document):
    return {(k["kernel"], k["size"]): k for k in document["kernels"]} if document else {}


def kernel_rows(found, precision):
    """A row for each kernel and size: ours by mode, PyTorch's, and the ratio of PyTorch's time to ours."""
    ours = {m: by_name(found.get(f"kernels-{m}-{precision}")) for m in MODES}
    peer = by_name(found.get(f"torch-kernels-{precision}"))
    for key in dict.fromkeys(k for m in MODES for k in ours[m]):
        best = min((ours[m][key] for m in MODES if key in ours[m]), key=lambda k: k["seconds"])
        row = {"precision": precision, "kernel": key[0], "size": key[1]}
        row |= {k: best.get(k) for k in ("tflop_per_s", "of_roof", "of_ceiling")}
        row.update({m: ours[m][key]["seconds"] for m in MODES if key in ours[m]})
        if key in peer:
            row.update(torch=peer[key]["seconds"], ratio=peer[key]["seconds"] / best["seconds"])
            row["flash_kmeans"] = peer[key].get("flash_kmeans_seconds")
        yield row


def step_rows(found):
    for precision in PRECISIONS:
        names = dict.fromkeys(n.split(f"-{precision}-", 1)[1] for n in found if n.startswith("train-") and f"-{precision}-" in n)
        for name in names:
            ours = {m: found[f"train-{m}-{precision}-{name}"] for m in MODES if f"train-{m}-{precision}-{name}" in found}
            best = min(ours.values(), key=lambda r: r["seconds_per_step"])
            row = {"precision": precision, "step": name, "allocated_bytes": best["allocated_bytes_per_step"], "of_graph": best["of_graph"],
                   "graph": best["graph_seconds_per_step"], "launches": best["launches_per_step"]}
            row.update({m: r["seconds_per_step"] for m, r in ours.items()})
            peer = found.get(f"torch-train-{precision}-{name}")
            if peer:
                row.update(peer["seconds_per_step"])
                row["ratio"] = min(peer["seconds_per_step"].values()) / best["seconds_per_step"]
            yield row


def occupancy_rows(found):
    """A row for each CUDA kernel that search and clustering launch, with blocks of one size."""
    for mode in MODES:
        for precision in PRECISIONS:
            for k in found.get(f"probe-{mode}-{precision}", {}).get("kernels", []):
                for o in k.get("launches", []):
                    of = {"of": k["kernel"], "size": k["size"], "of_ceiling": k.get("of_ceiling")}
                    yield {"mode": mode, "precision": precision} | of | o


def cell(row, key, form):
    value = row.get(key)
    return form(value) if value is not None else ""


def table(heads, rows):
    """heads: (title, key, how to format it)."""
    lines = ["| " + " | ".join(h[0] for h in heads) + " |", "|" + "---|" * len(heads)]
    return lines + ["| " + " | ".join(cell(r, key, form) for _, key, form in heads) + " |" for r in rows]


def milliseconds(v):
    return f"{1e3 * v:.4g}"


def ratio(v):
    return f"{v:.2f}"


KERNEL_HEADS = [
    ("kernel", "kernel", str), ("size", "size", str), ("precision", "precision", str), ("own kernels, ms", "own", milliseconds),
    ("with cuDNN and cuBLASLt, ms", "libraries", milliseconds), ("TFLOP/s", "tflop_per_s", lambda v: f"{v:.1f}"),
    ("of the roof", "of_roof", ratio), ("of the measured ceiling", "of_ceiling", ratio),
    ("PyTorch, ms", "torch", milliseconds), ("PyTorch / ours", "ratio", ratio), ("flash-kmeans, ms", "flash_kmeans", milliseconds)]
STEP_HEADS = [
    ("step", "step", str), ("precision", "precision", str), ("own kernels, ms", "own", milliseconds),
    ("with libraries, ms", "libraries", milliseconds), ("as CUDA graph, ms", "graph", milliseconds),
    ("of its CUDA graph", "of_graph", lambda v: f"{v:.3f}"), ("launches", "launches", str),
    ("bytes allocated", "allocated_bytes", str), ("PyTorch, ms", "eager", milliseconds), ("PyTorch compiled, ms", "compiled", milliseconds),
    ("best PyTorch / ours", "ratio", ratio)]


OCCUPANCY_HEADS = [
    ("search", "of", str), ("size", "size", str), ("precision", "precision", str), ("products by", "mode", str),
    ("of the measured ceiling", "of_ceiling", ratio), ("kernel", "kernel", str), ("launches", "launches", str),
    ("threads a block", "threads_per_block", str), ("shared bytes a block", "shared_bytes_per_block", str),
    ("registers a thread", "registers_per_thread", str), ("local bytes a thread", "local_bytes_per_thread", str),
    ("blocks a multiprocessor", "blocks_per_multiprocessor", str), ("occupancy", "occupancy", ratio)]


def card(found):
    """What the driver says of the card, and what was measured as its ceilings."""
    probes = {n.removeprefix("probe-"): d for n, d in found.items() if n.startswith("probe-")}
    if not probes:
        return ["no card was probed"]
    first = next(iter(probes.values()))
    lines = [f"{first['device']}, compute capability {first['compute_capability']}:", ""]
    lines += [f"- {key.replace('_', ' ')}: {value}" for key, value in first["card"].items()]
    return lines + [f"- ceiling, {name}: {d['ceiling']['tflop_per_s']:.4g} TFLOP/s (products by {d['products_by']}), "
                    f"{d['ceiling']['gbytes_per_s']:.4g} GB/s" for name, d in probes.items()]


def heading(found):
    for name, document in found.items():
        if name.startswith("kernels-"):
            return (f"{document['device']}, CUDA {document['driver']}; roof, estimated from the clocks that the driver reports: "
                    f"{document['peak_gbytes_per_s_estimated']:.0f} GB/s and, by precision, " + ", ".join(
                        f"{p} {found[n]['peak_tflop_per_s_estimated']:.0f} TFLOP/s" for p in PRECISIONS
                        for n in [f"kernels-own-{p}"] if n in found))
    return "no kernels were measured"


def main():
    folder = pathlib.Path(sys.argv[1])
    found, outcomes = load(folder), tests(folder)
    kernels = [r for p in PRECISIONS for r in kernel_rows(found, p)]
    steps, occupancies = list(step_rows(found)), list(occupancy_rows(found))
    today = datetime.date.today().isoformat()
    peer = next((d for n, d in found.items() if n.startswith("torch-")), None)
    version = folder / "version.txt"
    result = {
        "date": today, "version": version.read_text().strip() if version.exists() else None, "tests": outcomes, "kernels": kernels,
        "steps": steps, "occupancy": occupancies, "documents": found,
    }
    (folder / "results.json").write_text(json.dumps(result, indent=1) + "\n")
    failed = [t for t in outcomes if t["outcome"] != "ok"]
    beside = f"PyTorch {peer['torch']}, cuDNN {peer['cudnn']}." if peer else "No PyTorch beside."
    failures = "".join(f"; {t['package']} ({t['mode']}) FAILED" for t in failed)
    lines = [f"Measured {today}: {heading(found)}. {beside}", "",
             f"Tests: {len(outcomes) - len(failed)} of {len(outcomes)} programs passed{failures}.", ""]
    lines += ["## The card", ""] + card(found) + ["", "## Search and clustering on a multiprocessor", ""]
    lines += table(OCCUPANCY_HEADS, occupancies) + [""]
    lines += ["## A training step", ""] + table(STEP_HEADS, steps) + ["", "## Kernels", ""] + table(KERNEL_HEADS, kernels)
    (folder / "results.md").write_text("\n".join(lines) + "\n")
    print(f"{folder / 'results.json'} and {folder / 'results.md'}: {len(kernels)} kernels, {len(steps)} steps")


if __name__ == "__main__":
    main()
