package augment

// view is the work of one Affine or Centre call.
type view struct {
	dst           []float32
	src           []uint8
	h, w, c, size int
	level         *[256]float32 // the value of each byte
}

// plain and inverted are the two tables of levels: byte b as b/255 and as (255-b)/255.
var plain, inverted = levelTables()

func levelTables() (p, i [256]float32) {
	for b := range 256 {
		p[b] = float32(b) / 255
		i[255-b] = p[b]
	}
	return p, i
}

func levels(invert bool) *[256]float32 {
	if invert {
		return &inverted
	}
	return &plain
}

// affineLoop is the reference, and serves channel counts that have no loop of their own. Here and below, the conversions
// keep products from being fused with sums, so that all machines and GPUs see the same positions.
func (v *view) affineLoop(m [6]float64) {
	for i := range v.size * v.size {
		x, y := float64(i%v.size), float64(i/v.size)
		v.pixel(v.dst[i*v.c:], float64(m[0]*x)+(float64(m[1]*y)+m[2]), float64(m[3]*x)+(float64(m[4]*y)+m[5]))
	}
}

// pixel writes the channels of one output pixel that shows the source at (sx, sy).
func (v *view) pixel(out []float32, sx, sy float64) {
	p := v.tap(sx, sy)
	for c := range v.c {
		top := mix(v.level[v.src[p.a+c]], v.level[v.src[p.b+c]], p.fx)
		bottom := mix(v.level[v.src[p.c+c]], v.level[v.src[p.d+c]], p.fx)
		out[c] = mix(top, bottom, p.fy)
	}
}

// taps are the four source pixels around a position, as offsets into src, and the weights of the right and lower ones.
type taps struct {
	a, b, c, d int
	fx, fy     float32
}

// tap clamps a source position into the image, so that edge pixels are repeated outside, and finds its four pixels.
func (v *view) tap(sx, sy float64) taps {
	sx, sy = clamp(sx, float64(v.w-1)), clamp(sy, float64(v.h-1))
	x, y := int(sx), int(sy)
	right, down := 0, 0
	if x+1 < v.w {
		right = v.c
	}
	if y+1 < v.h {
		down = v.w * v.c
	}
	a := (y*v.w + x) * v.c
	return taps{a, a + right, a + down, a + down + right, float32(sx - float64(x)), float32(sy - float64(y))}
}

// clamp is v within [0, hi]. The comparison is turned so that a NaN becomes 0 and never an index.
func clamp(v, hi float64) float64 {
	if !(v > 0) {
		return 0
	}
	if v > hi {
		return hi
	}
	return v
}

// mix is a at f = 0, exactly, and b at f = 1, up to rounding.
func mix(a, b, f float32) float32 { return a + float32(f*(b-a)) }

// affineRGB is affineLoop for three channels: inside the image the four pixels lie side by side and need no clamping.
func (v *view) affineRGB(m [6]float64) {
	dst, src, level, row := v.dst, v.src, v.level, 3*v.w
	right, bottom := float64(v.w-1), float64(v.h-1)
	for y := range v.size {
		bx, by := float64(m[1]*float64(y))+m[2], float64(m[4]*float64(y))+m[5]
		for x := range v.size {
			sx, sy := float64(m[0]*float64(x))+bx, float64(m[3]*float64(x))+by
			out := dst[:3]
			dst = dst[3:]
			if !(sx >= 0 && sy >= 0 && sx < right && sy < bottom) {
				v.pixel(out, sx, sy)
				continue
			}
			ix, iy := int(sx), int(sy)
			fx, fy := float32(sx-float64(ix)), float32(sy-float64(iy))
			at := iy*row + 3*ix
			a, b := src[at:at+6], src[at+row:at+row+6]
			out[0] = mix(mix(level[a[0]], level[a[3]], fx), mix(level[b[0]], level[b[3]], fx), fy)
			out[1] = mix(mix(level[a[1]], level[a[4]], fx), mix(level[b[1]], level[b[4]], fx), fy)
			out[2] = mix(mix(level[a[2]], level[a[5]], fx), mix(level[b[2]], level[b[5]], fx), fy)
		}
	}
}

// affineGrey is affineRGB for one channel.
func (v *view) affineGrey(m [6]float64) {
	src, level, right, bottom := v.src, v.level, float64(v.w-1), float64(v.h-1)
	for y := range v.size {
		bx, by := float64(m[1]*float64(y))+m[2], float64(m[4]*float64(y))+m[5]
		out := v.dst[y*v.size : (y+1)*v.size]
		for x := range out {
			sx, sy := float64(m[0]*float64(x))+bx, float64(m[3]*float64(x))+by
			if !(sx >= 0 && sy >= 0 && sx < right && sy < bottom) {
				v.pixel(out[x:], sx, sy)
				continue
			}
			ix, iy := int(sx), int(sy)
			fx, fy := float32(sx-float64(ix)), float32(sy-float64(iy))
			at := iy*v.w + ix
			a, b := src[at:at+2], src[at+v.w:at+v.w+2]
			out[x] = mix(mix(level[a[0]], level[a[1]], fx), mix(level[b[0]], level[b[1]], fx), fy)
		}
	}
}

// wholePixels recognises a crop, mirrored or not, that lies inside the image: it needs no interpolation. x and y are
// its first column and row. Half of all views of photos are such.
func (v *view) wholePixels(m [6]float64) (x, y int, mirrored, ok bool) {
	if (m[0] != 1 && m[0] != -1) || m[1] != 0 || m[3] != 0 || m[4] != 1 {
		return 0, 0, false, false
	}
	left := m[2]
	if m[0] < 0 {
		left -= float64(v.size - 1)
	}
	inside := left >= 0 && left <= float64(v.w-v.size) && m[5] >= 0 && m[5] <= float64(v.h-v.size)
	if !inside || left != float64(int(left)) || m[5] != float64(int(m[5])) {
		return 0, 0, false, false
	}
	return int(left), int(m[5]), m[0] < 0, true
}

// copyCrop copies the crop whose first column and row are x0 and y0.
func (v *view) copyCrop(x0, y0 int, mirrored bool) {
	row := v.size * v.c
	for y := range v.size {
		from := ((y0+y)*v.w + x0) * v.c
		src, dst := v.src[from:from+row], v.dst[y*row:(y+1)*row]
		if !mirrored {
			for i, b := range src {
				dst[i] = v.level[b]
			}
			continue
		}
		for x := 0; x < row; x += v.c {
			for c := range v.c {
				dst[row-v.c-x+c] = v.level[src[x+c]]
			}
		}
	}
}
