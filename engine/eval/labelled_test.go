package eval

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// TestEvaluateLabelled: images without a label change nothing in the scores of the others, with roles and without.
func TestEvaluateLabelled(t *testing.T) {
	const d = 5
	labels := []int32{0, -1, 1, 0, 2, -1, 1, 2, 0, -1, 1, 2}
	rows := make([]float32, 0, len(labels)*d)
	for i := range len(labels) * d {
		rows = append(rows, float32(rng.Key{Seed: 3, Op: rng.OpBench}.At(uint32(i))[0]%1000)/500-1)
	}
	var kept []float32
	var known []int32
	for i, l := range labels {
		if l >= 0 {
			kept, known = append(kept, rows[i*d:][:d]...), append(known, l)
		}
	}
	dev := kernels.CPU()
	all, rest := kernels.Of(dev, rows, len(labels), d), kernels.Of(dev, kept, len(known), d)
	defer all.Free()
	defer rest.Free()
	for _, o := range []struct{ full, small Options }{
		{Options{Restarts: 2, Seed: 1}, Options{Restarts: 2, Seed: 1}},
		{ // rows 1 and 5 have no label and are dropped from both roles
			Options{Restarts: 1, Queries: []int32{0, 1, 2, 4}, Gallery: []int32{3, 5, 6, 7, 8}},
			Options{Restarts: 1, Queries: []int32{0, 1, 3}, Gallery: []int32{2, 4, 5, 6}},
		},
	} {
		got, err := EvaluateLabelled(context.Background(), all, labels, o.full)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Evaluate(context.Background(), rest, known, o.small)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) || got.Images != len(known) {
			t.Errorf("%+v, want %+v", got, want)
		}
		if err := CheckLabelled(labels, o.full); err != nil {
			t.Error(err)
		}
	}
	whole, err := EvaluateLabelled(context.Background(), rest, known, Options{Restarts: 2, Seed: 1})
	if err != nil || whole.Images != len(known) {
		t.Errorf("%+v, %v", whole, err)
	}
}

// TestCheckLabelled: images that cannot be scored give the same error as Evaluate.
func TestCheckLabelled(t *testing.T) {
	x := kernels.Of(kernels.CPU(), []float32{1, 2, 3, 4}, 4, 1)
	defer x.Free()
	for _, c := range []struct {
		labels []int32
		o      Options
		want   string
	}{
		{[]int32{-1, -1, -1, -1}, Options{}, "at least 2 images, there is 0"},
		{[]int32{0, -1, -1, -1}, Options{}, "at least 2 images, there is 1"},
		{[]int32{0, 0, -1, -1}, Options{}, "the same label"},
		{[]int32{0, 1, -1, 2}, Options{}, "alone in its class"},
		{[]int32{-1, 1, 1, 2}, Options{Queries: []int32{0}, Gallery: []int32{1, 2}}, "is a query"},
	} {
		_, err := EvaluateLabelled(context.Background(), x, c.labels, c.o)
		for _, err := range []error{err, CheckLabelled(c.labels, c.o)} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v: %v, want %q", c.labels, err, c.want)
			}
		}
	}
}
