"""Goldens of the single ops: inputs x, upstream gradients dy, results, gradients dx, dw, db."""
import torch
import torch.nn.functional as F

from goldens_case import Goldens


def exact(*shape, seed, scale=1.0):
    """float64 numbers that float32 holds exactly."""
    g = torch.Generator().manual_seed(seed)
    return (torch.randn(*shape, generator=g) * scale).double()


def f32(tensors):
    return {k: v.detach().float() if v.is_floating_point() else v for k, v in tensors.items() if v is not None}


def with_gradients(out, case, f, seed, hopeless=(), **inputs):
    """Runs f on the inputs, and backward from a random dy: {case/x, case/y, case/dy, case/dx, ...}."""
    inputs = {k: v if v is None else v.float() for k, v in inputs.items()}
    with torch.no_grad():
        dy = exact(*f(*(v if v is None else v.double() for v in inputs.values())).shape, seed=seed)

    def run(dtype, order):
        leaves = {k: v if v is None else v.to(dtype, copy=True).requires_grad_() for k, v in inputs.items()}
        y = f(*leaves.values())
        y.backward(dy.to(dtype))
        return {"y": y.detach(), **{"d" + k: v.grad for k, v in leaves.items() if v is not None}}

    out.keep(case, f32({**inputs, "dy": dy}))
    out.compute(case, run, hopeless=hopeless)


def conv():
    out, seed = Goldens(), 100
    cases = [  # name, in, out, kernel, stride, pad, height, width, bias
        ("conv1x1", 5, 7, 1, 1, 0, 6, 5, True), ("conv1x1s2", 4, 6, 1, 2, 0, 7, 6, False),
        ("conv3x3", 3, 8, 3, 1, 1, 7, 9, True), ("conv3x3nobias", 6, 5, 3, 1, 1, 5, 5, False),
        ("conv3x3s2", 5, 4, 3, 2, 1, 9, 8, True), ("conv7x7s2", 3, 6, 7, 2, 0, 17, 15, True),
        ("conv7x7s2p3nobias", 3, 4, 7, 2, 3, 13, 14, False),
    ]
    for name, i, o, k, stride, pad, h, w, bias in cases:
        seed += 10
        x, w, b = exact(2, i, h, w, seed=seed), exact(o, i, k, k, seed=seed + 1, scale=0.3), exact(o, seed=seed + 2) if bias else None
        f = lambda x, w, b: F.conv2d(x, w, b, stride, pad)
        with_gradients(out, name, f, seed + 3, x=x, w=w, b=b)
        tensors = [v if v is None else v.float() for v in (x, w, b)]
        relu = lambda dtype, order: {"relu": f(*(v if v is None else v.to(dtype) for v in tensors)).clamp_min(0)}
        out.compute(name, relu)  # the fused ReLU; its gradient is left to the caller, so that ties do not matter
    x, w = exact(2, 3, 8, 10, seed=190), exact(5, 3, 3, 3, seed=191, scale=0.3)
    with_gradients(out, "conv3x3s2same", lambda x, w: F.conv2d(F.pad(x, (0, 1, 0, 1)), w, None, 2), 193, x=x, w=w)
    return out


def depthwise():
    out, seed = Goldens(), 150
    cases = [  # name, channels, kernel, stride, pad before and after, height, width, bias
        ("3x3", 6, 3, 1, 1, 1, 7, 9, True), ("3x3s2same", 20, 3, 2, 0, 1, 8, 10, False), ("3x3s2", 5, 3, 2, 1, 1, 9, 7, True),
        ("5x5", 18, 5, 1, 2, 2, 6, 7, False), ("5x5s2same", 17, 5, 2, 1, 2, 10, 8, False), ("7x7", 19, 7, 1, 3, 3, 9, 8, True),
        ("7x7s2", 4, 7, 2, 2, 3, 13, 11, True), ("small", 16, 7, 1, 3, 3, 2, 3, True),
    ]
    for name, c, k, stride, before, after, h, w, bias in cases:
        seed += 10
        x, weights, b = exact(2, c, h, w, seed=seed), exact(c, 1, k, k, seed=seed + 1, scale=0.3), exact(c, seed=seed + 2)
        f = lambda x, w, b: F.conv2d(F.pad(x, (before, after, before, after)), w, b, stride, 0, 1, c)
        with_gradients(out, name, f, seed + 3, x=x, w=weights, b=b if bias else None)
    return out


