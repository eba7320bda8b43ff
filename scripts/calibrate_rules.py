"""The rules that calibrate.py compares: each takes a start, a trained network and, from pretrained weights, that with its features
whitened anew, with their criteria, and gives the one to keep."""
import itertools
import math

CRITERIA = {"pooled_rank": 1, "rank": 1, "neighbour_overlap": 1, "cluster_stability": 1, "lidar": 1, "hubness": -1}
MARGIN = 0.01  # by which the start must be beaten, of its own value; as the program's
PROVEN = ("mutual",)  # methods whose trained backbone is kept, its features whitened anew, unless the embedding lost directions
DIRECTIONS = 0.75  # of the start's, that it must use; both as the program's
LOSS = 5  # how often a loss counts where products are compared with the others left out: the start is not to be fallen below


def by_criterion(key):
    """The network with the better value; the start unless it is beaten by the margin."""
    def choose(start, trained, *_):
        return trained if CRITERIA[key] * (trained[key] - start[key]) > MARGIN * abs(start[key]) else start
    return choose


def product(keys):
    """The network with the larger product; the start wins ties."""
    def choose(start, trained, *_):
        return trained if math.prod(trained[k] for k in keys) > math.prod(start[k] for k in keys) else start
    return choose


both = product(("rank", "neighbour_overlap"))


def auto(start, trained, *anew):
    """What `--result auto` keeps (engine/criteria/choose.go)."""
    if start["set"].startswith("scratch"):
        return by_criterion("pooled_rank")(start, trained)
    if start["recipe"][0] in PROVEN:
        return anew[0] if trained["rank"] > DIRECTIONS * start["rank"] else start
    return both(start, trained)


def earlier(start, trained, *_):
    """What it kept at first: by both ranks, of which half were enough from scratch."""
    pooled, rank = (0.5, 0.5) if start["set"].startswith("scratch") else (1 + MARGIN, 1)
    wins = trained["pooled_rank"] > pooled * start["pooled_rank"] and trained["rank"] > rank * start["rank"]
    return trained if wins else start


def three_of_four(start, trained, *_):
    """The trained network if it is better in 3 of the 4 criteria that are no rank, and the features keep half of theirs."""
    wins = sum(sign * trained[k] > sign * start[k] for k, sign in CRITERIA.items() if "rank" not in k)
    return trained if wins >= 3 and trained["pooled_rank"] >= start["pooled_rank"] / 2 else start


RULES = {"start": lambda start, *_: start, "trained": lambda _, trained, *anew: trained, "auto": auto, "product": both,
         "earlier": earlier, "3 of 4": three_of_four,
         **{k: by_criterion(k) for k in CRITERIA}}

# PRODUCTS are those of up to three criteria that are positive, and the start.
PRODUCTS = {"start": RULES["start"], **{" x ".join(keys): product(keys) for n in (1, 2, 3) for keys in itertools.combinations(
    ("pooled_rank", "rank", "neighbour_overlap", "lidar"), n)}}


def worth(choose, runs, scores):
    """What a rule gains over the start, losses counted LOSS times."""
    change = [choose(*run)[k] - run[0][k] for run in runs for k in scores]
    return sum(c if c > 0 else LOSS * c for c in change)
