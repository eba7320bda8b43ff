"""The tensors of a golden file, and what float32 is off by on each that was computed."""
import sys

import torch

from goldens_orders import ORDERS, Order, error, summing
from goldens_ties import Branches, Clearance, Last

MOST = 1e-2  # an error of float32 that leaves nothing to compare: the case needs other inputs, or says that it expects it
SAME = 1e-9  # results of two orders in float64
ROUNDED = 1e-3  # absolute: of results that are nothing but rounding

class Goldens:
    def __init__(self):
        self.tensors, self.errors = {}, {}

    def keep(self, case, tensors):
        """Tensors that are given, such as inputs: floats are exact in float32, or are wanted in float64."""
        self.tensors |= {f"{case}/{k}" if case else k: v for k, v in tensors.items() if v is not None}

    def compute(self, case, run, results=torch.float32, hopeless=(), measure=error, clear=True):
        """Keeps what run(dtype, order) gives in float64, and the largest error in float32 of any order.  hopeless are those results
        that float32 cannot hold, which get no bound; nor does what run leaves out in float32, which it may where clear is False:
        then ties are not looked for.  measure(got, want) may know a tensor's layout better than error."""
        with Branches() as exact:
            want = run(torch.float64, Order())
        if clear:
            self.same_by_any_equal(case, run, want)
        clearance, errors = Clearance(exact), {}
        for make in ORDERS:
            with summing(make()) as order, Branches() as rough:
                got = run(torch.float32, order)
            if clear:
                clearance.add(rough)
            for k, v in got.items():
                if v.is_floating_point() and k not in hopeless:
                    errors[k] = max(errors.get(k, 0.0), measure(k, v, want[k]))
        ratio = clearance.require(case) if clear else 0.0
        self.bounded(case, errors)
        self.keep(case, {k: v.to(results) if v.is_floating_point() else v for k, v in want.items()})
        return want, ratio, max(errors.values(), default=0.0)

    def same_by_any_equal(self, case, run, want):
        with Last():
            other = run(torch.float64, Order())
        for k, w in want.items():
            if w.is_floating_point() and not (other[k] - w).abs().max() <= SAME * w.abs().max() + SAME * ROUNDED:
                sys.exit(f"{case}: {k} depends on which of two equal numbers a pooling takes: choose another seed")

    def bounded(self, case, errors):
        for k, e in errors.items():
            if e > MOST:
                sys.exit(f"{case}: float32 is off by {e:.2g} of the largest element of {k}: choose another seed")
            self.errors[f"{case}/{k}" if case else k] = e
