package engine

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"udml-gpu/engine/method"
	"udml-gpu/engine/optim"
	"udml-gpu/models/backbone"
)

// Config is everything that a training run depends on. The YAML keys are the flags' names.
// Empty strings and zeros marked "auto" are filled in by Resolve.
type Config struct {
	Data   string `yaml:"data"`
	Labels string `yaml:"labels"` // auto, folder or none
	Boxes  string `yaml:"boxes"`  // auto, crop or ignore

	Backbone   string `yaml:"backbone"`   // auto: squeezenet
	Pretrained string `yaml:"pretrained"` // auto, true, false, or a weight file
	Size       int    `yaml:"size"`       // auto: the backbone's
	Resize     int    `yaml:"resize"`     // auto: round(1.1 size)
	Channels   int    `yaml:"channels"`
	Invert     bool   `yaml:"invert"`
	Dim        int    `yaml:"dim"`
	HeadInit   string `yaml:"head-init"` // auto, whiten or random

	WhitenPower float64 `yaml:"whiten-power"` // of head-init

	FinalWhiten  bool    `yaml:"final-whiten"`
	FinalPower   float64 `yaml:"final-whiten-power"`
	Method       string  `yaml:"method"`
	Clusters     int     `yaml:"clusters"`
	Temperature  float64 `yaml:"temperature"`
	Alpha        float64 `yaml:"alpha"`
	Mu           float64 `yaml:"mu"`
	MetricWeight float64 `yaml:"metric-weight"`
	RimWeight    float64 `yaml:"rim-weight"`
	RecWeight    float64 `yaml:"rec-weight"`
	Dropout      float64 `yaml:"dropout"`
	LogitNorm    bool    `yaml:"logit-norm"`
	PseudoLabels string  `yaml:"pseudo-labels"` // cluster or oracle

	Flip   float64 `yaml:"flip"` // auto (-1): 0.5 for photos, 0 for drawings
	Rotate float64 `yaml:"rotate"`
	Scale  string  `yaml:"scale"` // LO,HI
	Shift  float64 `yaml:"shift"` // auto (-1): 0 for photos, 2 for drawings

	Epochs       int     `yaml:"epochs"`
	Batch        int     `yaml:"batch"`
	Optimizer    string  `yaml:"optimizer"` // auto: sgd with pretrained weights, adamw without
	LR           float64 `yaml:"lr"`        // auto: 1e-3
	Momentum     float64 `yaml:"momentum"`
	Nesterov     bool    `yaml:"nesterov"`
	WeightDecay  float64 `yaml:"weight-decay"`
	BackboneRate float64 `yaml:"backbone-lr"` // factor
	Warmup       int     `yaml:"warmup"`      // steps
	CosineSteps  int     `yaml:"cosine-steps"`

	Seed       uint64 `yaml:"seed"`
	Out        string `yaml:"out"` // auto: the first of runs/001, runs/002, ... that is free
	Workers    int    `yaml:"workers"`
	CacheRAM   string `yaml:"cache-ram"`
	MaxBad     int    `yaml:"max-bad"`
	EvalEvery  int    `yaml:"eval-every"`
	CheckEvery int    `yaml:"checkpoint-every"`
	Keep       int    `yaml:"keep"`
	Device     string `yaml:"device"`    // auto, cpu, cuda or cuda:N
	Precision  string `yaml:"precision"` // fp32, tf32 or bf16, on a GPU
}

// Defaults are the settings of a run whose flags say nothing.
func Defaults() Config {
	m := method.Defaults()
	return Config{
		Labels: "auto", Boxes: "auto", Pretrained: "auto", Channels: 3, Dim: m.Dim, HeadInit: "auto", WhitenPower: 0.75, FinalWhiten: true, FinalPower: 0.5,
		Method: "cbswr", Clusters: m.Clusters, Temperature: m.Temperature, Alpha: m.Alpha, Mu: m.Mu,
		MetricWeight: m.MetricWeight, RimWeight: m.RimWeight, RecWeight: m.RecWeight, Dropout: m.Dropout,
		PseudoLabels: "cluster", Flip: -1, Rotate: 10, Scale: "0.9,1.1", Shift: -1,
		Epochs: 5, Batch: 64, BackboneRate: 1, Workers: runtime.NumCPU(), CacheRAM: "2GiB",
		MaxBad: -1, CheckEvery: 1, Keep: 3, Device: "auto", Precision: "fp32",
	}
}

// UsageError is a wrong flag or setting; the program exits with code 2.
type UsageError struct{ msg string }

// Error is the sentence for the user.
func (e *UsageError) Error() string { return e.msg }

func usage(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }

// Resolve fills in what is left to the program and checks every setting.
func (c *Config) Resolve() error {
	if c.Backbone == "" {
		c.Backbone = "squeezenet"
		if c.Channels == 1 {
			c.Backbone = "conv4"
		}
		if c.Pretrained == "auto" && c.Channels == 3 {
			c.Pretrained = "true"
		}
	}
	net, err := backbone.Find(c.Backbone)
	if err != nil {
		return usage("--backbone: %v", err)
	}
	c.resolveNetwork(net)
	c.resolveViews()
	c.resolveOptimizer()
	return c.check(net)
}

func (c *Config) resolveNetwork(net backbone.Network) {
	if c.Pretrained == "auto" || c.Pretrained == "" {
		c.Pretrained = "false"
	}
	if c.Size == 0 {
		c.Size = net.Size
	}
	if c.Resize == 0 {
		c.Resize = int(math.Round(1.1 * float64(c.Size)))
	}
	if c.HeadInit == "auto" {
		c.HeadInit = "random"
		if c.Pretrained != "false" {
			c.HeadInit = "whiten"
		}
	}
}

