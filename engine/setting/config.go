// Package setting holds what a run depends on: settings, their defaults and checks, presets, and the layers they come from.
package setting

import (
	"fmt"
	"runtime"

	"udml-gpu/engine/method"
	"udml-gpu/engine/optim"
)

// Config is everything that a training run depends on. The YAML keys are the flags' names.
// Empty strings and zeros marked "auto" are filled in by Resolve.
type Config struct {
	Preset string `yaml:"preset"` // the name under which most settings were taken; a note, values stand in the other fields

	Data   string `yaml:"data"`
	Labels string `yaml:"labels"` // auto, folder or none
	Boxes  string `yaml:"boxes"`  // auto, crop or ignore
	Layout string `yaml:"layout"` // auto, splits or plain

	Backbone   string `yaml:"backbone"`     // auto: squeezenet
	Pretrained string `yaml:"pretrained"`   // auto (those of the program, where it has some), true, false, or a weight file
	Part       string `yaml:"weights-part"` // of the weight file, where that holds the network more than once; empty: the usual one
	Size       int    `yaml:"size"`         // auto: the backbone's
	Resize     int    `yaml:"resize"`       // auto: round(1.1 size)

	ResizeMode    string `yaml:"resize-mode"`   // squash or shorter
	Interpolation string `yaml:"interpolation"` // bilinear, bicubic or lanczos
	ChannelOrder  string `yaml:"channel-order"` // rgb or bgr; auto: the backbone's, as are the next three
	PixelRange    int    `yaml:"pixel-range"`   // 1 or 255
	Mean          string `yaml:"mean"`          // a number for each channel, in the order and range above
	Std           string `yaml:"std"`

	Channels int    `yaml:"channels"`
	Invert   bool   `yaml:"invert"`
	Dim      int    `yaml:"dim"`
	HeadInit string `yaml:"head-init"` // auto, whiten or random

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
	Positives    string  `yaml:"positives"`     // self or neighbours

	Crop   string  `yaml:"crop"` // random or centre; auto: random for photos, centre for drawings
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
	ClipGrad     float64 `yaml:"clip-grad"`   // 0: off
	BackboneRate float64 `yaml:"backbone-lr"` // factor
	Warmup       int     `yaml:"warmup"`      // steps
	CosineSteps  int     `yaml:"cosine-steps"`

	MaxBadSteps    int     `yaml:"max-bad-steps"`   // in a row; 0: any number
	CollapseEpochs int     `yaml:"collapse-epochs"` // in a row; 0: off
	CollapseRank   float64 `yaml:"collapse-rank"`   // 0: off
	CollapseEvals  int     `yaml:"collapse-evals"`  // in a row; 0: off

	Seed       uint64 `yaml:"seed"`
	Out        string `yaml:"out"` // auto: the first of runs/001, runs/002, ... that is free
	Workers    int    `yaml:"workers"`
	CacheRAM   string `yaml:"cache-ram"`
	Cache      string `yaml:"cache"` // folder of decoded images that later runs use again; empty or none: no folder
	MaxBad     int    `yaml:"max-bad"`
	MaxPixels  string `yaml:"max-pixels"`
	EvalEvery  int    `yaml:"eval-every"`
	CheckEvery int    `yaml:"checkpoint-every"`
	CheckSteps int    `yaml:"checkpoint-steps"` // 0: none within an epoch
	Keep       int    `yaml:"keep"`
	Device     string `yaml:"device"`    // auto, cpu, cuda or cuda:N
	Precision  string `yaml:"precision"` // fp32, tf32 or bf16, on a GPU
}

// Defaults are the settings of a run whose flags say nothing.
func Defaults() Config {
	m := method.Defaults()
	return Config{
		Labels: "auto", Boxes: "auto", Layout: "auto",
		Pretrained: "auto", ResizeMode: "squash", Interpolation: "bilinear", Channels: 3, Dim: m.Dim, HeadInit: "auto", WhitenPower: 0.75, FinalWhiten: true, FinalPower: 0.5,
		Method: "cbswr", Clusters: m.Clusters, Temperature: m.Temperature, Alpha: m.Alpha, Mu: m.Mu,
		MetricWeight: m.MetricWeight, RimWeight: m.RimWeight, RecWeight: m.RecWeight, Dropout: m.Dropout,
		PseudoLabels: "cluster", Positives: "self", Flip: -1, Rotate: 10, Scale: "0.9,1.1", Shift: -1,
		Epochs: 5, Batch: 64, BackboneRate: 1, Workers: runtime.NumCPU(), CacheRAM: "2GiB",
		MaxBadSteps: 10, CollapseEpochs: 2, CollapseRank: 1.5, CollapseEvals: 2,
		MaxBad: -1, MaxPixels: "179M", CheckEvery: 1, Keep: 3, Device: "auto", Precision: "fp32",
	}
}

// UsageError is a wrong flag or setting; the program exits with code 2.
type UsageError struct{ msg string }

// Error is the sentence for the user.
func (e *UsageError) Error() string { return e.msg }

// Usage is an error for a wrong flag or setting; the program exits with code 2.
func Usage(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }

// MethodOptions are the method's coefficients.
func (c *Config) MethodOptions() method.Options {
	return method.Options{
		Clusters: c.Clusters, Dim: c.Dim, Temperature: c.Temperature, Alpha: c.Alpha, Mu: c.Mu,
		MetricWeight: c.MetricWeight, RimWeight: c.RimWeight, RecWeight: c.RecWeight,
		Dropout: c.Dropout, LogitNorm: c.LogitNorm, Oracle: c.PseudoLabels == "oracle",
		CollapseEpochs: c.CollapseEpochs, Neighbours: c.Positives == "neighbours",
	}
}

// OptimOptions are the optimiser's settings.
func (c *Config) OptimOptions() optim.Options {
	return optim.Options{
		Name: c.Optimizer, Momentum: c.Momentum, Nesterov: c.Nesterov, WeightDecay: c.WeightDecay, BackboneFactor: c.BackboneRate,
		MaxNorm: c.ClipGrad,
	}
}
