package onnx

import (
	"math"

	"udml-gpu/kernels/attention"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// joinTokens translates layer.Tokens: positions are added to the patches, and the tokens in front of them, with the position of the
// first, are one constant, repeated for each image.
func joinTokens(g *graph, op *tape.Op) {
	s, x := op.Spec.(layer.TokensSpec), g.in(op.In[0], last)
	y := x
	if s.Pos != nil {
		y = g.node("Add", nil, y, g.in(s.Pos, last))
	}
	if s.Prefix != nil {
		p, d := s.Prefix.Dim(0), s.Prefix.Dim(1)
		rows := read(s.Prefix)
		if s.PrefixPos != nil {
			for i, v := range read(s.PrefixPos) {
				rows[i] += v
			}
		}
		batch := g.node("Shape", attributes{{"start", 0}, {"end", 1}}, x)
		to := g.node("Concat", attributes{{"axis", 0}}, batch, g.whole(p, d))
		y = g.node("Concat", attributes{{"axis", 1}}, g.node("Expand", nil, g.floats("prefix", rows, 1, p, d), to), y)
	}
	g.put(op.Out[0], y, last)
}

func tokenRows(g *graph, op *tape.Op) {
	from := op.Spec.(int)
	y := g.node("Slice", nil, g.in(op.In[0], last), g.whole(from), g.whole(from+op.Out[0].Dim(1)), g.whole(1))
	g.put(op.Out[0], y, last)
}

// split is n parts of equal width of the last axis of v, which stand side by side in it.
func (g *graph) split(v *tape.Var, n int) []string {
	if parts := g.parts[v]; parts != nil {
		return parts
	}
	width := v.Dim(2) / n
	sizes := make([]int, n)
	outputs := make([]string, n)
	for i := range n {
		sizes[i], outputs[i] = width, g.name("Split")
	}
	g.nodeTo("Split", attributes{{"axis", -1}}, outputs, g.in(v, last), g.whole(sizes...))
	g.parts[v] = outputs
	return outputs
}

// attend translates layer.Attention on queries, keys and values side by side.
func attend(g *graph, op *tape.Op) {
	parts := g.split(op.In[0], 3)
	g.attention(op, parts[0], parts[1], parts[2])
}

// crossAttend translates layer.CrossAttention. Queries that no image changes are one for all.
func crossAttend(g *graph, op *tape.Op) {
	kv := g.split(op.In[1], 2)
	g.attention(op, g.in(op.In[0], last), kv[0], kv[1])
}

// attention is softmax(q k^T / sqrt(D/heads)) v of each head, [N,T,D].
func (g *graph) attention(op *tape.Op, q, k, v string) {
	y := op.Out[0]
	heads := op.Spec.(attention.Spec).Heads
	per := y.Dim(2) / heads
	of := op.In[len(op.In)-1].Dim(1) // tokens that have keys and values
	apart := func(x string, tokens int, perm ...int) string {
		return g.node("Transpose", attributes{{"perm", perm}}, g.node("Reshape", nil, x, g.whole(0, tokens, heads, per)))
	}
	q = g.node("Mul", nil, apart(q, y.Dim(1), 0, 2, 1, 3), g.scalar("scale", 1/math.Sqrt(float64(per))))
	weights := g.node("Softmax", attributes{{"axis", -1}}, g.node("MatMul", nil, q, apart(k, of, 0, 2, 3, 1)))
	together := g.node("MatMul", nil, weights, apart(v, of, 0, 2, 1, 3))
	together = g.node("Transpose", attributes{{"perm", []int{0, 2, 1, 3}}}, together)
	g.put(y, g.node("Reshape", nil, together, g.whole(0, y.Dim(1), y.Dim(2))), last)
}

// rotate translates layer.RoPE: each head's columns are two halves (a, b), which become (a cos - b sin, b cos + a sin). Of the tokens in
// front the cosines are ones and the sines zeros.
func rotate(g *graph, op *tape.Op) {
	s, parts := op.Spec.(layer.RoPESpec), g.split(op.In[0], 3)
	cos, sin := op.In[1], op.In[2]
	tokens, half := s.Prefix+cos.Dim(0), cos.Dim(1)
	both := func(v *tape.Var, before, sign float32) []float32 { // [tokens, 2 half]
		var list []float32
		for range s.Prefix * 2 * half {
			list = append(list, before)
		}
		values := read(v)
		for t := range v.Dim(0) {
			row := values[t*half : (t+1)*half]
			for _, x := range row {
				list = append(list, sign*x)
			}
			list = append(list, row...)
		}
		return list
	}
	c := g.floats("cos", both(cos, 1, 1), tokens, 1, 2*half)
	sn := g.floats("sin", both(sin, 0, -1), tokens, 1, 2*half)
	for i := range 2 {
		x := g.node("Reshape", nil, parts[i], g.whole(0, tokens, s.Heads, 2*half))
		halves := []string{g.name("Split"), g.name("Split")}
		g.nodeTo("Split", attributes{{"axis", -1}}, halves, x, g.whole(half, half))
		swapped := g.node("Concat", attributes{{"axis", -1}}, halves[1], halves[0])
		y := g.node("Add", nil, g.node("Mul", nil, x, c), g.node("Mul", nil, swapped, sn))
		parts[i] = g.node("Reshape", nil, y, g.whole(0, tokens, s.Heads*2*half))
	}
	g.parts[op.Out[0]] = parts
}
