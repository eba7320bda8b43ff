package groups

import (
	"encoding/binary"
	"math"
	"os"
	"syscall"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
	"udml-gpu/kernels/rng"
)

// benchRows are 100,000 rows of 128 columns around 400 directions.
func benchRows(dev *kernels.Device) *kernels.Array {
	const n, d, centres = 100_000, 128, 400
	rows := make([]float32, 0, n*d)
	for i := range n {
		for p := range d {
			c := rng.Key{Seed: 1, Sample: uint32(i % centres), Op: rng.OpBench}.At(uint32(p))
			v := rng.Key{Seed: 2, Sample: uint32(i), Op: rng.OpBench}.At(uint32(p))
			rows = append(rows, float32(float64(c[0])/(1<<31)-1+1.2*(float64(v[0])/(1<<31)-1)))
		}
	}
	return kernels.Of(dev, rows, n, d)
}

// processor is the processor time of the process in seconds.
func processor() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Sec+u.Stime.Sec) + 1e-6*float64(u.Utime.Usec+u.Stime.Usec)
}

// BenchmarkSearch finds the ten nearest of 100,000 x 128 for 1,000 queries. UDML_BENCH_ROWS names a file to write the rows to, for
// scripts/bench_faiss.py.
func BenchmarkSearch(b *testing.B) {
	dev := kernels.CPU()
	defer dev.Close()
	y := benchRows(dev)
	if path := os.Getenv("UDML_BENCH_ROWS"); path != "" {
		writeRows(b, path, kernels.Data[float32](y))
	}
	x := y.Rows(0, 1000)
	vals, idx := dev.New(kernels.Float32, 1000, 10), dev.New(kernels.Int32, 1000, 10)
	start, n := processor(), 0
	for b.Loop() {
		distance.TopK(vals, idx, x, y, distance.InnerProduct, -1)
		n++
	}
	b.ReportMetric((processor()-start)/float64(n), "cpu-s/op")
}

// BenchmarkMeans sorts 100,000 x 128 into 100 groups.
func BenchmarkMeans(b *testing.B) {
	dev := kernels.CPU()
	defer dev.Close()
	x := benchRows(dev)
	start, n := processor(), 0
	var of []int32
	for b.Loop() {
		of = means(x, 100, 0, func() bool { return false })
		n++
	}
	b.ReportMetric((processor()-start)/float64(n), "cpu-s/op")
	b.ReportMetric(inertiaOf(x, of, 100), "inertia")
}

func inertiaOf(x *kernels.Array, of []int32, k int) float64 {
	d := x.Dim(1)
	rows, sums, count := kernels.Data[float32](x), make([]float64, k*d), make([]float64, k)
	for i, g := range of {
		count[g]++
		for p, v := range rows[i*d : (i+1)*d] {
			sums[int(g)*d+p] += float64(v)
		}
	}
	total := 0.0
	for i, g := range of {
		for p, v := range rows[i*d : (i+1)*d] {
			diff := float64(v) - sums[int(g)*d+p]/count[g]
			total += diff * diff
		}
	}
	return total
}

func writeRows(b *testing.B, path string, rows []float32) {
	bytes := make([]byte, 0, 4*len(rows))
	for _, v := range rows {
		bytes = binary.LittleEndian.AppendUint32(bytes, math.Float32bits(v))
	}
	if err := os.WriteFile(path, bytes, 0o666); err != nil {
		b.Fatal(err)
	}
}
