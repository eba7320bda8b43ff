package augment

// jitter changes the colours of x [size,size,channels] as the four pairs of colours say, one after the other (putColours).
func jitter(x []float32, channels int, colours []float32) {
	if channels != 1 && channels != 3 {
		return
	}
	for ; len(colours) > 0; colours = colours[2:] {
		switch by := colours[1]; ColourChange(colours[0]) {
		case Brightness:
			for i := range x {
				x[i] = blend(x[i], by, 0)
			}
		case Contrast:
			contrast(x, channels, by)
		case Saturation:
			for p := 0; channels == 3 && p < len(x); p += 3 {
				l := float32((1 - by) * luma(x[p], x[p+1], x[p+2]))
				x[p], x[p+1], x[p+2] = blend(x[p], by, l), blend(x[p+1], by, l), blend(x[p+2], by, l)
			}
		case Hue:
			for p := 0; channels == 3 && p < len(x); p += 3 {
				x[p], x[p+1], x[p+2] = turnHue(x[p], x[p+1], x[p+2], by)
			}
		}
	}
}

func contrast(x []float32, channels int, by float32) {
	level := func(p int) float32 { return x[p] }
	if channels == 3 {
		level = func(p int) float32 { return luma(x[3*p], x[3*p+1], x[3*p+2]) }
	}
	share := float32((1 - by) * meanOf(len(x)/channels, level))
	for i := range x {
		x[i] = blend(x[i], by, share)
	}
}

// blend is by x + share, within the range of a pixel.
func blend(x, by, share float32) float32 { return within(float32(by*x) + share) }

func within(v float32) float32 {
	if v < 0 {
		return 0
	}
	if v > 1 {
		return 1
	}
	return v
}

// turnHue is a colour of the same value and saturation in HSV as (r, g, b), its hue turned by sixths of the circle. The smallest and the
// largest of the three keep their bits, and a grey has no hue.
func turnHue(r, g, b, sixths float32) (turnedR, turnedG, turnedB float32) {
	hi, lo := max(r, g, b), min(r, g, b)
	width := hi - lo
	if width == 0 {
		return r, g, b
	}
	h := hueOf(r, g, b, hi, width) + sixths
	if h < 0 {
		h += 6
	}
	if h >= 6 { // also where a hue just below 0 has become 6
		h -= 6
	}
	sector := int(h)
	f := h - float32(sector)
	if sector%2 == 0 {
		f = 1 - f
	}
	mid := hi - float32(width*f)
	switch sector {
	case 0:
		return hi, mid, lo
	case 1:
		return mid, hi, lo
	case 2:
		return lo, hi, mid
	case 3:
		return lo, mid, hi
	case 4:
		return mid, lo, hi
	}
	return hi, lo, mid
}

// hueOf is the hue of a colour that is not grey, in sixths of the circle from -1 to 5: 0 is red, 2 green, 4 blue.
func hueOf(r, g, b, hi, width float32) float32 {
	switch hi {
	case r:
		return (g - b) / width
	case g:
		return 2 + (b-r)/width
	}
	return 4 + (r-g)/width
}
