#!/usr/bin/env python3
"""How well criteria without labels choose between what training started from and what it made (docs/selection.md).

  python scripts/calibrate.py measure --program build/udml-gpu --sets grocery=grocery.zip,plankton=plankton.zip --out calibration.jsonl
  python scripts/calibrate.py report calibration.jsonl

A set is a zip with train/CLASS/... and test/CLASS/..., of which a few classes and images are taken. `measure` trains each set by several
methods, rates and epochs, adds a line for the start and for the trained network of each run (criteria on the training images, Recall@1 and
MAP@R on the test classes), and goes on where it was stopped. `report` prints the tables.
"""
import argparse
import itertools
import json
import pathlib
import statistics
import subprocess
import tempfile
import zipfile

from calibrate_rules import CRITERIA, PRODUCTS, RULES, auto, worth

PRETRAINED = ["--backbone", "squeezenet", "--pretrained", "--size", "48", "--resize", "53", "--dim", "256"]
SCRATCH = ["--backbone", "conv4", "--size", "32", "--channels", "1", "--invert", "--flip", "0", "--rotate", "10", "--scale", "0.9,1.1",
           "--shift", "2"]
TRAIN_IMAGES, TEST_IMAGES, EACH = 300, 600, 20
RECIPES = [("instance", "sgd", 1e-3, 1), ("instance", "sgd", 1e-2, 3), ("cbs", "adamw", 1e-4, 2), ("instance", "adamw", 1e-3, 2),
           ("cbswr", "sgd", 1e-3, 3), ("instance", "sgd", 3e-2, 2), ("cbs", "adamw", 1e-3, 1), ("rim", "sgd", 1e-2, 2),
           ("mutual", "sgd", 1e-3, 3), ("stml", "sgd", 1e-2, 2), ("nce", "sgd", 1e-2, 3), ("deepcluster", "sgd", 1e-2, 2),
           ("instance", "sgd", 1e-4, 3), ("mutual", "adamw", 1e-4, 2), ("exemplar", "sgd", 3e-3, 3), ("mom", "sgd", 1e-2, 2),
           ("instance", "sgd", 3e-3, 5), ("cbswr", "sgd", 1e-1, 1), ("stml", "adamw", 3e-4, 2), ("instance", "adamw", 1e-5, 3),
           ("mutual", "adamw", 1e-4, 5), ("mutual", "adamw", 3e-4, 3), ("mutual", "sgd", 1e-2, 3), ("mutual", "adamw", 1e-3, 2)]
FROM_SCRATCH = [("instance", "adamw", 1e-3, 1), ("instance", "adamw", 1e-3, 5), ("cbs", "adamw", 1e-3, 3), ("instance", "adamw", 1e-4, 1),
                ("cbs", "sgd", 1e-3, 1), ("instance", "adamw", 3e-2, 2), ("rim", "adamw", 1e-3, 2), ("cbswr", "sgd", 1.0, 1),
                ("mutual", "adamw", 1e-3, 4), ("stml", "adamw", 1e-3, 3), ("nce", "adamw", 1e-3, 4), ("deepcluster", "adamw", 1e-3, 3),
                ("instance", "sgd", 1e-2, 5), ("mutual", "adamw", 1e-2, 2), ("exemplar", "adamw", 1e-3, 3), ("mom", "adamw", 1e-3, 3),
                ("instance", "adamw", 3e-3, 3), ("cbswr", "adamw", 1e-4, 2), ("stml", "adamw", 3e-4, 5), ("instance", "adamw", 1e-5, 1)]


