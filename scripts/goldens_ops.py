"""Goldens of the single ops: inputs x, upstream gradients dy, results, gradients dx, dw, db."""
import torch
import torch.nn.functional as F


def exact(*shape, seed, scale=1.0):
    """float64 numbers that float32 holds exactly."""
    g = torch.Generator().manual_seed(seed)
    return (torch.randn(*shape, generator=g) * scale).double()


def f32(tensors):
    return {k: v.detach().float() if v.is_floating_point() else v for k, v in tensors.items()}


def with_gradients(case, f, seed, **inputs):
    """Runs f on the inputs, and back from a random dy: {case/x, case/y, case/dy, case/dx, ...}."""
    leaves = {k: v.float().double().requires_grad_() for k, v in inputs.items() if v is not None}
    y = f(*(leaves.get(k) for k in inputs))
    dy = exact(*y.shape, seed=seed)
    y.backward(dy)
    out = {"y": y, "dy": dy, **leaves, **{"d" + k: v.grad for k, v in leaves.items()}}
    return f32({f"{case}/{k}": v for k, v in out.items()})


def conv():
    out, seed = {}, 100
    cases = [  # name, in, out, kernel, stride, pad, height, width, bias
        ("conv1x1", 5, 7, 1, 1, 0, 6, 5, True), ("conv1x1s2", 4, 6, 1, 2, 0, 7, 6, False),
        ("conv3x3", 3, 8, 3, 1, 1, 7, 9, True), ("conv3x3nobias", 6, 5, 3, 1, 1, 5, 5, False),
        ("conv3x3s2", 5, 4, 3, 2, 1, 9, 8, True), ("conv7x7s2", 3, 6, 7, 2, 0, 17, 15, True),
        ("conv7x7s2p3nobias", 3, 4, 7, 2, 3, 13, 14, False),
    ]
    for name, i, o, k, stride, pad, h, w, bias in cases:
        seed += 10
        b = exact(o, seed=seed + 2) if bias else None
        f = lambda x, w, b: F.conv2d(x, w, b, stride, pad)
        out |= with_gradients(name, f, seed + 3, x=exact(2, i, h, w, seed=seed), w=exact(o, i, k, k, seed=seed + 1, scale=0.3), b=b)
        # the fused ReLU: dy passes only where y > 0
        g = lambda x, w, b: F.relu(F.conv2d(x, w, b, stride, pad))
        fused = with_gradients(name, g, seed + 3, x=out[name + "/x"].double(), w=out[name + "/w"].double(), b=b)
        out[name + "/relu"] = fused[name + "/y"]
    return out


def gemm():
    out = with_gradients("linear", F.linear, 204, x=exact(9, 13, seed=201), w=exact(7, 13, seed=202), b=exact(7, seed=203))
    f = lambda x, w: F.linear(x, w)
    return out | with_gradients("linearnobias", f, 214, x=exact(5, 33, seed=211), w=exact(17, 33, seed=212))


def batch_norm(case, shape, seed):
    c = shape[1]
    mean, var = exact(c, seed=seed), (exact(c, seed=seed + 1).abs() + 0.5).float().double()
    x, gamma, beta = 2 * exact(*shape, seed=seed + 2) + 1, exact(c, seed=seed + 3), exact(c, seed=seed + 4)
    after = mean.clone(), var.clone()
    f = lambda x, gamma, beta: F.batch_norm(x, *after, gamma, beta, training=True, momentum=0.1, eps=1e-5)
    out = with_gradients(case, f, seed + 5, x=x, gamma=gamma, beta=beta)
    out |= f32({f"{case}/running_mean": mean, f"{case}/running_var": var,
                f"{case}/running_mean_after": after[0], f"{case}/running_var_after": after[1]})
    out[f"{case}/eval"] = F.batch_norm(x.float().double(), mean, var, gamma, beta, eps=1e-5).float()
    return out


def norm():
    out = batch_norm("batchnorm2d", (4, 6, 5, 3), 300) | batch_norm("batchnorm1d", (11, 13), 310)
    out |= with_gradients("l2", lambda x: F.normalize(x, eps=1e-12), 321, x=exact(6, 9, seed=320))
    return out


def lrn():
    out, seed = {}, 350
    cases = [  # name, channels, scale of x, size, alpha, beta, k; fewer channels than a window has in "narrow"
        ("caffe", 16, 100, 5, 1e-4, 0.75, 1), ("strong", 12, 3, 5, 2, 0.75, 0.5), ("other", 7, 3, 3, 0.5, 1.25, 2), ("narrow", 3, 3, 9, 1, 0.75, 1),
    ]
    for name, c, scale, size, alpha, beta, k in cases:
        seed += 10
        f = lambda x: F.local_response_norm(x, size, alpha, beta, k)
        out |= with_gradients(name, f, seed + 1, x=exact(2, c, 3, 4, seed=seed, scale=scale))
    return out


