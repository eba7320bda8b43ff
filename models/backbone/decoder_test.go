package backbone

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// decoder holds the weighted decoding of centroids against torch's decoding of every member.
func decoder(g *graph, name string, size int) {
	f := golden.Open(g.t, "networks")
	r := g.input(f, name+"/r")
	input := &tape.Param{Name: "r", Value: r, Grad: g.dev.New(g.dt, r.Shape()...)}
	tp := tape.New(g.dev, g.dt, true)
	d := Decode(layer.NewScope(tp, g.store), tp.Param(input), tp.Input(g.input(f, name+"/weight")), size, 3)
	arena := tape.NewArena(g.dev)
	arena.Poison()
	program := tp.Compile(arena, pulled(tp, d, g.input(f, name+"/dd")), d)
	g.set(f, name)
	program.Run()
	program.Commit(g.dev.New(kernels.Int32, 1))
	want, got := last(f, name+"/d"), floats(d.Value())
	image := len(got) / r.Dim(0)
	for s, count := range f.Floats(name + "/weight") {
		if count == 0 { // nothing is said of the image of an empty slot
			copy(got[s*image:(s+1)*image], want[s*image:])
		}
	}
	g.close(f, name+"/d", got, want)
	g.close(f, name+"/dr", floats(input.Grad), last(f, name+"/dr"))
	g.summaries(f, name)
}
