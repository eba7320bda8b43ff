"""Float32 in several orders of summation, from which the bounds of the float32 comparisons are derived.

A case is computed in float64, which is the golden, and in float32 in each order below.  The largest error of any order, relative
to the tensor's largest element, is stored in the golden file for each tensor; a test allows FACTOR times as much, and at least FLOOR.

FACTOR: the rounding errors of a sum of n terms add up like a random walk, so that the error of a sum in one row is up to 4 times (the
square root of 16 lanes, AVX-512's) that of the same sum over vector lanes; and the largest of a few hundred such errors, of which
ORDERS draws a handful, is within 2 times that of another draw.  FLOOR: where torch's own float32 is exact, or nearly, another
implementation may still round an input's coefficient, a factor, a product and the result.
"""
import contextlib
import math

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

FACTOR = 8
FLOOR = 4 * 2.0**-24
PIECES = 16  # number of parts of a sequential sum


class Order(TorchFunctionMode):
    """Torch's own order; the others override the ops that sum."""

    onednn, threads, optimizer = True, 1, {"foreach": False}

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = METHODS.get(func)
        return getattr(self, name, func)(*args, **(kwargs or {})) if name else func(*args, **(kwargs or {}))


class TwoThreads(Order):
    threads, optimizer = 2, {"foreach": True}


class WithoutOneDNN(Order):
    onednn, optimizer = False, {"fused": True}


class ChannelsLast(Order):
    def conv(self, x, *args):
        return torch.conv2d(x.contiguous(memory_format=torch.channels_last), *args)


class Shuffled(Order):
    """Channels, images and sides of a map in another order, undone afterwards."""

    def __init__(self, seed):
        super().__init__()
        self.generator, self.onednn = torch.Generator().manual_seed(seed), seed % 2 == 0

    def order(self, n):
        return torch.randperm(n, generator=self.generator)

    def conv(self, x, w, b=None, stride=1, padding=0, *args):
        n, i, o = self.order(x.shape[0]), self.order(x.shape[1]), self.order(w.shape[0])
        flip = lambda v: tuple(reversed(v)) if isinstance(v, (tuple, list)) else v
        if args[1:] and args[1] > 1:  # as many groups as channels: each has its own filter
            y = torch.conv2d(x[n][:, o].mT, w[o].mT, None if b is None else b[o], flip(stride), flip(padding), *args)
            return y.mT[:, o.argsort()][n.argsort()]
        y = torch.conv2d(x[n][:, i].mT, w[o][:, i].mT, None if b is None else b[o], flip(stride), flip(padding), *args)
        return y.mT[:, o.argsort()][n.argsort()]

    def product(self, x, y):
        k, m = self.order(x.shape[-1]), self.order(x.shape[0])
        return (x[m][..., k] @ y[k])[m.argsort()]

    def linear(self, x, w, b=None):
        y = self.product(x, w.T)
        return y if b is None else y + b

    def batch_norm(self, x, *args, **kwargs):
        n = self.order(len(x))
        return F.batch_norm(x[n], *args, **kwargs)[n.argsort()]

    def add_up(self, x, *args, **kwargs):
        return torch.sum(x.flip(*range(x.dim())), *args, **kwargs) if not args and not kwargs else flipped(torch.sum, x, *args, **kwargs)

    def average(self, x, *args, **kwargs):
        return torch.mean(x.flip(*range(x.dim())), *args, **kwargs) if not args and not kwargs else flipped(torch.mean, x, *args, **kwargs)

    def logsumexp(self, x, *args, **kwargs):
        return flipped(torch.logsumexp, x, *args, **kwargs)

    def softmax(self, x, dim):
        return x.flip(dim).softmax(dim).flip(dim)

    def log_softmax(self, x, dim):
        return x.flip(dim).log_softmax(dim).flip(dim)

    def lrn(self, x, *args, **kwargs):
        return F.local_response_norm(x.flip(1), *args, **kwargs).flip(1)  # a window of an odd size is the same from either end


def flipped(reduce, x, dim, **kwargs):
    dims = (dim,) if isinstance(dim, int) else tuple(dim)
    return reduce(x.flip(dims), dim, **kwargs)


