"""Keeps goldens clear of ties: a ReLU at 0, a maximum of two equals, an arg max between two candidates.

On the other side of a tie a gradient is different, and rounding decides the side: no bound holds there.  Branches records the inputs of
the deciding ops of a run; require_clear compares the float64 run with the float32 runs, and ends the script where one is within
FACTOR times float32's error of a tie.  An op on floats that is listed neither as smooth nor as deciding ends it too.
"""
import sys

import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from goldens_orders import FACTOR, Order

EQUAL = 1e-12  # difference between equals in float64, relative to the largest number

SMOOTH = set("""
_foreach_add _foreach_add_ _foreach_addcdiv_ _foreach_addcmul_ _foreach_div_ _foreach_lerp_ _foreach_mul_ _foreach_norm _foreach_sqrt
_fused_adamw_ _fused_sgd_ _local_scalar_dense _log_softmax _log_softmax_backward_data _scaled_dot_product_flash_attention_for_cpu
_scaled_dot_product_flash_attention_for_cpu_backward _softmax _softmax_backward_data _to_copy
_unsafe_view _upsample_bicubic2d_aa _upsample_bicubic2d_aa_backward add add_ addcdiv_ addcmul_ addmm avg_pool2d avg_pool2d_backward
avg_pool3d avg_pool3d_backward bmm cat clone constant_pad_nd convolution convolution_backward copy_ detach detach_ div div_ empty
empty_like eq exp expand fill_ flip gather ge gelu gelu_backward hardtanh_backward index index_put index_select lerp_ lift_fresh
linalg_vector_norm log logsumexp masked_fill masked_fill_ max_pool2d_with_indices_backward mean mm mul mul_ native_batch_norm
native_batch_norm_backward native_layer_norm native_layer_norm_backward neg new_empty new_empty_strided new_zeros ones ones_like permute
pow reciprocal roll rsqrt rsub repeat scalar_tensor select select_backward set_ sigmoid sigmoid_backward silu silu_backward slice
slice_backward split sqrt squeeze stack sub sub_ sum t threshold_backward transpose unsqueeze upsample_bicubic2d upsample_bicubic2d_backward
upsample_bilinear2d upsample_bilinear2d_backward upsample_nearest2d upsample_nearest2d_backward view where zero_ zeros zeros_like
""".split())


class Branches(TorchDispatchMode):
    """Records the inputs of each deciding op: (its layer or name, what it decides over, its rule in DECIDING, its other arguments).
    Without gradients only the arg max decides: all other ops are continuous."""

    layer = ""  # the running layer, in a named network

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        look = DECIDING.get(name.removesuffix("_"))
        if look:
            if not torch.is_grad_enabled() and look is not in_rows:
                return func(*args, **(kwargs or {}))
            self.seen.append((f"{Branches.layer} {name}".strip(), args[0].detach().double().clone(), look, args[1:]))
        elif name not in SMOOTH and any(torch.is_tensor(v) and v.is_floating_point() for v in tree_leaves((args, kwargs))):
            sys.exit(f"goldens_ties.py: {name} is listed neither as smooth nor as deciding")
        return func(*args, **(kwargs or {}))


def named(net):
    """The network whose layers are named in messages."""
    for name, part in net.named_modules():
        if not any(part.children()):
            part.register_forward_pre_hook(lambda part, x, name=name: setattr(Branches, "layer", name))
    return net


# Each of these gives, for x of the float64 run and y of a float32 run, the distance of x from a tie, and the error of y there.


def at_zero(x, y):
    return x.abs(), (x - y).abs()


def at_bounds(x, y, low=None, high=None):
    return torch.stack([(x - b).abs() for b in (low, high) if b is not None]).amin(0), (x - y).abs()


def ahead(x, y, equal=0.0):
    """How much the largest of the last axis of x exceeds the next that is not equal, and the error of y on that."""
    largest, at = x.max(-1, keepdim=True)
    rest = lambda v: v.masked_fill(x >= largest - equal, -torch.inf).amax(-1)
    gap = largest[..., 0] - rest(x)
    return gap, (y.gather(-1, at)[..., 0] - rest(y) - gap).abs().nan_to_num(0.0)  # infinite where there is no other


