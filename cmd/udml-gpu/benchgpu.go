package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/bench"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// kernelScale is --kernel-scale.
func kernelScale(c *cli.Context) (float64, error) {
	scale := c.Float64("kernel-scale")
	if !(scale > 0 && scale <= 1) {
		return 0, setting.Usage("--kernel-scale %g is out of range: expected above 0 and at most 1", scale)
	}
	return scale, nil
}

// benchProbe prints what a GPU is, and what of it search and clustering use.
func benchProbe(c *cli.Context, cfg setting.Config) error {
	scale, err := kernelScale(c)
	if err != nil {
		return err
	}
	r, err := bench.Probe(cfg, scale, newSession().UI)
	if err != nil {
		return err
	}
	return printResultOr(c, r, gpuTable(r))
}

// gpuTable is the speed of each kernel, compared with the most that the GPU could do and with what it has done. A kernel of a probe is
// followed by those that it launches.
func gpuTable(r *bench.GPUBench) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (compute capability %s, CUDA %s) in %s, convolution by %s, depthwise by %s, products by %s\n",
		r.Device, r.Capability, r.Driver, r.Precision, r.Convolution, r.Depthwise, r.Products)
	k := r.Card
	fmt.Fprintf(&b, "card: %d multiprocessors at up to %d MHz, each with %d KiB of shared memory (%d for a block), %d registers "+
		"and %d threads; L2 %.0f MiB; %.1f GiB of memory at %d MHz, %d bits wide\n",
		k.Multiprocessors, k.ClockMHz, k.SharedBytes>>10, k.SharedPerBlock>>10,
		k.Registers, k.Threads, float64(k.L2Bytes)/(1<<20), float64(k.MemoryBytes)/(1<<30), k.MemoryMHz, k.MemoryBits)
	fmt.Fprintf(&b, "roof, estimated from the boost clocks that the driver reports, above those under load: %.0f TFLOP/s, %.0f GB/s; "+
		"ceiling, measured by the best product and a copy: %.3g TFLOP/s, %.3g GB/s\n", r.PeakFLOPs, r.PeakBytes, r.Ceiling.FLOPs,
		r.Ceiling.Bytes)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	heads, blank := "kernel\tsize\tms\tTFLOP/s\tGB/s\tof roof\tbound by\tof ceiling\t", ""
	if slices.ContainsFunc(r.Kernels, func(k bench.GPUKernel) bool { return k.Launches != nil }) {
		heads += "launches\tthreads\tshared\tregisters\tspilled\tblocks\toccupancy\t"
		blank = strings.Repeat("\t", 7)
	}
	fmt.Fprintln(w, heads)
	for _, k := range r.Kernels {
		fmt.Fprintf(w, "%s\t%s\t%.4f\t%s\t%.0f\t%s\t%s\t%s\t%s\n", k.Kernel, k.Size, 1e3*k.Seconds, positive("%.2f", k.TFLOPs), k.GBytes,
			positive("%.3f", k.OfRoof), k.BoundBy, positive("%.3f", k.OfCeiling), blank)
		for _, o := range k.Launches {
			fmt.Fprint(w, occupancyRow(o))
		}
	}
	w.Flush()
	return b.String()
}

// occupancyRow is a line of the table below the kernel that launches o: shared memory and spilled registers in bytes, blocks of a
// multiprocessor.
func occupancyRow(o kernels.Occupancy) string {
	return fmt.Sprintf("%s\t%s%d\t%d\t%d\t%d\t%d\t%d\t%.2f\t\n", o.Kernel, strings.Repeat("\t", 7), o.Launches, o.Threads, o.Shared,
		o.Registers, o.Local, o.Blocks, o.Share)
}

// positive is v in that format, or "" for 0.
func positive(format string, v float64) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf(format, v)
}
