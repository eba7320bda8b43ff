package bench

import (
	"udml-gpu/cgo/cuda"
	"udml-gpu/kernels"
)

// roof is the most that a GPU can do in a second, reckoned from what the driver says of its clocks. 0: not known.
// Cards lower their clocks under load, so that the true figures are some per cent smaller.
type roof struct{ flops, bytes float64 }

// multipliers is what one multiprocessor multiplies and adds in one clock.
type multipliers struct {
	plain  int // float32, without tensor cores
	tensor int // tensor cores on 16-bit factors with float32 sums, dense
}

// multipliersOf is by compute capability, from the tables of NVIDIA's architecture papers. Where cards of one capability
// differ (GeForce has half the tensor rate of its professional sister), it is the faster one's.
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

// roofOf is the roof of a device at a precision: float32 costs three 16-bit products, or one without tensor cores,
// whichever is faster; tf32 has the significand of float16 and, by it, its rate.
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

// share is the least time that the work could take, as a share of seconds; 0 where the roof is not known.
func (r roof) share(flops, bytes, seconds float64) float64 {
	if r.flops == 0 || r.bytes == 0 {
		return 0
	}
	return max(flops/r.flops, bytes/r.bytes) / seconds
}

// boundBy says which of the two holds the work back.
func (r roof) boundBy(flops, bytes float64) string {
	if r.flops == 0 || r.bytes == 0 {
		return ""
	}
	if flops/r.flops > bytes/r.bytes {
		return "arithmetic"
	}
	return "memory"
}
