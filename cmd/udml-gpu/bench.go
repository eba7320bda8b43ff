package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/bench"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
)

func benchCommand(method string) *cli.Command {
	rows := settingsOf("data", "network", "method", "views", "training", "device", "precision")
	own := []cli.Flag{
		configFlag(), jsonFlag(),
		&cli.StringFlag{
			Name: "what", Value: "train", EnvVars: env("what"),
			Usage: "train: a training step; kernels: distances, clustering and losses; probe: a GPU's attributes and ceilings, and the " +
				"occupancy of search and clustering; loader: random views of --data beside a training " +
				"step; embed: files to embeddings, of --data or of photos that are made for it; scaling: what a model says of several " +
				"GPUs and hosts; collectives: what ranks exchange, with --ranks or a launcher",
		},
		&cli.IntFlag{
			Name: "steps", Value: 10, EnvVars: env("steps"),
			Usage: "steps to time; on a GPU, in each of five blocks; of embed: passes over all images, 3 if not set",
		},
		&cli.Float64Flag{
			Name: "kernel-scale", Value: 1, EnvVars: env("kernel-scale"),
			Usage: "scales the sizes of --what kernels and probe on a GPU: above 0, at most 1",
		},
		&cli.StringSliceFlag{
			Name: "assume", EnvVars: env("assume"),
			Usage: "an input of --what scaling as `KEY=VALUE`, such as rows_per_second=5200 or hosts=4; may be given several times",
		},
		&cli.StringFlag{
			Name: "measured", EnvVars: env("measured"),
			Usage: "`FILE` with what bench --what collectives --json has printed: latencies and bytes a second for --what scaling",
		},
		ranksFlag("measure what they exchange"),
	}
	return &cli.Command{
		Name: "bench", Usage: "measure the speed of kernels, training and embedding on this machine",
		Flags:        append(own, flagsOf(rows, method)...),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return measure(c, rows) },
	}
}

func measure(c *cli.Context, rows []table.Row) error {
	if err := noArguments(c); err != nil {
		return err
	}
	cfg, err := configure(c, rows)
	if err != nil {
		return err
	}
	if c.Int("steps") < 1 {
		return setting.Usage("--steps %d is out of range: expected at least 1", c.Int("steps"))
	}
	what := c.String("what")
	if err := onlyFor(c, what); err != nil {
		return err
	}
	switch what {
	case "train":
		return benchTrain(c, cfg)
	case "kernels":
		return benchKernels(c, cfg)
	case "probe":
		return benchProbe(c, cfg)
	case "loader":
		return benchLoader(c, cfg)
	case "embed":
		return benchEmbed(c, cfg)
	case "scaling":
		return benchScaling(c)
	case "collectives":
		return benchCollectives(c)
	default:
		return setting.Usage("--what %q is not known: expected train, kernels, probe, loader, embed, scaling or collectives", what)
	}
}

// onlyFor is an error for flags of another --what.
func onlyFor(c *cli.Context, what string) error {
	for _, f := range []struct{ flag, what string }{{"assume", "scaling"}, {"measured", "scaling"}, {"ranks", "collectives"}} {
		if c.IsSet(f.flag) && what != f.what {
			return setting.Usage("--%s is only for --what %s", f.flag, f.what)
		}
	}
	return nil
}

// benchLoader compares the speed of loading with that of a training step.
func benchLoader(c *cli.Context, cfg setting.Config) error {
	r, err := bench.Loading(c.Context, cfg, c.Int("steps"), newSession().UI)
	if err != nil {
		return err
	}
	return printResultOr(c, r, fmt.Sprintf("%d workers make %.0f views/s and decode %.0f images/s; training %s needs %.0f views/s: "+
		"loading takes %.0f%% of a step's time\n",
		r.Workers, r.ViewsPerSecond, r.DecodedPerSecond, cfg.Backbone, r.ViewsWanted, 100*r.ShareOfStep))
}

// benchEmbed times as many passes as --steps says, or usualPasses: a pass takes seconds.
func benchEmbed(c *cli.Context, cfg setting.Config) error {
	const usualPasses = 3
	passes := usualPasses
	if c.IsSet("steps") {
		passes = c.Int("steps")
	}
	r, err := bench.Embedding(c.Context, cfg, passes, newSession().UI)
	if err != nil {
		return err
	}
	return printResultOr(c, r, fmt.Sprintf("%s at %d px on %s, %d files: %.1f images/s embedded; alone, decoding with %d workers %.1f "+
		"images/s, the network in batches of %d %.1f images/s; peak %d MiB (%s, JPEG by %s)\n",
		cfg.Backbone, cfg.Size, r.Device, r.Images, r.ImagesPerSecond, r.Workers, r.DecodedPerSecond, r.Batch, r.ForwardPerSecond,
		r.PeakRSSBytes>>20, r.BLAS, r.JPEG))
}

// benchTrain times a step of cbs unless --method says otherwise: that is the figure to compare with other programs.
func benchTrain(c *cli.Context, cfg setting.Config) error {
	if !c.IsSet("method") {
		cfg.Method = "cbs"
	}
	r, err := bench.TrainingStep(cfg, c.Int("steps"), newSession().UI)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s at %d px, %d images in two views: %.4f s a step, %.4f s of all processors, %.0f images/s, peak %d MiB, "+
		"%d bytes allocated a step (%s)\n", cfg.Backbone, cfg.Size, cfg.Batch, r.SecondsPerStep, r.ProcessorSeconds, r.ImagesPerSecond,
		r.PeakRSSBytes>>20, r.AllocatedBytes, r.BLAS)
	if r.GraphBench != nil {
		text = fmt.Sprintf("%s at %d px, %d images in two views, on %s in %s: %.6f s a step, %.0f images/s, %d bytes allocated a step, "+
			"%d MiB on the device; as a CUDA graph %.6f s, ratio %.3f\n",
			cfg.Backbone, cfg.Size, cfg.Batch, r.Device, r.Precision, r.SecondsPerStep, r.ImagesPerSecond, r.AllocatedBytes,
			r.DeviceBytes>>20, r.GraphStep, r.OfGraph)
	}
	return printResultOr(c, r, text)
}

func benchKernels(c *cli.Context, cfg setting.Config) error {
	scale, err := kernelScale(c)
	if err != nil {
		return err
	}
	r, err := bench.Kernels(cfg, scale, newSession().UI)
	if err != nil {
		return err
	}
	if r.GPU != nil {
		return printResultOr(c, r.GPU, gpuTable(r.GPU))
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "kernel\tsize\tms\tGFLOP/s\tof gemm\t")
	for _, k := range r.CPU {
		fmt.Fprintf(w, "%s\t%s\t%.3f\t%s\t%s\t\n", k.Kernel, k.Size, 1e3*k.Seconds, positive("%.1f", k.GFLOPs), positive("%.2f", k.OfGEMM))
	}
	w.Flush()
	return printResultOr(c, r.CPU, b.String())
}