def in_rows(x, y, dim=-1, *_):
    return ahead(x.movedim(dim, -1), y.movedim(dim, -1))


def in_axes(x, y, axes=(-1,), *_):
    """One axis of a maximum over some."""
    return in_rows(x, y, axes[0])


def windows(x, kernel, stride=(), padding=(0,), dilation=(1,), ceil=False):
    """The values in each window of a max-pooling, [N,C,H,W,K K], -inf outside of x; and the largest of each."""
    k, s, p = ((v if isinstance(v, int) else v[0]) for v in (kernel, stride or kernel, padding))
    y = F.max_pool2d(x, k, s, p, ceil_mode=ceil)
    padded = F.pad(x, (p, p + s + k, p, p + s + k), value=-torch.inf)
    return padded.unfold(2, k, s).unfold(3, k, s)[:, :, : y.shape[2], : y.shape[3]].flatten(4), y


def in_windows(x, y, *args):
    """Equals are handled by Last."""
    return ahead(windows(x, *args)[0], windows(y, *args)[0], EQUAL * x.abs().max())


class Last(Order):
    """Takes the last of a window's equals, while torch takes the first.

    Some values are always equal: copies of one number taken by overlapping windows of an earlier pooling, zeros behind a ReLU,
    places that all hold the mean of the same numbers.  The gradient does not depend on the choice if all results of a run are equal."""

    def max_pool(self, x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        held, y = windows(x, kernel_size, stride, padding, dilation, ceil_mode)
        last = (held.detach() >= y.detach()[..., None] - EQUAL * y.detach().abs().max()).flip(-1).to(torch.uint8).argmax(-1)
        return held.gather(-1, held.shape[-1] - 1 - last[..., None]).squeeze(-1)


DECIDING = {"relu": at_zero, "clamp": at_bounds, "clamp_min": at_bounds, "hardtanh": at_bounds,
            "max_pool2d_with_indices": in_windows, "amax": in_axes, "argmax": in_rows}


def by_channel(v, reduce):
    """The largest or smallest of each channel (axis 1 of maps); of everything, where the decision is over a row."""
    return reduce(v.transpose(0, 1).flatten(1), 1).values if v.dim() == 4 else reduce(v.flatten(), 0).values


class Clearance:
    """The float64 run's distances, and the float32 runs' errors at its decisions."""

    def __init__(self, exact):
        self.exact, self.errors = exact, [0.0] * len(exact.seen)

    def add(self, rough):
        for i, ((_, x, look, args), (_, y, *_)) in enumerate(zip(self.exact.seen, rough.seen, strict=False)):
            # a different arg max may lead to other shapes after it
            e = by_channel(look(x, y, *args)[1], torch.max) if x.shape == y.shape else torch.inf
            self.errors[i] = torch.maximum(torch.as_tensor(self.errors[i]), torch.as_tensor(e))

    def at(self, i):
        """At place i the least distance in units of the required one, below 1 where a tie is too near; the layer, the distance, and the
        required distance."""
        (name, x, look, args), e = self.exact.seen[i], torch.as_tensor(self.errors[i])
        d, wanted = by_channel(look(x, x, *args)[0], torch.min), FACTOR * e
        ratio = torch.where(wanted > 0, d / wanted, torch.where(d > 0, torch.inf, 0.0)).flatten()
        k = int(ratio.argmin())
        return ratio[k].item(), name, d.flatten()[k].item(), wanted.expand_as(d).flatten()[k].item()

    def closest(self):
        return min((self.at(i) for i in range(len(self.errors))), default=(torch.inf, "", 0.0, 0.0))

    def require(self, case):
        ratio, layer, distance, wanted = self.closest()
        if not ratio >= 1:
            sys.exit(f"{case}: {layer} lies {distance:.3g} from a tie, and {FACTOR} times float32's error there is {wanted:.3g}: "
                     "choose another seed")
        return ratio
