// Package rope holds rotary position embeddings of image patches, as DINOv3 has them (Siméoni et al., "DINOv3", 2025, section 3.2; Su et
// al., "RoFormer: enhanced transformer with rotary position embedding", 2021).
package rope

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// Table fills cos and sin, [H W, d/2] each, for heads of d columns, d a multiple of 4. The angles of the patch in row r and column c of
// the grid are, for i < d/4 and periods base^(4i/d):
//
//	2 pi y / period[i], and from column d/4 on 2 pi x / period[i], with y = 2 (r+0.5)/H - 1, x = 2 (c+0.5)/W - 1
//
// float32 or float64, computed in float64: transformers' DINOv3ViTRopePositionEmbedding, whose tables have these columns twice. H, W of
// at least 1 and a positive base are wanted. Error: half a unit in the last place, 1e-6 more on a GPU.
func Table(cos, sin *kernels.Array, h, w int, base float64) {
	const op = "rope.Table"
	kernels.WantShape(op, "cos", cos, h*w, -1)
	kernels.WantShape(op, "sin", sin, cos.Shape()...)
	if half := cos.Dim(1); h < 1 || w < 1 || half < 2 || half%2 != 0 || !(base > 0) {
		panic(fmt.Sprintf("%s: %v for %d x %d patches and base %g", op, cos, h, w, base))
	}
	switch kernels.PathOf(op, cos, sin) {
	case kernels.OnGPU:
		tableCUDA(cos, sin, h, w, base)
	case kernels.InFloat64:
		table(kernels.Data[float64](cos), kernels.Data[float64](sin), cos.Dim(1), h, w, base)
	case kernels.InFloat32:
		table(kernels.Data[float32](cos), kernels.Data[float32](sin), cos.Dim(1), h, w, base)
	}
}

// Forward rotates the queries and keys of qkv arrays x [N,T,3D], which hold Heads heads of d = D/Heads columns each, by the tables' angles
// [T-Prefix, d/2]. For each head and j < d/2:
//
//	y[j] = x[j] cos[t,j] - x[j+d/2] sin[t,j],  y[j+d/2] = x[j+d/2] cos[t,j] + x[j] sin[t,j]
//
// which is transformers' apply_rotary_pos_emb: x cos + rotate_half(x) sin, with halves, not neighbours, in pairs. The first Prefix tokens,
// such as the class token and registers, and the values stay as they are. y may be x; both may be bfloat16, with tables in float32. Error
// in float32: 2 eps times the pair's length.
func Forward(y, x, cos, sin *kernels.Array, heads, prefix int) {
	rotate("rope.Forward", y, x, cos, sin, heads, prefix, 1)
}

// Backward is the gradient of Forward: the rotation of dy by the opposite angles. dx may be dy; nil is not computed.
func Backward(dx, dy, cos, sin *kernels.Array, heads, prefix int) {
	if dx != nil {
		rotate("rope.Backward", dx, dy, cos, sin, heads, prefix, -1)
	}
}

// sizes are those of a rotation; sign is that of the angles.
type sizes struct {
	tokens, prefix, heads, half int
	sign                        float64
}

// width is D.
func (s *sizes) width() int { return s.heads * 2 * s.half }

func rotate(op string, y, x, cos, sin *kernels.Array, heads, prefix int, sign float64) {
	kernels.WantShape(op, "x", x, -1, -1, -1)
	kernels.WantShape(op, "y", y, x.Shape()...)
	s := sizes{tokens: x.Dim(1), prefix: prefix, heads: heads, half: cos.Dim(1), sign: sign}
	if heads < 1 || prefix < 0 || x.Dim(2) != 3*s.width() {
		panic(fmt.Sprintf("%s: %v does not hold 3 x %d heads of %d columns behind %d tokens", op, x, heads, 2*s.half, prefix))
	}
	kernels.WantShape(op, "cos", cos, s.tokens-prefix, s.half)
	kernels.WantShape(op, "sin", sin, s.tokens-prefix, s.half)
	switch kernels.PathOfMaps(op, []*kernels.Array{y, x}, cos, sin) {
	case kernels.OnGPU:
		rotateCUDA(y, x, cos, sin, s)
	case kernels.InFloat64:
		d := kernels.Data[float64]
		rotateRows(d(y), d(x), d(cos), d(sin), s)
	case kernels.InFloat32:
		d := kernels.Data[float32]
		rotateRows(d(y), d(x), d(cos), d(sin), s)
	case kernels.InBFloat16:
		var w bfloat.Wide
		to := w.Out(y)
		rotateRows(kernels.Data[float32](to), kernels.Data[float32](w.In(x)), kernels.Data[float32](cos), kernels.Data[float32](sin), s)
		w.Done()
	}
}
