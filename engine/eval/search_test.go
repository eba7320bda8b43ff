package eval

import (
	"context"
	"math"
	"strconv"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// TestRolesEqualPyTorchMetricLearning compares with pytorch-metric-learning, with a gallery that does not hold the queries.
func TestRolesEqualPyTorchMetricLearning(t *testing.T) {
	cases := readGoldens(t).Roles
	if len(cases) == 0 {
		t.Fatal("no cases with roles")
	}
	for _, c := range cases {
		s, err := Evaluate(
			context.Background(),
			rowsOf(c.Embeddings),
			c.Labels,
			Options{Ks: []int{1, 10, 20, 30, 40, 50}, Queries: c.Queries, Gallery: c.Gallery},
		)
		if err != nil {
			t.Fatal(err)
		}
		for k, want := range c.Recall {
			if n, _ := strconv.Atoi(k); !near(s.Recall[n], want, 1e-9) {
				t.Errorf("%s: recall@%s is %g, want %g", c.Name, k, s.Recall[n], want)
			}
		}
		n := float64(len(c.Queries))
		if got := s.Recall[1] * n / (n - float64(c.Unmatched)); !near(got, c.Precision1, 1e-9) { // pytorch-metric-learning leaves those out
			t.Errorf("%s: precision at 1 is %g, want %g", c.Name, got, c.Precision1)
		}
		if !near(s.MAPAtR, c.MAPAtR, 1e-6) {
			t.Errorf("%s: MAP@R is %g, want %g", c.Name, s.MAPAtR, c.MAPAtR)
		}
		if s.Images != len(c.Labels) || s.Queries != len(c.Queries) || s.Gallery != len(c.Gallery) {
			t.Errorf("%s: %+v", c.Name, s)
		}
	}
}

// rolesLoop is Recall@k by the full matrix: a query counts where fewer than k images of other classes are nearer than
// the nearest of its own (evaluate_cos_Inshop of the published programs).
func rolesLoop(emb *kernels.Array, labels, queries, gallery []int32, k int) float64 {
	unit, _ := normalise(emb)
	hits := 0
	for _, q := range queries {
		best, nearer := math.Inf(-1), 0
		score := func(g int32) float64 {
			return dot(kernels.Data[float32](unit.Rows(int(q), int(q)+1)), kernels.Data[float32](unit.Rows(int(g), int(g)+1)))
		}
		for _, g := range gallery {
			if labels[g] == labels[q] {
				best = max(best, score(g))
			}
		}
		for _, g := range gallery {
			if labels[g] != labels[q] && score(g) > best {
				nearer++
			}
		}
		if !math.IsInf(best, -1) && nearer < k {
			hits++
		}
	}
	return float64(hits) / float64(len(queries))
}

// thirds makes every third row a query, and all others the gallery.
func thirds(n int) (queries, gallery []int32) {
	for i := range int32(n) {
		if i%3 == 1 {
			queries = append(queries, i)
		} else {
			gallery = append(gallery, i)
		}
	}
	return queries, gallery
}

func TestRolesByLoop(t *testing.T) {
	labels := make([]int32, 400)
	for i := range labels {
		labels[i] = int32(i * i % 53)
	}
	emb := clustered(kernels.CPU(), labels, 9, 1.5)
	queries, gallery := thirds(len(labels))
	ks := []int{1, 7, 300}
	s, err := Evaluate(context.Background(), emb, labels, Options{Ks: ks, Queries: queries, Gallery: gallery, Iterations: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range ks {
		if want := rolesLoop(emb, labels, queries, gallery, k); s.Recall[k] != want || want == 0 {
			t.Errorf("recall@%d is %g, by the loop %g", k, s.Recall[k], want)
		}
	}
	plain, err := Evaluate(context.Background(), emb, labels, Options{Ks: ks, Iterations: 5})
	if err != nil || plain.NMI != s.NMI || plain.ARI != s.ARI || plain.F1 != s.F1 {
		t.Errorf("clustering is of all images: %+v, without roles %+v, %v", s, plain, err)
	}
}

func TestRolesOnGPU(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		emb, labels := apart()
		queries, gallery := thirds(len(labels))
		there, o := emb.To(dev), Options{Ks: []int{1, 3, 40}, Restarts: 2, Iterations: 10, Seed: 3, Queries: queries, Gallery: gallery}
		live := dev.LiveBytes()
		want, err := Evaluate(context.Background(), emb, labels, o)
		got, err2 := Evaluate(context.Background(), there, labels, o)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if n := dev.LiveBytes() - live; n != 0 {
			t.Errorf("%d bytes are left over", n)
		}
		there.Free()
		for k, v := range want.Recall {
			if got.Recall[k] != v {
				t.Errorf("recall@%d is %g, on the CPU %g", k, got.Recall[k], v)
			}
		}
		if !near(got.MAPAtR, want.MAPAtR, 1e-4) || got.NMI != want.NMI || got.Queries != want.Queries {
			t.Errorf("%+v, on the CPU %+v", got, want)
		}
	})
}

func TestRolesErrors(t *testing.T) {
	emb := optest.Uniform(kernels.CPU(), kernels.Float32, 1, -1, 1, 4, 2)
	labels := []int32{1, 1, 2, 2}
	for _, c := range []struct {
		queries, gallery []int32
		want             string
	}{
		{[]int32{}, []int32{0, 1}, "none of the 4 images is a query"},
		{[]int32{0}, nil, "none of the 4 images is in the gallery"},
		{[]int32{0, 1}, []int32{2, 3}, "none of the 2 queries has an image of its class in the gallery"},
	} {
		if _, err := Evaluate(context.Background(), emb, labels, Options{Queries: c.queries, Gallery: c.gallery}); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%v against %v: error %v, want %q", c.queries, c.gallery, err, c.want)
		}
	}
}
