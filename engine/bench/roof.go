package bench

import (
	"udml-gpu/cgo/cuda"
	"udml-gpu/kernels"
)

// roof is the most that a GPU can do in a second, computed from the clocks that the driver reports. 0: not known.
// Cards lower their clocks under load, so the true figures are some per cent smaller.
type roof struct{ flops, bytes float64 }

// multipliers is the number of multiply-adds of one multiprocessor in one clock.
type multipliers struct {
	plain  int // float32, without tensor cores
	tensor int // tensor cores on 16-bit factors with float32 sums, dense
}

// multipliersOf is the rate of a compute capability, from the tables of NVIDIA's architecture papers; zero if unknown.
// Where cards of one capability differ (GeForce cards have half the tensor rate of professional ones) it is the faster.
func multipliersOf(major, minor int) multipliers {
	switch {
	case major == 8 && minor == 0: // A100
		return multipliers{64, 1024}
	case major == 8: // Ampere and Ada workstation cards
		return multipliers{128, 512}
	case major == 9: // H100, H200
		return multipliers{128, 2048}
	case major == 10: // B200
		return multipliers{128, 4096}
	case major == 12: // Blackwell workstation cards
		return multipliers{128, 512}
	}
	return multipliers{}
}

// roofOf is the roof of a device at a precision. A float32 product costs three 16-bit products on tensor cores or one
// without them, whichever is faster; tf32 has the significand of float16 and is therefore given its rate.
func roofOf(i cuda.Info, p kernels.Precision) roof {
	m := multipliersOf(i.Major, i.Minor)
	rate := float64(m.tensor)
	if p == kernels.FP32 {
		rate = max(rate/3, float64(m.plain))
	}
	const perMultiplier, perClock = 2, 2 // a multiplication and an addition; memory moves data on both edges
	return roof{
		flops: perMultiplier * rate * float64(i.Multiprocessors) * float64(i.ClockKHz) * 1e3,
		bytes: perClock * float64(i.MemoryClockKHz) * 1e3 * float64(i.MemoryBusBits) / 8,
	}
}

// share is the shortest time that the work could take divided by seconds; 0 where the roof is not known.
func (r roof) share(flops, bytes, seconds float64) float64 {
	if r.flops == 0 || r.bytes == 0 {
		return 0
	}
	return max(flops/r.flops, bytes/r.bytes) / seconds
}

// boundBy is "arithmetic" or "memory", whichever limits the work; "" where the roof is not known.
func (r roof) boundBy(flops, bytes float64) string {
	if r.flops == 0 || r.bytes == 0 {
		return ""
	}
	if flops/r.flops > bytes/r.bytes {
		return "arithmetic"
	}
	return "memory"
}
