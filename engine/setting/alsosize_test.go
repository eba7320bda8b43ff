package setting

import (
	"errors"
	"strings"
	"testing"
)

// TestAlsoSize: the second size is what was measured for the built-in weights at their size, and else none unless asked for; one that the
// network cannot take, or that is the first, is refused, as is a mirrored one that is none or shows the mirror image anyway.
func TestAlsoSize(t *testing.T) {
	with := func(change func(c *Config)) Config {
		c := Defaults()
		c.Data = "d"
		change(&c)
		return c
	}
	for _, k := range []struct {
		name   string
		change func(c *Config)
		want   int
		says   string
	}{
		{"the defaults", func(*Config) {}, 160, ""},
		{"none", func(c *Config) { c.AlsoSize = 0 }, 0, ""},
		{"another size", func(c *Config) { c.Size = 112 }, 0, ""},
		{"another size, asked for", func(c *Config) { c.Size, c.AlsoSize = 112, 80 }, 80, ""},
		{"another pooling", func(c *Config) { c.Pool = "max" }, 0, ""},
		{"one stage", func(c *Config) { c.Stages = 1 }, 0, ""},
		{"random weights", func(c *Config) { c.Pretrained = "false" }, 0, ""},
		{"another network", func(c *Config) { c.Backbone, c.Pretrained = "squeezenet1_1", "false" }, 0, ""},
		{"the first", func(c *Config) { c.AlsoSize = 224 }, 0, "--also-size 224 is --size: expected another one, or 0"},
		{"too small", func(c *Config) { c.AlsoSize = 20 }, 0, "--also-size 20 is too small for squeezenet: expected 0 or at least 21"},
		{
			"half a patch", func(c *Config) { c.Backbone, c.Pretrained, c.AlsoSize = "dinov2_vits14", "false", 160 }, 0,
			"--also-size 160 is no multiple of 14, the patch of dinov2_vits14: 154 and 168 are",
		},
		{"mirrored", func(c *Config) { c.AlsoMirrored = true }, 160, ""},
		{
			"one size, mirrored", func(c *Config) { c.AlsoSize, c.AlsoMirrored = 0, true }, 0,
			"--also-mirrored needs a second size: give one with --also-size",
		},
		{
			"mirrored twice", func(c *Config) { c.MirrorAverage, c.AlsoMirrored = true, true }, 0,
			"with --mirror-average both sizes show the mirror image too",
		},
		{"too large", func(c *Config) { c.AlsoSize = 1 << 13 }, 0, "--also-size"},
	} {
		c := with(k.change)
		err := c.Resolve()
		var wrong *UsageError
		switch {
		case k.says == "" && (err != nil || c.AlsoSize != k.want):
			t.Errorf("%s: %d, %v; want %d", k.name, c.AlsoSize, err, k.want)
		case k.says != "" && (!errors.As(err, &wrong) || !strings.Contains(err.Error(), k.says)):
			t.Errorf("%s: %v, want %s", k.name, err, k.says)
		}
	}
}
