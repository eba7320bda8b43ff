package setting

import (
	"fmt"
	"slices"
	"strings"

	"udml-gpu/engine/setting/table"
)

// preset is a published protocol: the settings that reproduce it.
type preset struct {
	name   string
	values []presetValue
}

// presetValue is one setting as in a settings file, and its source. docs/method.md has the same table; a test compares the two.
type presetValue struct{ key, value, from string }

// Where a preset's value comes from.
const (
	paper      = "paper"       // Nguyen et al., BMVC 2020, in the authors' summary
	code       = "code"        // the program published with it, https://github.com/aioz-ai/BMVC20_CBSwR
	thisDesign = "this design" // published in neither for this data set
)

// cbswrProtocol are the values that all presets share. Where the paper and its program differ, they are the paper's.
var cbswrProtocol = []presetValue{
	{"backbone", "googlenet_caffe", code},
	{"pretrained", "true", code},
	{"channels", "3", code},
	{"invert", "false", code},
	{"size", "224", code},
	{"resize", "256", code},
	{"resize-mode", "squash", code},
	{"interpolation", "lanczos", code},
	{"crop", "random", code},
	{"boxes", "ignore", code},
	{"channel-order", "bgr", code},
	{"pixel-range", "255", code},
	{"mean", "102.9801,115.9465,122.7717", code},
	{"std", "1,1,1", code},
	{"pool", "mean", code},
	{"stages", "1", code},
	{"mirror-average", "false", code},
	{"also-size", "0", code},
	{"also-mirrored", "false", code},
	{"dim", "128", paper},
	{"head-init", "random", code},
	{"final-whiten", "false", code},
	{"result", "trained", code},
	{"method", "cbswr", paper},
	{"clusters", "32", paper},
	{"logit-norm", "false", paper},
	{"pseudo-labels", "cluster", paper},
	{"temperature", "0.1", code},
	{"alpha", "1", code},
	{"mu", "1", code},
	{"dropout", "0.6", code},
	{"metric-weight", "0.9", code},
	{"rim-weight", "0.3", code},
	{"rec-weight", "0.001", code},
	{"flip", "0.75", code},
	{"rotate", "0", code},
	{"scale", "1,1", code},
	{"shift", "0", code},
	{"epochs", "30", code},
	{"batch", "64", code},
	{"optimizer", "sgd", code},
	{"lr", "0.001", code},
	{"momentum", "0", code},
	{"nesterov", "false", code},
	{"weight-decay", "0", code},
	{"backbone-lr", "1", code},
	{"layer-decay", "1", code},
	{"drop-path", "0", code},
	{"train-blocks", "-1", code},
	{"warmup", "0", code},
	{"cosine-steps", "0", code},
	{"clip-grad", "0", thisDesign},
}

var presets = []preset{
	{"cbswr-cub", slices.Concat(cbswrProtocol, []presetValue{{"positives", "neighbours", code}})},
	{"cbswr-cars", slices.Concat(cbswrProtocol, []presetValue{{"positives", "self", code}})},
	{"cbswr-sop", slices.Concat(cbswrProtocol, []presetValue{{"positives", "self", thisDesign}})},
	{"cbswr-inshop", slices.Concat(cbswrProtocol, []presetValue{{"positives", "self", thisDesign}})},
}

// Auto is the preset of a run that names none: settings that are left open are chosen by a look at the data (engine/preset). NoPreset
// asks for the defaults as they are.
const Auto, NoPreset = "auto", "none"

// Presets are the names that --preset takes.
func Presets() []string { return append([]string{Auto, NoPreset}, protocols()...) }

// protocols are the names of the published protocols.
func protocols() []string {
	var names []string
	for _, p := range presets {
		names = append(names, p.name)
	}
	return names
}

func findPreset(name string) (preset, error) {
	i := slices.IndexFunc(presets, func(p preset) bool { return p.name == name })
	if i < 0 {
		return preset{}, Usage("--preset %q is not known: expected one of %s", name, strings.Join(Presets(), ", "))
	}
	return presets[i], nil
}

// value is the preset's value of a setting, which it must have.
func (p preset) value(key string) string {
	i := slices.IndexFunc(p.values, func(v presetValue) bool { return v.key == key })
	return p.values[i].value
}

// Departures are the settings that the preset of that name states and in which c differs from protocol, which follows it. Which file of
// pretrained weights is used is left to the user, but not whether one is.
func (c *Config) Departures(protocol Config, name string) []Change {
	p, err := findPreset(name)
	if err != nil {
		return nil
	}
	return c.changes(protocol, func(r table.Row) bool {
		stated := slices.ContainsFunc(p.values, func(v presetValue) bool { return v.key == r.Key })
		return stated && (r.Key != "pretrained" || c.Pretrained == "false")
	})
}

// apply sets the preset's values in c.
func (p preset) apply(c *Config) error {
	var text strings.Builder
	for _, v := range p.values {
		fmt.Fprintf(&text, "%s: %s\n", v.key, v.value)
	}
	if err := c.ReadYAML("preset "+p.name, []byte(text.String())); err != nil {
		return err
	}
	c.Preset = p.name
	return nil
}