class Sequential(Order):
    """Sums over one axis part by part: 0 images, whose parts are added in a weight's gradient; 1 inputs; 2 outputs, over which dx sums.
    Batch norms are written out, in float32 throughout; torch sums theirs in float64."""

    def __init__(self, axis):
        super().__init__()
        self.axis = axis

    def conv(self, x, w, b=None, *args):
        cut = lambda v, axis: v.tensor_split(min(PIECES, v.shape[axis]), axis)
        if self.axis == 0:
            return torch.cat([torch.conv2d(p, w, b, *args) for p in cut(x, 0)])
        if args[3:] and args[3] > 1:
            return biased(by_rows(x, w, *args), b)
        if self.axis == 2:
            return biased(torch.cat([torch.conv2d(x, p, None, *args) for p in cut(w, 0)], 1), b)
        return biased(in_sequence(torch.conv2d(p, q, None, *args) for p, q in zip(cut(x, 1), cut(w, 1), strict=True)), b)

    def product(self, x, y):
        n = min(PIECES, x.shape[-1])
        return in_sequence(p @ q for p, q in zip(x.tensor_split(n, -1), y.tensor_split(n, 0), strict=True))

    def linear(self, x, w, b=None):
        y = self.product(x, w.T)
        return y if b is None else y + b

    def batch_norm(self, x, mean, var, weight, bias, training=False, momentum=0.1, eps=1e-5):
        if not training:
            return F.batch_norm(x, mean, var, weight, bias, training, momentum, eps)
        rows, shape = x.numel() // x.shape[1], [1, -1] + [1] * (x.dim() - 2)
        total = lambda v: in_sequence(v.transpose(0, 1).flatten(1).T.tensor_split(min(PIECES, rows)), lambda p: p.sum(0))
        m = total(x) / rows
        v = total((x - m.view(shape)) ** 2) / rows
        with torch.no_grad():
            mean.lerp_(m, momentum)
            var.lerp_(v * (rows / (rows - 1)), momentum)
        y = (x - m.view(shape)) * (v + eps).rsqrt().view(shape)
        return y * weight.view(shape) + bias.view(shape)

    def add_up(self, x, *args, **kwargs):
        return torch.sum(x, *args, **kwargs) if args or kwargs else self.whole(x)

    def average(self, x, *args, **kwargs):
        return torch.mean(x, *args, **kwargs) if args or kwargs else self.whole(x) / x.numel()

    def whole(self, x):
        return in_sequence(x.flatten().tensor_split(min(PIECES, x.numel())), lambda p: p.sum())


def biased(y, b):
    return y if b is None else y + b.view(1, -1, 1, 1)


def by_rows(x, w, stride, padding, dilation, groups):
    """A convolution in groups, one row of the kernel after the other."""
    one = lambda v: v if isinstance(v, int) else v[0]
    x, step = F.pad(x, [one(padding)] * 4), one(stride)
    span = (x.shape[2] - w.shape[2]) // step * step + 1
    row = lambda p: torch.conv2d(x[:, :, p : p + span], w[:, :, p : p + 1], None, stride, 0, dilation, groups)
    return in_sequence(row(p) for p in range(w.shape[2]))


def in_sequence(parts, of=lambda p: p):
    total = None
    for p in parts:
        total = of(p) if total is None else total + of(p)
    return total


METHODS = {
    torch.conv2d: "conv", F.linear: "linear", torch.matmul: "product", torch.Tensor.matmul: "product", torch.Tensor.__matmul__: "product",
    F.batch_norm: "batch_norm", torch.Tensor.sum: "add_up", torch.Tensor.mean: "average", torch.Tensor.logsumexp: "logsumexp",
    torch.Tensor.softmax: "softmax", torch.Tensor.log_softmax: "log_softmax", F.local_response_norm: "lrn", torch.max_pool2d: "max_pool",
}
ORDERS = [Order, TwoThreads, WithoutOneDNN, ChannelsLast,
          *(lambda s=s: Shuffled(s) for s in range(4)), *(lambda a=a: Sequential(a) for a in range(3))]


@contextlib.contextmanager
def summing(order):
    """Computes in that order inside the with statement.  NNPACK is disabled: its convolutions are Winograd's, a different sum and not just
    a different order, with 40 times the error."""
    threads = torch.get_num_threads()
    torch.set_num_threads(order.threads)
    with torch.backends.mkldnn.flags(enabled=order.onednn, allow_tf32=None), torch.backends.nnpack.flags(enabled=False), order:
        yield order
    torch.set_num_threads(threads)


def error(name, got, want):
    """The largest error relative to the largest element, as the Go tests measure it."""
    largest = want.abs().max().item()
    off = (got.double() - want).abs().max().item()
    assert math.isfinite(off), "float32 is not finite"
    return off / largest if off else 0.0
