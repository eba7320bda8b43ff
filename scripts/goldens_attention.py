"""Goldens of attention: queries, keys and values in columns of one array, as the layers hold them."""
import torch.nn.functional as F
from goldens_case import Goldens
from goldens_ops import exact, with_gradients


def heads_of(x, heads):
    """[N,T,D] as [N,heads,T,D/heads]."""
    return x.unflatten(2, (heads, -1)).transpose(1, 2)


def attend(q, k, v, heads, scale=None):
    y = F.scaled_dot_product_attention(*(heads_of(x, heads) for x in (q, k, v)), scale=scale)
    return y.transpose(1, 2).flatten(2)


def attention():
    out, seed = Goldens(), 1100
    cases = [  # name, images, queries, keys, heads, dim, factor of q; one key, one query, logits of some hundred
        ("plain", 2, 9, 9, 3, 5, 1), ("pool", 3, 1, 17, 2, 8, 1), ("one", 2, 4, 1, 2, 4, 1), ("cross", 1, 6, 35, 1, 64, 1),
        ("strong", 1, 7, 12, 2, 16, 40),
    ]
    for name, n, t, u, heads, d, factor in cases:
        seed += 10
        q, k, v = exact(n, t, heads * d, seed=seed) * factor, exact(n, u, heads * d, seed=seed + 1), exact(n, u, heads * d, seed=seed + 2)
        gone = ("dq", "dk") if u == 1 else ()  # 0: there is nothing that an error could be relative to
        with_gradients(out, name, lambda q, k, v: attend(q, k, v, heads), seed + 3, gone, q=q, k=k, v=v)
    return out
