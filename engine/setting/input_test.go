package setting

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"udml-gpu/models/backbone"
)

// resolved are the resolved settings of a run of that backbone on colour images, after change.
func resolved(t *testing.T, network string, change func(*Config)) (Config, error) {
	t.Helper()
	c := Defaults()
	c.Data, c.Backbone = "photos", network
	if change != nil {
		change(&c)
	}
	return c, c.Resolve()
}

// TestInputDefaults: the default normalisation is that of the backbone, in any channel order and pixel range.
func TestInputDefaults(t *testing.T) {
	for _, c := range []struct {
		network          string
		change           func(*Config)
		order, mean, std string
		white            int
	}{
		{"squeezenet", nil, "rgb", "123,117,104", "1,1,1", 255},
		{"squeezenet", func(c *Config) { c.ChannelOrder = "bgr" }, "bgr", "104,117,123", "1,1,1", 255},
		{"resnet18", nil, "rgb", "0.485,0.456,0.406", "0.229,0.224,0.225", 1},
		{"resnet18", func(c *Config) { c.PixelRange = 255 }, "rgb", "123.675,116.28,103.53", "58.395,57.12,57.375", 255},
		{"googlenet", func(c *Config) { c.Std = " 1, 1.0,1e0" }, "rgb", "0.5,0.5,0.5", "1,1,1", 1},
		{"conv4", nil, "rgb", "0,0,0", "1,1,1", 1},
		{"conv4", func(c *Config) { c.Channels = 1 }, "rgb", "0", "1", 1},
		{"conv4", func(c *Config) { c.Channels, c.Mean, c.PixelRange = 1, "127.50", 255 }, "rgb", "127.5", "255", 255},
	} {
		got, err := resolved(t, c.network, c.change)
		if err != nil {
			t.Fatal(err)
		}
		if got.ChannelOrder != c.order || got.Mean != c.mean || got.Std != c.std || got.PixelRange != c.white {
			t.Errorf("%s: %s, mean %s, std %s, range %d; want %s, %s, %s, %d", c.network,
				got.ChannelOrder, got.Mean, got.Std, got.PixelRange, c.order, c.mean, c.std, c.white)
		}
		again := got
		if err := again.Resolve(); err != nil || !equal(again, got) {
			t.Errorf("%s: resolving twice gives %+v, %v", c.network, again, err)
		}
	}
}

// TestInputReachesTheNetwork: the network has the normalisation of the settings, in their pixel range and channel order.
func TestInputReachesTheNetwork(t *testing.T) {
	for _, name := range backbone.Names() {
		c, err := resolved(t, name, nil)
		if err != nil {
			t.Fatal(err)
		}
		own, err := backbone.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		net, err := c.Network()
		if err != nil {
			t.Fatal(err)
		}
		wantMean, wantStd := own.Input(3, 255, own.BGR)
		mean, std := net.Input(3, 255, own.BGR)
		for i := range 3 {
			if !(math.Abs(mean[i]-wantMean[i]) <= 1e-12*255) || !(math.Abs(std[i]-wantStd[i]) <= 1e-12*255) || net.BGR != own.BGR {
				t.Errorf("%s sees mean %v, std %v; its weights want %v, %v", name, mean, std, wantMean, wantStd)
			}
		}
	}
	c, err := resolved(t, "conv4", func(c *Config) { c.ChannelOrder, c.PixelRange, c.Mean, c.Std = "bgr", 255, "1,2,3", "4,5,6" })
	if err != nil {
		t.Fatal(err)
	}
	net, err := c.Network()
	same := slices.Equal(net.Mean, []float64{1, 2, 3}) && slices.Equal(net.Std, []float64{4, 5, 6})
	if err != nil || !net.BGR || net.Range != 255 || !same {
		t.Errorf("%+v, error %v", net, err)
	}
}

func TestInputRefusals(t *testing.T) {
	for want, change := range map[string]func(*Config){
		`--channel-order "grb"`:                    func(c *Config) { c.ChannelOrder = "grb" },
		"--channel-order bgr needs --channels 3":   func(c *Config) { c.ChannelOrder, c.Channels = "bgr", 1 },
		"--pixel-range 256":                        func(c *Config) { c.PixelRange = 256 },
		`--mean "1,2"`:                             func(c *Config) { c.Mean, c.PixelRange = "1,2", 255 },
		`--mean "1,2,3,4"`:                         func(c *Config) { c.Mean, c.PixelRange = "1,2,3,4", 255 },
		`--mean "a,b,c"`:                           func(c *Config) { c.Mean = "a,b,c" },
		`--mean "NaN,0,0"`:                         func(c *Config) { c.Mean = "nan,0,0" },
		`--mean "123,117,104" does not fit`:        func(c *Config) { c.Mean = "123,117,104" },
		`--mean "-0.1,0,0"`:                        func(c *Config) { c.Mean = "-0.1,0,0" },
		`--std "0,1,1" does not fit: expected 3 n`: func(c *Config) { c.Std = "0,1,1" },
		`--std "1,+Inf,1"`:                         func(c *Config) { c.Std = "1,inf,1" },
		`--resize-mode "longer"`:                   func(c *Config) { c.ResizeMode = "longer" },
		`--interpolation "nearest"`:                func(c *Config) { c.Interpolation = "nearest" },
		`--crop "corner"`:                          func(c *Config) { c.Crop = "corner" },
	} {
		_, err := resolved(t, "conv4", change)
		var bad *UsageError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want a *UsageError with %s", err, want)
		}
	}
}

// TestCropOfViews: views are cropped at random for photos and in the centre for drawings, unless --crop says otherwise.
func TestCropOfViews(t *testing.T) {
	for _, c := range []struct {
		channels int
		crop     string
		random   bool
	}{{3, "", true}, {1, "", false}, {3, "centre", false}, {1, "random", true}} {
		cfg, err := resolved(t, "conv4", func(cfg *Config) { cfg.Channels, cfg.Crop = c.channels, c.crop })
		if err != nil {
			t.Fatal(err)
		}
		if first, second := cfg.Ranges(); first.Crop != c.random || second.Crop != c.random {
			t.Errorf("%d channels, --crop %q: %v and %v", c.channels, c.crop, first, second)
		}
	}
}