def gemm():
    out = Goldens()
    with_gradients(out, "linear", F.linear, 204, x=exact(9, 13, seed=201), w=exact(7, 13, seed=202), b=exact(7, seed=203))
    with_gradients(out, "linearnobias", lambda x, w: F.linear(x, w), 214, x=exact(5, 33, seed=211), w=exact(17, 33, seed=212))
    with_gradients(out, "tokens", F.linear, 224, x=exact(3, 7, 13, seed=221), w=exact(11, 13, seed=222), b=exact(11, seed=223))
    return out


def batch_norm(out, case, shape, seed, spread=2.0):
    c = shape[1]
    given = f32({"running_mean": exact(c, seed=seed), "running_var": exact(c, seed=seed + 1).abs() + 0.5, "gamma": exact(c, seed=seed + 3),
                 "beta": exact(c, seed=seed + 4), "x": spread * exact(*shape, seed=seed + 2) + spread / 2,
                 "dy": exact(*shape, seed=seed + 5)})
    if spread < 1:
        given["running_var"] *= spread**2

    def run(dtype, order):
        at = {k: v.to(dtype, copy=True) for k, v in given.items()}
        leaves = [at[k].requires_grad_() for k in ("x", "gamma", "beta")]
        stats = at["running_mean"], at["running_var"]
        with torch.no_grad():
            after = F.batch_norm(leaves[0], *stats, *leaves[1:], eps=1e-5)
        y = F.batch_norm(leaves[0], *stats, *leaves[1:], training=True, momentum=0.1, eps=1e-5)
        y.backward(at["dy"])
        return {"y": y.detach(), "eval": after, **{"d" + k: v.grad for k, v in zip(("x", "gamma", "beta"), leaves, strict=True)},
                "running_mean_after": stats[0], "running_var_after": stats[1]}

    out.keep(case, given)
    out.compute(case, run)


def frozen_batch_norm(out, case, shape, seed):
    """Running statistics and affine parameters are constants, a ReLU follows; variances are so small that an epsilon of 1e-5 matters."""
    c = shape[1]
    constants = {"running_mean": exact(c, seed=seed, scale=0.01), "running_var": exact(c, seed=seed + 1, scale=1e-4).abs() + 1e-5,
                 "gamma": exact(c, seed=seed + 2), "beta": exact(c, seed=seed + 3)}
    constants = {k: v.float().double() for k, v in constants.items()}
    mean, var, gamma, beta = constants.values()
    f = lambda x: F.relu(F.batch_norm(x, mean.to(x), var.to(x), gamma.to(x), beta.to(x), eps=1e-5))
    with_gradients(out, case, f, seed + 5, x=exact(*shape, seed=seed + 4, scale=0.01))
    out.keep(case, f32(constants))


def norm():
    out = Goldens()
    batch_norm(out, "batchnorm2d", (4, 6, 5, 3), 300)
    batch_norm(out, "batchnorm1d", (11, 13), 310)
    batch_norm(out, "batchnorm_small", (3, 5, 4, 3), 330, spread=0.01)  # variances of 1e-4, where an epsilon of 1e-5 matters
    frozen_batch_norm(out, "batchnorm_frozen", (3, 7, 5, 4), 360)
    with_gradients(out, "l2", lambda x: F.normalize(x, eps=1e-12), 321, x=exact(6, 9, seed=320))
    for name, seed, shape, scale in [("layernorm", 340, (5, 3, 48), 2), ("layernorm_small", 345, (7, 19), 0.003)]:
        f = lambda x, gamma, beta: F.layer_norm(x, x.shape[-1:], gamma, beta, 1e-6)
        with_gradients(out, name, f, seed + 3, x=scale * exact(*shape, seed=seed) + scale / 2, gamma=exact(shape[-1], seed=seed + 1),
                       beta=exact(shape[-1], seed=seed + 2))
    with_gradients(out, "scale", lambda x, gamma, residual: residual + x * gamma, 353, x=exact(5, 3, 17, seed=350),
                   gamma=exact(17, seed=351), residual=exact(5, 3, 17, seed=352))
    return out


