package setting

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/data/baddata"
)

// hubModels are models as transformers saves them; scripts/test_hub.py wrote them.
const hubModels = "../../testdata/hub/"

// TestPublisher: a folder decides the network and how images are prepared; what is set stays.
func TestPublisher(t *testing.T) {
	const imageNet, half = "0.485,0.456,0.406", "0.5,0.5,0.5"
	for _, c := range []struct {
		name, model string
		change      func(*Config)
		want        NetworkSettings
	}{
		{"folder", "dinov2", nil, NetworkSettings{
			Backbone: "dinov2:dim=16,depth=2,heads=2,patch=7,grid=3", Size: 28, Resize: 32, ResizeMode: "shorter-floor",
			Interpolation: "bicubic", ChannelOrder: "rgb", PixelRange: 1, Mean: imageNet, Std: "0.229,0.224,0.225",
		}},
		{"size alone keeps the proportion", "dinov2", func(c *Config) { c.Size = 56 }, NetworkSettings{
			Backbone: "dinov2:dim=16,depth=2,heads=2,patch=7,grid=3", Size: 56, Resize: 64, ResizeMode: "shorter-floor",
			Interpolation: "bicubic", ChannelOrder: "rgb", PixelRange: 1, Mean: imageNet, Std: "0.229,0.224,0.225",
		}},
		{"in another order and range", "siglip", func(c *Config) { c.ChannelOrder, c.PixelRange = "bgr", 255 }, NetworkSettings{
			Backbone: "siglip:dim=16,depth=2,heads=2,patch=7,grid=4", Size: 28, Resize: 28, ResizeMode: "squash",
			Interpolation: "bicubic", ChannelOrder: "bgr", PixelRange: 255, Mean: "127.5,127.5,127.5", Std: "127.5,127.5,127.5",
		}},
		{"network and mean are named", "vit", func(c *Config) {
			c.Backbone, c.Mean = "vit:dim=16,depth=2,heads=2,patch=7,grid=4,eps=1e-12", "0.1,0.2,0.3"
		}, NetworkSettings{
			Backbone: "vit:dim=16,depth=2,heads=2,patch=7,grid=4,eps=1e-12", Size: 28, Resize: 28, ResizeMode: "squash",
			Interpolation: "bilinear", ChannelOrder: "rgb", PixelRange: 1, Mean: "0.1,0.2,0.3", Std: half,
		}},
	} {
		got := Defaults()
		got.Data, got.Pretrained = "photos", hubModels+c.model
		if c.change != nil {
			c.change(&got)
		}
		if err := got.Resolve(); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		c.want.Pretrained, c.want.Channels, c.want.Dim, c.want.HeadInit = got.Pretrained, 3, 16, "within" // as wide as its features
		c.want.Stages, c.want.Pool = 1, "cls"
		if c.model == "siglip" {
			c.want.Pool = "head"
		}
		if got.NetworkSettings != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got.NetworkSettings, c.want)
		}
		again := got
		again.Pretrained = "gone" // a run's settings are complete, wherever it is
		if err := again.Resolve(); err != nil || again.Size != got.Size || again.Mean != got.Mean {
			t.Errorf("%s, without the folder: %+v, %v", c.name, again.NetworkSettings, err)
		}
	}
}

// TestTimmResNet: a folder of timm names a network that is no transformer, and prepares images in its own way.
func TestTimmResNet(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"model.safetensors": "\x02\x00\x00\x00\x00\x00\x00\x00{}",
		"config.json": `{"architecture":"resnet18","pretrained_cfg":{"input_size":[3,224,224],"crop_pct":0.95,"interpolation":"bicubic",
			"mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225]}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c := Defaults()
	c.Data, c.Pretrained = "photos", dir
	if err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	if c.Backbone != "resnet18" || c.Size != 224 || c.Resize != 235 || c.ResizeMode != "shorter" || c.Interpolation != "bicubic" {
		t.Errorf("%+v", c.NetworkSettings)
	}
}

// TestTransformerWithoutFile: a transformer that is named has the usual preparation of its family.
func TestTransformerWithoutFile(t *testing.T) {
	c, err := resolved(t, "dinov2_vits14", nil)
	if err != nil || c.Size != 224 || c.Resize != 256 || c.ResizeMode != "shorter" || c.Interpolation != "bicubic" {
		t.Errorf("%+v, %v", c.NetworkSettings, err)
	}
}

// TestFileOfNamedNetworkIsNotOpened: a file alone says nothing more about a network that is named, and is not needed for its settings;
// without a name it is.
func TestFileOfNamedNetworkIsNotOpened(t *testing.T) {
	for _, name := range []string{"resnet18", "dinov2_vits14"} {
		if _, err := resolved(t, name, func(c *Config) { c.Pretrained = "none.pth" }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := resolved(t, "", func(c *Config) { c.Pretrained = "none.pth" })
	var bad *baddata.Error
	if !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), "--pretrained none.pth: ") {
		t.Errorf("error %v", err)
	}
}
