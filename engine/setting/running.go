package setting

import (
	"strings"

	"udml-gpu/engine/setting/table"
	"udml-gpu/engine/store"
)

// RunSettings say where a run is kept, how often it is evaluated and saved, and which device computes it.
type RunSettings struct {
	Out        string // auto: the first of runs/001, runs/002, ... that does not exist
	EvalEvery  int
	CheckEvery int
	CheckSteps int // 0: none within an epoch
	Keep       int
	Mirror     string // s3://BUCKET/PREFIX, to which checkpoints are copied; empty or none: nowhere
	Device     string // auto, cpu, cuda or cuda:N
	Precision  string // fp32, tf32 or bf16, on a GPU
}

func (c *Config) presetRow() table.Row {
	return table.String("preset", &c.Preset, Auto, "what is set before --config, environment and flags, which win over it: auto, "+
		"which looks at the data and chooses what was measured to be better for such images; none, the defaults; or a published "+
		"protocol: "+strings.Join(protocols(), ", ")).Under("run").Unpreset()
}

func (c *Config) outRow() table.Row {
	return table.String("out", &c.Out, "", "run directory to write").Auto("the first of runs/001, runs/002, ... that is free").
		Under("run").Free().Unpreset()
}

func (c *Config) runRows() []table.Row {
	return table.Group("run",
		table.Int("eval-every", &c.EvalEvery, 0, "epochs between evaluations").Auto("before and after training only").
			Within(0, 1e6).Free().Unpreset(),
		table.Int("checkpoint-every", &c.CheckEvery, 1, "epochs between checkpoints").Within(1, 1e6).Free().Unpreset(),
		table.Int("checkpoint-steps", &c.CheckSteps, 0, "steps between checkpoints within an epoch; 0: none").
			Within(0, 1e9).Free().Unpreset(),
		table.Int("keep", &c.Keep, 3, "checkpoints to keep").Within(1, 1e6).Free().Unpreset(),
		table.String("mirror", &c.Mirror, "", "place in a store, s3://BUCKET/PREFIX, to which checkpoints are copied, and from which "+
			"--resume and --resume-if-any fetch them; none: nowhere").Free().Unpreset().Checked(c.checkMirror),
		table.String("device", &c.Device, "auto", "auto, cpu, cuda or cuda:N; auto: the first GPU, or the CPU where there is none").
			Free().Unpreset(),
		table.String("precision", &c.Precision, "fp32", "how a GPU multiplies: fp32, tf32, or bf16, which also stores activations in it").
			Unpreset().Checked(c.checkDevice),
	)
}

// checkMirror is a UsageError for a place that cannot be a mirror.
func (c *Config) checkMirror() error {
	if c.Mirror == "" {
		return nil
	}
	if at, err := store.Parse(c.Mirror); err != nil || strings.Trim(at.Key, "/") == "" {
		return Usage("--mirror %s is no place for a run: expected s3://BUCKET/PREFIX", c.Mirror)
	}
	return nil
}