def lrn():
    out, seed = Goldens(), 350
    cases = [  # name, channels, scale of x, size, alpha, beta, k; fewer channels than a window has in "narrow"
        ("caffe", 16, 100, 5, 1e-4, 0.75, 1), ("strong", 12, 3, 5, 2, 0.75, 0.5), ("other", 7, 3, 3, 0.5, 1.25, 2),
        ("narrow", 3, 3, 9, 1, 0.75, 1),
    ]
    for name, c, scale, size, alpha, beta, k in cases:
        seed += 10
        f = lambda x: F.local_response_norm(x, size, alpha, beta, k)
        with_gradients(out, name, f, seed + 1, x=exact(2, c, 3, 4, seed=seed, scale=scale))
    return out


def pool():
    out, seed = Goldens(), 400
    cases = [  # name, height, width, kernel, stride, pad, ceil
        ("k2s2", 7, 6, 2, 2, 0, False), ("k2s2ceil", 7, 5, 2, 2, 0, True), ("k3s2", 9, 8, 3, 2, 0, False),
        ("k3s2ceil", 8, 10, 3, 2, 0, True), ("k3s2p1", 9, 8, 3, 2, 1, False), ("k3s2p1ceil", 8, 10, 3, 2, 1, True),
        ("k3s1p1", 5, 6, 3, 1, 1, False), ("k2s2p1ceil", 5, 6, 2, 2, 1, True),
    ]
    for name, h, w, k, s, p, ceil in cases:
        seed += 10
        x = exact(2, 3, h, w, seed=seed) - 1  # mostly negative: padding must not win a maximum
        with_gradients(out, "max_" + name, lambda x: F.max_pool2d(x, k, s, p, ceil_mode=ceil), seed + 1, x=x)
        with_gradients(out, "avg_" + name, lambda x: F.avg_pool2d(x, k, s, p, ceil_mode=ceil), seed + 2, x=x)
    with_gradients(out, "global", lambda x: x.mean((2, 3)), 499, x=exact(3, 5, 4, 7, seed=498))
    with_gradients(out, "amax", lambda x: x.flatten(2).amax(2), 489, x=exact(3, 5, 4, 7, seed=488) - 1)
    for name, seed, p, least in [("gem", 478, 3, 1e-6), ("gem_other", 468, 2.5, 0.1)]:
        f = lambda x: x.clamp(min=least).pow(p).mean((2, 3)).pow(1 / p)
        with_gradients(out, name, f, seed + 1, x=exact(3, 5, 4, 7, seed=seed))
    return out


