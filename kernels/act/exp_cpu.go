package act

import "math"

// The text of cgo/vector/activation.c in Go, with the same bits: each product is rounded, by its conversion, before it is added. It
// is for builds without C.

// within is x from [-100, 100], where each activation here has reached its limit: no product is then infinity times 0.
func within(x float32) float32 {
	if x > 100 {
		return 100
	} else if x < -100 {
		return -100
	}
	return x
}

// least is the smaller number; NaN of a is kept.
func least(a, b float32) float32 {
	if b < a {
		return b
	}
	return a
}

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

// after is a + b c, both operations rounded.
func after(a, b, c float32) float32 { return a + float32(b*c) }

// expMinus is e^-t for t from 0 to 88: 2^n e^r with a whole n and |r| <= log(2)/2.
func expMinus(t float32) float32 {
	const whole = 12582912 // 1.5 2^23: adding it rounds to a whole number, which the last bits then hold
	shifted := after(whole, t, -1.44269502)
	n := shifted - whole
	r := float32(float32(n*-0.693359375)-t) - float32(n*-2.12194442e-4)
	p := after(8.36874545e-3, r, 1.38145394e-3)
	p = after(4.16683890e-2, r, p)
	p = after(1.66665211e-1, r, p)
	p = after(4.99999940e-1, r, p)
	power := math.Float32frombits(math.Float32bits(shifted)<<23 + 0x3f800000)
	return (1 + after(r, float32(r*r), p)) * power
}

// sigmoid32 is a sigmoid of a and its derivative.
func sigmoid32(a float32) (value, slope float32) {
	e := expMinus(least(abs(a), 88))
	part := 1 / (1 + e)
	rest := e * part
	if a > 0 {
		return part, part * rest
	}
	return rest, part * rest
}

// normal32 is the normal distribution below x, and its density.
func normal32(x float32) (value, slope float32) {
	t := least(abs(x), 13.25)
	e := expMinus(float32(0.5*t) * t)
	p, q := after(3.99551988e-2, t, 4.01591742e-3), after(1.00160256e-1, t, 1.00662680e-2)
	p, q = after(1.81220472e-1, t, p), after(4.64152575e-1, t, q)
	p, q = after(4.35569197e-1, t, p), after(1.19412470, t, q)
	p, q = after(0.5, t, p), after(1.66902328, t, q)
	beyond := e * (p / after(1, t, q))
	if x > 0 {
		return 1 - beyond, 0.398942280 * e
	}
	return beyond, 0.398942280 * e
}

// geluGate32 is the factor of x in each kind of GELU, and its derivative with respect to x.
func geluGate32(x float32, kind GELUKind) (value, slope float32) {
	v := within(x)
	switch kind {
	case GELUErf:
		return normal32(x)
	case GELUTanh:
		value, slope = sigmoid32(v * after(1.59576912, float32(0.0713548163*v), v))
		return value, slope * after(1.59576912, float32(0.214064449*v), v)
	default:
		value, slope = sigmoid32(1.702 * v)
		return value, slope * 1.702
	}
}

func geluGo(y, x []float32, kind GELUKind) {
	for i, v := range x {
		value, _ := geluGate32(v, kind)
		y[i] = v * value
	}
}

func geluBackwardGo(dx, dy, x []float32, kind GELUKind) {
	for i, v := range x {
		value, slope := geluGate32(v, kind)
		dx[i] = dy[i] * after(value, within(v), slope)
	}
}

func swigluGo(y, gate, up []float32) {
	for i, v := range gate {
		value, _ := sigmoid32(v)
		y[i] = float32(v*value) * up[i]
	}
}

func swigluBackwardGo(dgate, dup, dy, gate, up []float32) {
	for i, v := range gate {
		d := dy[i]
		straight := d * up[i]
		value, slope := sigmoid32(v)
		dgate[i] = straight * after(value, within(v), slope)
		dup[i] = d * float32(v*value)
	}
}