def few(archive, folder):
    """Writes the first classes of the archive to the folder, EACH images of each at most, or more of sets with few classes."""
    left = {"train": TRAIN_IMAGES, "test": TEST_IMAGES}
    with zipfile.ZipFile(archive) as z:
        files = sorted(n for n in z.namelist() if n.count("/") >= 2 and not n.endswith("/"))
        classes = {n.rsplit("/", 1)[0] for n in files}
        each = {split: max(EACH, n // max(1, sum(c.startswith(split + "/") for c in classes))) for split, n in left.items()}
        for (split, cls), names in itertools.groupby(files, lambda n: n.split("/")[:2]):
            names = list(names)[:each.get(split, 0)]
            if split in left and len(names) >= 2 and left[split] >= len(names):
                left[split] -= len(names)
                for n in names:
                    at = folder / split / cls / pathlib.Path(n).name
                    at.parent.mkdir(parents=True, exist_ok=True)
                    at.write_bytes(z.read(n))


def train(program, *arguments):
    done = subprocess.run([program, "train", "--json", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        print("  failed:", done.stderr.strip().splitlines()[-1:])
        return None
    return json.loads(done.stdout)


def networks(program, data, settings, recipe, folder):
    """What training started from and what it made, as it is and whitened anew, each with its criteria and its scores."""
    method, optimizer, rate, epochs = recipe
    run = train(program, "--preset", "none", "--data", data, *settings, "--method", method, "--optimizer", optimizer, "--lr", rate,
                "--epochs", epochs, "--batch", 32, "--collapse-epochs", 0, "--collapse-evals", 0, "--result", "auto", "--out", folder)
    for c in (run or {"choice": {}})["choice"].get("candidates", []):
        kept = c["kept"] == run["choice"]["kept"]
        scored = run if kept else train(program, "--resume", folder, "--result", c["kept"])
        yield dict(c, recall=scored["after"]["recall"]["1"], map=scored["after"]["map_at_r"])


def measure(o):
    out = pathlib.Path(o.out)
    done = {(r["set"], tuple(r["recipe"])) for r in map(json.loads, out.read_text().splitlines())} if out.exists() else set()
    sets = [s.split("=") for s in o.sets.split(",")]
    with tempfile.TemporaryDirectory() as work:
        for i in range(len(RECIPES)):
            for name, archive in sets:
                scratch, data = name.startswith("scratch"), pathlib.Path(work) / name
                recipes = FROM_SCRATCH if scratch else RECIPES
                if i >= len(recipes) or (name, recipes[i]) in done:
                    continue
                if not data.exists():
                    few(archive, data)
                folder = pathlib.Path(work) / f"{name}-{i}"
                recipe = recipes[i]
                lines = list(networks(o.program, data, SCRATCH if scratch else PRETRAINED, recipe, folder))
                with out.open("a") as f:
                    for line in lines:
                        f.write(json.dumps(dict(line, set=name, recipe=recipe)) + "\n")
                print(name, *recipe, *(f"{c['kept']}: {c['recall']:.3f}" for c in lines), flush=True)


SCORES = {"recall": "Recall@1", "map": "MAP@R"}
TRAINED, ANEW = 1, 2  # places of a run's networks: its start is the first, that whitened anew is measured from pretrained weights
NOISE = 0.01  # differences of a score below it say nothing


def kendall(pairs):
    """Kendall's tau of the pairs, those that are tied in either left out."""
    signs = [(a - c) * (b - d) for (a, b), (c, d) in itertools.combinations(pairs, 2)]
    up, down = sum(s > 0 for s in signs), sum(s < 0 for s in signs)
    return (up - down) / max(1, up + down)


def regret(choose, runs, score):
    return sum(max(c[score] for c in run) - choose(*run)[score] for run in runs) / len(runs)


def table(head, rows):
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head), *("| " + " | ".join(map(str, r)) + " |" for r in rows), sep="\n")


def of_sets(runs):
    return {name: [run for run in runs if run[0]["set"] == name] for name in sorted({run[0]["set"] for run in runs})}


def count(values, by):
    """How many are above it; what is it but for rounding is not."""
    return sum(v > by + 1e-9 for v in values)


def trained_networks(name, runs, score, which=TRAINED):
    """How a set's trained networks, or which of a run's else, stand to its start."""
    after, change = [run[which][score] for run in runs], [run[which][score] - run[0][score] for run in runs]
    return (name, f"{runs[0][0][score]:.3f}", f"{min(after):.3f}", f"{statistics.median(after):.3f}", f"{max(after):.3f}",
            count(change, NOISE), count([-c for c in change], NOISE))


def taus(key, runs, score):
    """Kendall's tau within each set, of the trained networks and the start once."""
    for own in of_sets(runs).values():
        yield kendall(sorted({(CRITERIA[key] * c[key], c[score]) for run in own for c in run[:2]}))


def of_rule(rule, runs, score):
    choose = RULES[rule]
    change = [choose(*run)[score] - run[0][score] for run in runs]
    return (rule, sum(choose(*run) is not run[0] for run in runs), f"{sum(change) / len(change):+.4f}", f"{min(change):+.3f}",
            *(count([-c for c in change], by) for by in (0, NOISE, 2 * NOISE)), f"{regret(choose, runs, score):.4f}")


def of_auto(name, runs, score):
    """How often what was kept was better than the start, and the start better than the trained network."""
    kept = [auto(*run)[score] - run[0][score] for run in runs if auto(*run) is not run[0]]
    left = [run[1][score] - run[0][score] for run in runs if auto(*run) is run[0]]
    return (name, len(runs), len(kept), count(kept, NOISE), count([-g for g in kept], NOISE), len(left), count([-g for g in left], NOISE),
            count(left, NOISE), f"{max([0, *left, *(-g for g in kept)]):.3f}")


def of_recipes(runs, which=TRAINED):
    """What each way to train changes, over the sets, and on how many of them it was kept."""
    for recipe in RECIPES + FROM_SCRATCH:
        own = [run for run in runs if tuple(run[0]["recipe"]) == recipe]
        if own:
            change = [[run[which][k] - run[0][k] for run in own] for k in SCORES]
            yield (f"`{recipe[0]}`", f"`{recipe[1]}`", f"{recipe[2]:g}", recipe[3],
                   *(f"{v:+.3f}" for c in change for v in (statistics.mean(c), min(c))), sum(auto(*run) is not run[0] for run in own))


def of_anew(runs):
    """How the trained networks stand to the start whose features are whitened anew."""
    print(f"\npretrained, features whitened anew: {len(runs)} runs")
    table(("method", "optimiser", "rate", "epochs", *(h for t in SCORES.values() for h in (f"mean change of {t}", "worst"))),
          dict.fromkeys(row[:-1] for row in of_recipes(runs, ANEW)))
    for score, title in SCORES.items():
        table((title, "start", "worst", "median", "best", f"above the start by > {NOISE}", f"below by > {NOISE}"),
              [trained_networks(name, r, score, ANEW) for name, r in of_sets(runs).items()])


def held_out(runs, score):
    """For each set, the criterion with the least regret and the product that is worth most on the other sets, and their regret here."""
    for name, own in of_sets(runs).items():
        rest = [r for r in runs if r[0]["set"] != name]
        if rest:
            criterion = min(CRITERIA, key=lambda k: regret(RULES[k], rest, score))
            best = max(PRODUCTS, key=lambda k: worth(PRODUCTS[k], rest, SCORES))
            yield (name, *(f"{k}: {regret(rules[k], own, score):.4f}" for k, rules in ((criterion, RULES), (best, PRODUCTS))),
                   *(f"{regret(RULES[k], own, score):.4f}" for k in ("auto", "earlier", "start", "trained")))


def report(o):
    rows = [json.loads(line) for line in pathlib.Path(o.file).read_text().splitlines()]
    runs = [list(g) for _, g in itertools.groupby(rows, lambda r: (r["set"], r["recipe"]))]
    groups = {"pretrained": [r for r in runs if not r[0]["set"].startswith("scratch")],
              "from scratch": [r for r in runs if r[0]["set"].startswith("scratch")]}
    of_anew(groups["pretrained"])
    for what, own in groups.items():
        if not own:
            continue
        sets = list(of_sets(own))
        print(f"\n{what}: {len(own)} runs:", *(f"{s} {len(r)}" for s, r in of_sets(own).items()))
        table(("method", "optimiser", "rate", "epochs", *(h for t in SCORES.values() for h in (f"mean change of {t}", "worst")), "kept on"),
              dict.fromkeys(of_recipes(own)))
        for score, title in SCORES.items():
            table((title, "start", "trained: worst", "median", "best", f"above the start by > {NOISE}", f"below by > {NOISE}"),
                  [trained_networks(name, r, score) for name, r in of_sets(own).items()])
            table((f"Kendall's tau with {title}", *sets, "mean"),
                  [(f"`{k}`", *(f"{t:+.2f}" for t in (*v, sum(v) / len(v)))) for k in CRITERIA for v in [list(taus(k, own, score))]])
            table((f"rule, by {title}", "keeps the trained one", "mean change", "worst", "below the start", f"by > {NOISE}",
                   f"by > {2 * NOISE}", "mean regret"), [of_rule(rule, own, score) for rule in RULES])
            table((f"`auto`, by {title}", "runs", "kept the trained one", f"better by > {NOISE}", "worse", "kept the start", "better",
                   "worse", "loses at most"), [of_auto(name, r, score) for name, r in (*of_sets(own).items(), ("all", own))])
            table((f"left out, regret in {title}", "best criterion elsewhere", "best product elsewhere", "auto", "earlier", "start",
                    "trained"),
                  list(held_out(own, score)))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = p.add_subparsers(dest="what", required=True)
    m = sub.add_parser("measure")
    m.add_argument("--program", required=True)
    m.add_argument("--sets", required=True, help="NAME=ZIP,...; a name that begins with scratch is trained from scratch")
    m.add_argument("--out", required=True)
    r = sub.add_parser("report")
    r.add_argument("file")
    o = p.parse_args()
    {"measure": measure, "report": report}[o.what](o)


if __name__ == "__main__":
    main()