def act():
    out, x = Goldens(), exact(7, 11, seed=500, scale=3)
    with_gradients(out, "relu", F.relu, 501, x=x)
    with_gradients(out, "sigmoid", torch.sigmoid, 502, x=x)
    with_gradients(out, "softmax", lambda x: x.softmax(1), 503, x=x)
    with_gradients(out, "logsumexp", lambda x: x.logsumexp(1), 504, x=x)
    # y is nearly 1 here, and float32 cannot represent dx, which depends on 1-y
    with_gradients(out, "softmaxlarge", lambda x: x.softmax(1), 505, hopeless=("dx",), x=100 * x)
    with_gradients(out, "logsumexplarge", lambda x: x.logsumexp(1), 506, x=100 * x)
    mask = (torch.rand(7, 11, generator=torch.Generator().manual_seed(507)) >= 0.6).to(torch.uint8)
    with_gradients(out, "dropout", lambda x: x * mask / (1 - 0.6), 508, x=x)
    out.keep("dropout", {"mask": mask})
    wide = exact(9, 13, seed=510, scale=3)
    for seed, (name, f) in enumerate([("gelu_erf", F.gelu), ("gelu_tanh", lambda x: F.gelu(x, approximate="tanh")),
                                      ("gelu_quick", lambda x: x * torch.sigmoid(1.702 * x)), ("relu6", F.relu6)], 511):
        with_gradients(out, name, f, seed, x=wide)
    with_gradients(out, "swiglu", lambda gate, up: F.silu(gate) * up, 516, gate=wide, up=exact(9, 13, seed=517))
    keep = (torch.rand(7, generator=torch.Generator().manual_seed(518)) >= 0.3).to(torch.uint8)
    with_gradients(out, "drop_path", lambda x: x * keep[:, None, None] / (1 - 0.3), 519, x=exact(7, 3, 5, seed=520))
    out.keep("drop_path", {"mask": keep})
    return out


def resize():
    out = Goldens()
    with_gradients(out, "upsample2", lambda x: F.interpolate(x, scale_factor=2, mode="nearest"), 601, x=exact(2, 3, 4, 5, seed=600))
    for name, seed, size, to in [("up", 610, (5, 7), (8, 11)), ("down", 620, (9, 8), (4, 5)), ("double", 630, (3, 4), (6, 8)),
                                 ("mixed", 640, (6, 3), (4, 9)), ("same", 650, (4, 5), (4, 5))]:
        f = lambda x: F.interpolate(x, size=to, mode="bilinear", align_corners=False)
        with_gradients(out, "bilinear_" + name, f, seed + 1, x=exact(2, 3, *size, seed=seed))
    bicubic(out, {"hf": lambda size, to: {"size": to}, "timm": lambda size, to: {"size": to, "antialias": True},
                  "hub": lambda size, to: {"scale_factor": tuple((t + 0.1) / s for s, t in zip(size, to, strict=True))}})
    return out


def bicubic(out, kinds):
    """Grids [H,W,D] of positions, as published code of vision transformers resizes them."""
    grids = [("dino", 660, (37, 37), (16, 16)), ("vit", 665, (14, 14), (20, 12)), ("up", 670, (5, 4), (9, 11)),
             ("down", 675, (11, 9), (4, 3))]
    for name, seed, size, to in grids:
        for kind, how in kinds.items():
            def f(x, how=how):
                y = F.interpolate(x.permute(2, 0, 1)[None], mode="bicubic", align_corners=False, **how(size, to))
                assert y.shape[2:] == to
                return y[0].permute(1, 2, 0)
            with_gradients(out, f"bicubic_{name}_{kind}", f, seed + 1, x=exact(*size, 3, seed=seed))


def tokens():
    out = Goldens()

    def assemble(x, prefix, pos, first):
        before = torch.cat([prefix[:1] + first, prefix[1:]])
        return torch.cat([before.expand(len(x), -1, -1), x + pos], 1)

    with_gradients(out, "assemble", assemble, 684, x=exact(4, 6, 10, seed=680), prefix=exact(3, 10, seed=681), pos=exact(6, 10, seed=682),
                   first=exact(1, 10, seed=683))
    return out


def distance():
    out, x, y = Goldens(), exact(9, 12, seed=700).float(), exact(7, 12, seed=701).float()
    y[0], y[1] = x[0], x[1] + 1e-4  # equal and nearly equal rows: where the GEMM form cancels
    out.keep("pairwise", {"x": x, "y": y})

    def run(dtype, order):
        a, b = x.to(dtype), y.to(dtype)
        return {"squared_l2": (a[:, None] - b[None]).square().sum(2), "cosine": F.normalize(a) @ F.normalize(b).T, "inner": a @ b.T}

    out.compute("pairwise", run)
    return out
