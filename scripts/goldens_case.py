"""The tensors of a golden file, and the error of float32 on each that was computed."""
import sys

import torch

from goldens_orders import ORDERS, Order, error, summing
from goldens_ties import Branches, Clearance, Last

MOST = 1e-2  # a float32 error that makes comparing meaningless: the case needs other inputs, or must expect it
SAME = 1e-9  # difference of two orders in float64
ROUNDED = 1e-3  # absolute: for results that are only rounding

class Goldens:
    def __init__(self):
        self.tensors, self.errors = {}, {}

    def keep(self, case, tensors):
        """Tensors given as inputs: floats are exact in float32, or are to be kept in float64."""
        self.tensors |= {f"{case}/{k}" if case else k: v for k, v in tensors.items() if v is not None}

    def compute(self, case, run, results=torch.float32, hopeless=(), measure=error, clear=True):
        """Keeps the results of run(dtype, order) in float64, and the largest float32 error of any order.  Results in hopeless cannot
        be held in float32 and get no bound; nor do those that run leaves out in float32, which it may where clear is False:
        then ties are not checked.  measure(got, want) may know a tensor's layout better than error."""
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
