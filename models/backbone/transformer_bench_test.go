package backbone

import (
	"fmt"
	"syscall"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// BenchmarkTransformer is the forward pass in evaluation mode, and the gradients of a step, of 16 images of 224 pixels in float32. It also
// reports the time of all processors, which another program beside it changes less. PyTorch: scripts/bench_torch_vit.py.
func BenchmarkTransformer(b *testing.B) {
	const images, size = 16, 224
	for _, name := range []string{"vit_small_patch16", "dinov3_vits16", "dinov2_vits14"} {
		net, err := Find(name)
		if err != nil {
			b.Fatal(err)
		}
		for _, training := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/training=%v", name, training), func(b *testing.B) {
				dev := kernels.CPU()
				store, tp, arena := layer.NewStore(dev, kernels.Float32, 1), tape.New(dev, kernels.Float32, training), tape.NewArena(dev)
				x := optest.Uniform(dev, kernels.Float32, 1, 0, 1, images, size, size, 3)
				_, pooled := net.Features(layer.NewScope(tp, store), tp.Input(x))
				var loss *tape.Var
				if training {
					loss = pulled(tp, pooled, optest.Uniform(dev, kernels.Float32, 2, -1, 1, pooled.Shape()...))
				}
				program := tp.Compile(arena, loss, pooled)
				repeated(b, program)
			})
		}
	}
}

// repeated runs a program again and again, after a first run that is not counted.
func repeated(b *testing.B, program *tape.Program) {
	b.Helper()
	program.Run()
	before, runs := processorTime(b), 0
	for b.Loop() {
		program.Run()
		runs++
	}
	b.ReportMetric((processorTime(b)-before)/float64(runs), "processor-s/op")
	b.ReportMetric(float64(program.Bytes())/(1<<20), "MiB")
}

// processorTime is the time in seconds that this program's threads have computed.
func processorTime(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
