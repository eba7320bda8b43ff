package eval

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
	"udml-gpu/kernels/optest"
)

// clustered are rows around one direction for each label.
func clustered(dev *kernels.Device, labels []int32, d int, spread float64) *kernels.Array {
	x, centre := optest.Uniform(
		dev,
		kernels.Float32,
		1,
		-1,
		1,
		len(labels),
		d,
	), optest.Uniform(
		dev,
		kernels.Float32,
		2,
		-1,
		1,
		len(labels),
		d,
	)
	v, c := kernels.Data[float32](x), kernels.Data[float32](centre)
	for i, l := range labels {
		for p := range d {
			v[i*d+p] = c[int(l)*d+p] + float32(spread)*v[i*d+p]
		}
	}
	return x
}

// One class holds nearly all images: its result lists are long, and there are several blocks of rows.
func TestVeryUnevenClasses(t *testing.T) {
	dev := kernels.CPU()
	labels := make([]int32, 1500)
	for i := range labels {
		labels[i] = int32(max(0, i-1399) / 3)
	}
	emb := clustered(dev, labels, 6, 1.5)
	s, err := Evaluate(context.Background(), emb, labels, Options{Ks: []int{1, 5, 2000}, Iterations: 3})
	if err != nil {
		t.Fatal(err)
	}
	unit, _ := normalise(emb)
	rank := dev.New(kernels.Int32, len(labels))
	l := kernels.Wrap(dev, labels, len(labels))
	distance.BestPositive(rank, unit, unit, l, l, distance.InnerProduct, 0)
	for _, k := range []int{1, 5, 2000} {
		hits := 0
		for _, r := range kernels.Data[int32](rank) {
			if r >= 0 && int(r) < k {
				hits++
			}
		}
		if want := float64(hits) / float64(len(labels)); s.Recall[k] != want {
			t.Errorf("recall@%d is %g, by ranks %g", k, s.Recall[k], want)
		}
	}
	if want := mapLoop(unit, labels); !near(s.MAPAtR, want, 1e-4) {
		t.Errorf("MAP@R is %g, want %g", s.MAPAtR, want)
	}
}

// mapLoop is MAP@R by sorting each row of the full matrix.
func mapLoop(unit *kernels.Array, labels []int32) float64 {
	n := len(labels)
	s, sum, count := unit.Device().New(kernels.Float32, n, n), 0.0, 0
	distance.Pairwise(s, unit, unit, distance.InnerProduct)
	c, order := newClasses(labels), make([]int32, n)
	for i := range n {
		row := kernels.Data[float32](s)[i*n : (i+1)*n]
		for j := range order {
			order[j] = int32(j)
		}
		row[i] = float32(math.Inf(1))
		slices.SortStableFunc(order, func(a, b int32) int {
			switch {
			case row[a] > row[b]:
				return -1
			case row[a] < row[b]:
				return 1
			}
			return 0
		})
		if r := c.size[c.of[i]] - 1; r > 0 {
			count++
			sum += averagePrecision(order[1:1+r], c.of, c.of[i])
		}
	}
	return sum / float64(count)
}

func TestPerfectEmbedding(t *testing.T) {
	labels := make([]int32, 60)
	for i := range labels {
		labels[i] = int32(i % 12 * 7)
	}
	emb := clustered(kernels.CPU(), make([]int32, 60), 16, 0)
	v := kernels.Data[float32](emb)
	for i := range labels { // class c along axis c, of any length
		clear(v[i*16 : (i+1)*16])
		v[i*16+i%12] = float32(1 + i)
	}
	s, err := Evaluate(context.Background(), emb, labels, Options{Ks: []int{1}, Restarts: 2})
	if err != nil || s.Recall[1] != 1 || s.MAPAtR != 1 || s.NMI != 1 || s.AMI != 1 || s.ARI != 1 || s.F1 != 1 ||
		s.Images != 60 || s.Classes != 12 {
		t.Errorf("%+v, %v", s, err)
	}
	b, err := json.Marshal(s)
	if want := `{"images":60,"classes":12,"recall":{"1":1},"map_at_r":1,"nmi":1,"ami":1,"ari":1,"f1":1,` +
		`"recall_interval":{"1":{"low":1,"high":1}},"map_at_r_interval":{"low":1,"high":1}}`; err != nil || string(b) != want {
		t.Errorf("JSON %s, want %s", b, want)
	}
}