func (c *Config) resolveViews() {
	drawing := c.Channels == 1
	if c.Flip == -1 {
		c.Flip = 0.5
		if drawing {
			c.Flip = 0
		}
	}
	if c.Shift == -1 {
		c.Shift = 0
		if drawing {
			c.Shift = 2
		}
	}
}

func (c *Config) resolveOptimizer() {
	if c.Optimizer == "" {
		c.Optimizer = "adamw"
		if c.Pretrained != "false" {
			c.Optimizer = "sgd"
		}
	}
	if c.LR == 0 {
		c.LR = 1e-3
	}
}

// check refuses what cannot work, naming the flag.
func (c *Config) check(net backbone.Network) error {
	for _, r := range []struct {
		flag      string
		v, lo, hi float64
	}{
		{"size", float64(c.Size), float64(net.MinSize), 1024}, {"resize", float64(c.Resize), float64(c.Size), 2048},
		{"dim", float64(c.Dim), 1, 65536}, {"clusters", float64(c.Clusters), 1, 1 << 20}, {"batch", float64(c.Batch), 1, 1 << 16},
		{"epochs", float64(c.Epochs), 0, 1e6}, {"temperature", c.Temperature, 1e-4, 1e4}, {"alpha", c.Alpha, 0, 1e6},
		{"mu", c.Mu, 0, 1e6}, {"metric-weight", c.MetricWeight, 0, 1e6}, {"rim-weight", c.RimWeight, 0, 1e6},
		{"rec-weight", c.RecWeight, 0, 1e6}, {"dropout", c.Dropout, 0, 0.99}, {"flip", c.Flip, 0, 1}, {"rotate", c.Rotate, 0, 180},
		{"shift", c.Shift, 0, float64(c.Size)}, {"lr", c.LR, 0, 1e3}, {"momentum", c.Momentum, 0, 0.9999},
		{"weight-decay", c.WeightDecay, 0, 1e3}, {"backbone-lr", c.BackboneRate, 0, 1e3}, {"whiten-power", c.WhitenPower, 0, 2}, {"final-whiten-power", c.FinalPower, 0, 2},
		{"workers", float64(c.Workers), 1, 1024}, {"eval-every", float64(c.EvalEvery), 0, 1e6}, {"keep", float64(c.Keep), 1, 1e6},
		{"checkpoint-every", float64(c.CheckEvery), 1, 1e6}, {"warmup", float64(c.Warmup), 0, 1e9},
		{"cosine-steps", float64(c.CosineSteps), 0, 1e9}, {"max-bad", float64(c.MaxBad), -1, 1e9},
	} {
		if !(r.v >= r.lo && r.v <= r.hi) {
			return usage("--%s %g is out of range: expected %g to %g", r.flag, r.v, r.lo, r.hi)
		}
	}
	if err := c.checkChoices(); err != nil {
		return err
	}
	if _, err := c.cacheBytes(); err != nil {
		return err
	}
	_, _, err := c.scale()
	return err
}

func (c *Config) checkChoices() error {
	for _, r := range []struct {
		flag, v string
		choices []string
	}{
		{"labels", c.Labels, []string{"auto", "folder", "none"}}, {"boxes", c.Boxes, []string{"auto", "crop", "ignore"}},
		{"head-init", c.HeadInit, []string{"whiten", "random"}},
		{"method", c.Method, method.Names()}, {"optimizer", c.Optimizer, optim.Names()},
		{"pseudo-labels", c.PseudoLabels, []string{"cluster", "oracle"}},
	} {
		if !slices.Contains(r.choices, r.v) {
			return usage("--%s %q is not known: expected one of %s", r.flag, r.v, strings.Join(r.choices, ", "))
		}
	}
	if c.Channels != 1 && c.Channels != 3 {
		return usage("--channels %d is out of range: expected 1 (grey) or 3 (colour)", c.Channels)
	}
	if c.Channels == 1 && c.Backbone != "conv4" {
		return usage("--channels 1 works with --backbone conv4 alone: %s was made for colour images", c.Backbone)
	}
	return c.checkDevice()
}

// scale parses "LO,HI".
func (c *Config) scale() (lo, hi float64, err error) {
	low, high, _ := strings.Cut(c.Scale, ",")
	lo, errLo := strconv.ParseFloat(strings.TrimSpace(low), 64)
	hi, errHi := strconv.ParseFloat(strings.TrimSpace(high), 64)
	if errLo != nil || errHi != nil || !(lo >= 0.1 && lo <= hi && hi <= 10) {
		return 0, 0, usage("--scale %q is out of range: expected LO,HI with 0.1 <= LO <= HI <= 10, such as 0.9,1.1", c.Scale)
	}
	return lo, hi, nil
}

// MethodOptions are the method's coefficients.
func (c *Config) MethodOptions() method.Options {
	return method.Options{
		Clusters: c.Clusters, Dim: c.Dim, Temperature: c.Temperature, Alpha: c.Alpha, Mu: c.Mu,
		MetricWeight: c.MetricWeight, RimWeight: c.RimWeight, RecWeight: c.RecWeight,
		Dropout: c.Dropout, LogitNorm: c.LogitNorm, Oracle: c.PseudoLabels == "oracle",
	}
}

func (c *Config) optimOptions() optim.Options {
	return optim.Options{
		Name: c.Optimizer, Momentum: c.Momentum, Nesterov: c.Nesterov, WeightDecay: c.WeightDecay, BackboneFactor: c.BackboneRate,
	}
}
