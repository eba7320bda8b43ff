package picture

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// photos are the JPEG files in the folder $UDML_BENCH_JPEGS.
func photos(b *testing.B) [][]byte {
	dir := os.Getenv("UDML_BENCH_JPEGS")
	if dir == "" {
		b.Skip("UDML_BENCH_JPEGS names no folder of JPEG files")
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil || len(paths) == 0 {
		b.Fatalf("%s holds no .jpg files: %v", dir, err)
	}
	var files [][]byte
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// BenchmarkDecode decodes photos on one core, and resizes them to 256 pixels as cache.Build does. Compare with Pillow's
// Image.open(f).convert("RGB").resize((256, 256), BILINEAR).
func BenchmarkDecode(b *testing.B) {
	files := photos(b)
	for _, scale := range []bool{false, true} {
		b.Run(map[bool]string{false: "decode", true: "decode and resize"}[scale], func(b *testing.B) {
			r, pix, i := NewResizer(Target{Size: 256, Channels: 3}), make([]uint8, 256*256*3), 0
			start := cpuTime(b)
			for b.Loop() {
				im, err := Decode(files[i%len(files)], 0)
				if err != nil {
					b.Fatal(err)
				}
				if scale {
					r.To(pix, im)
				}
				i++
			}
			b.ReportMetric(float64(i)/(cpuTime(b)-start), "images/cpu-s")
		})
	}
}

// cpuTime is the processor time of the program in seconds: on a busy machine it is more meaningful than a clock.
func cpuTime(b *testing.B) float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