def pool():
    out, seed = {}, 400
    cases = [  # name, height, width, kernel, stride, pad, ceil
        ("k2s2", 7, 6, 2, 2, 0, False), ("k2s2ceil", 7, 5, 2, 2, 0, True), ("k3s2", 9, 8, 3, 2, 0, False),
        ("k3s2ceil", 8, 10, 3, 2, 0, True), ("k3s2p1", 9, 8, 3, 2, 1, False), ("k3s2p1ceil", 8, 10, 3, 2, 1, True),
        ("k3s1p1", 5, 6, 3, 1, 1, False), ("k2s2p1ceil", 5, 6, 2, 2, 1, True),
    ]
    for name, h, w, k, s, p, ceil in cases:
        seed += 10
        x = exact(2, 3, h, w, seed=seed) - 1  # mostly negative: padding must not win a maximum
        out |= with_gradients("max_" + name, lambda x: F.max_pool2d(x, k, s, p, ceil_mode=ceil), seed + 1, x=x)
        out |= with_gradients("avg_" + name, lambda x: F.avg_pool2d(x, k, s, p, ceil_mode=ceil), seed + 2, x=x)
    return out | with_gradients("global", lambda x: x.mean((2, 3)), 499, x=exact(3, 5, 4, 7, seed=498))


def act():
    x = exact(7, 11, seed=500, scale=3)
    out = with_gradients("relu", F.relu, 501, x=x) | with_gradients("sigmoid", torch.sigmoid, 502, x=x)
    out |= with_gradients("softmax", lambda x: x.softmax(1), 503, x=x)
    out |= with_gradients("logsumexp", lambda x: x.logsumexp(1), 504, x=x)
    out |= with_gradients("softmaxlarge", lambda x: x.softmax(1), 505, x=100 * x)
    out |= with_gradients("logsumexplarge", lambda x: x.logsumexp(1), 506, x=100 * x)
    mask = (torch.rand(7, 11, generator=torch.Generator().manual_seed(507)) >= 0.6).to(torch.uint8)
    out |= with_gradients("dropout", lambda x: x * mask / (1 - 0.6), 508, x=x)
    out["dropout/mask"] = mask
    return out


def resize():
    out = with_gradients("upsample2", lambda x: F.interpolate(x, scale_factor=2, mode="nearest"), 601, x=exact(2, 3, 4, 5, seed=600))
    for name, seed, size, to in [("up", 610, (5, 7), (8, 11)), ("down", 620, (9, 8), (4, 5)), ("double", 630, (3, 4), (6, 8)),
                                 ("mixed", 640, (6, 3), (4, 9)), ("same", 650, (4, 5), (4, 5))]:
        f = lambda x: F.interpolate(x, size=to, mode="bilinear", align_corners=False)
        out |= with_gradients("bilinear_" + name, f, seed + 1, x=exact(2, 3, *size, seed=seed))
    return out


def distance():
    x, y = exact(9, 12, seed=700), exact(7, 12, seed=701)
    y[0], y[1] = x[0], (x[1] + 1e-4).float().double()  # equal and nearly equal rows: where the GEMM form cancels
    return f32({"pairwise/x": x, "pairwise/y": y, "pairwise/squared_l2": (x[:, None] - y[None]).square().sum(2),
                "pairwise/cosine": F.normalize(x) @ F.normalize(y).T, "pairwise/inner": x @ y.T})


def steps(case, make, seed, count=5):
    """Parameters after each of five steps with given gradients."""
    p = exact(3, 5, seed=seed).requires_grad_()
    out, opt = {f"{case}/p0": p.detach().clone()}, make([p])
    for i in range(count):
        p.grad = exact(3, 5, seed=seed + 1 + i)
        out[f"{case}/g{i + 1}"] = p.grad.clone()
        opt.step()
        out[f"{case}/p{i + 1}"] = p.detach().clone()
    return f32(out)


def clipped(case, shapes, most, seed):
    """Gradients of several parameters before and after clip_grad_norm_, and their norm."""
    params = [torch.zeros(s, dtype=torch.float64, requires_grad=True) for s in shapes]
    for i, p in enumerate(params):
        p.grad = exact(*p.shape, seed=seed + i)
    out = {f"{case}/g{i}": p.grad.clone() for i, p in enumerate(params)} | {f"{case}/most": torch.tensor([most])}
    out[f"{case}/norm"] = torch.nn.utils.clip_grad_norm_(params, most).reshape(1)
    return f32(out | {f"{case}/c{i}": p.grad for i, p in enumerate(params)})


def update():
    sgd, adamw, out = torch.optim.SGD, torch.optim.AdamW, {}
    for i, (name, make) in enumerate([
        ("sgd", lambda p: sgd(p, 0.1)), ("sgd_momentum", lambda p: sgd(p, 0.1, momentum=0.9)),
        ("sgd_nesterov", lambda p: sgd(p, 0.1, momentum=0.9, nesterov=True)),
        ("sgd_dampening", lambda p: sgd(p, 0.1, momentum=0.9, dampening=0.3)),
        ("sgd_decay", lambda p: sgd(p, 0.1, weight_decay=0.05)),
        ("sgd_all", lambda p: sgd(p, 0.1, momentum=0.8, nesterov=True, weight_decay=0.05)),
        ("adamw", lambda p: adamw(p, 0.01, weight_decay=0.0)), ("adamw_decay", lambda p: adamw(p, 0.01, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.1)),
    ]):
        out |= steps(name, make, 800 + 10 * i)
    shapes = [(3, 5), (7,), (4, 2, 3, 3)]
    return out | clipped("clip", shapes, 2.0, 880) | clipped("clip_long", shapes, 1e3, 880)