func TestEvaluateErrors(t *testing.T) {
	dev := kernels.CPU()
	bad := optest.Uniform(dev, kernels.Float32, 1, -1, 1, 3, 2)
	optest.Set(bad, 5, math.NaN())
	good := optest.Uniform(dev, kernels.Float32, 1, -1, 1, 3, 2)
	cases := []struct {
		emb    *kernels.Array
		labels []int32
		ks     []int
		want   string
	}{
		{dev.New(kernels.Float32, 0, 2), nil, nil, "at least 2 images, there is 0"},
		{good.Rows(0, 1), []int32{1}, nil, "at least 2 images, there is 1"},
		{good, []int32{4, 4, 4}, nil, "all 3 images have the same label"},
		{good, []int32{4, 5, 6}, nil, "alone in its class"},
		{good, []int32{4, -1, 4}, nil, "image 1 has no label"},
		{bad, []int32{4, 5, 4}, nil, "embedding of image 2 is not finite"},
		{good, []int32{4, 5, 4}, []int{1, 0}, "K must be at least 1"},
	}
	for _, c := range cases {
		if _, err := Evaluate(context.Background(), c.emb, c.labels, Options{Ks: c.ks}); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want %q", c.labels, err, c.want)
		}
	}
}

func TestEvaluateIsDeterministic(t *testing.T) {
	labels := make([]int32, 1200)
	for i := range labels {
		labels[i] = int32(i * i % 31)
	}
	emb := clustered(kernels.CPU(), labels, 10, 1)
	o := Options{Restarts: 2, Iterations: 10, Seed: 3}
	a, err := Evaluate(context.Background(), emb, labels, o)
	was := runtime.GOMAXPROCS(1)
	b, err2 := Evaluate(context.Background(), emb, labels, o)
	runtime.GOMAXPROCS(was)
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	if err != nil || err2 != nil || string(x) != string(y) {
		t.Errorf("%s on many cores, %s on one; %v, %v", x, y, err, err2)
	}
	if live := emb.Device().LiveBytes() - int64(emb.Bytes()) - int64(len(labels)*10*4); live != 0 {
		t.Errorf("%d bytes are left over", live)
	}
}

// BenchmarkEvaluate runs at the size that must fit in 1 GiB; the memory is that of the whole process.
func BenchmarkEvaluate(b *testing.B) {
	labels := make([]int32, 60000)
	for i := range labels {
		labels[i] = int32(i % 1000)
	}
	emb := clustered(kernels.CPU(), labels, 128, 3)
	for b.Loop() {
		s, err := Evaluate(context.Background(), emb, labels, Options{Restarts: 1, Iterations: 25})
		if err != nil {
			b.Fatal(err)
		}
		b.Logf("%+v", s)
	}
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM") {
			kb, _ := strconv.ParseFloat(strings.Fields(line)[1], 64)
			b.ReportMetric(kb/1024, "peak-MiB")
		}
	}
}

// TestEvaluateStops: an evaluation ends soon after its context does, in the search and in k-means, with the context's error.
func TestEvaluateStops(t *testing.T) {
	labels := make([]int32, 3000)
	for i := range labels {
		labels[i] = int32(i % 300)
	}
	emb := clustered(kernels.CPU(), labels, 16, 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Evaluate(ctx, emb, labels, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("before the start: %v", err)
	}
	var s Scores
	s.Images, s.Classes = len(labels), 300
	if err := s.cluster(ctx, emb, labels, Options{Restarts: 1000}); !errors.Is(err, context.Canceled) {
		t.Errorf("in k-means: %v", err)
	}
}
