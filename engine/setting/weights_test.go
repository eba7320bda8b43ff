package setting

import (
	"errors"
	"strings"
	"testing"

	"udml-gpu/models/backbone"
)

// ofNoTransformer is a file of weights from which no network follows.
const ofNoTransformer = "../../testdata/weights/arrays.npz"

// TestNamedBackboneHasItsWeights: a network with built-in weights has them, named or by default; others are random.
func TestNamedBackboneHasItsWeights(t *testing.T) {
	for _, name := range append(backbone.Names(), "") {
		for _, said := range []string{"auto", "", "false", ofNoTransformer} {
			c := Defaults()
			c.Backbone, c.Pretrained = name, said
			if err := c.Resolve(); err != nil {
				t.Fatal(err)
			}
			net, err := backbone.Find(c.Backbone)
			want := said
			if said == "auto" || said == "" {
				want = "false"
				if net.BuiltIn != nil {
					want = "true"
				}
			}
			trained := want != "false"
			if err != nil || c.Pretrained != want || (c.Optimizer == "sgd") != trained || (c.HeadInit == "within") != trained {
				t.Errorf("--backbone %q --pretrained=%s: %q, %s, %s, %v; want %q",
					name, said, c.Pretrained, c.Optimizer, c.HeadInit, err, want)
			}
			if text := c.random(); (text != "") != (want == "false") || want == "false" && !strings.Contains(text, "random weights") {
				t.Errorf("--backbone %q --pretrained=%s says %q", name, said, text)
			}
		}
	}
}

// TestPowerChoosesWhiten: --whiten-power, which --head-init within does not have, is not ignored without a word.
func TestPowerChoosesWhiten(t *testing.T) {
	for text, want := range map[string]string{
		"": "within", "whiten-power: 0.75": "whiten", "whiten-power: 0.5": "within", "whiten-power: 0.75\nhead-init: within": "within",
		"whiten-power: 0.75\nbackbone: conv4": "random",
	} {
		c := Defaults()
		if err := c.ReadYAML("f.yaml", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := c.Resolve(); err != nil || c.HeadInit != want {
			t.Errorf("%q: %s, %v, want %s", text, c.HeadInit, err, want)
		}
	}
}

// TestWantTrained: a random network must be asked for, by --pretrained=false in some layer or by naming a network without published
// weights.
func TestWantTrained(t *testing.T) {
	for text, refused := range map[string]bool{
		"": false, "backbone: squeezenet": false, "backbone: resnet18": true, "backbone: bninception\npretrained: auto": true,
		"backbone: googlenet_caffe": true, "backbone: resnet18\npretrained: false": false, "backbone: resnet50\npretrained: w.pth": false,
		"backbone: squeezenet\npretrained: false": false,
		"backbone: conv4":                         false, "backbone: conv4\nchannels: 1": false,
		"channels: 1": true, "channels: 1\npretrained: false": false,
		"preset: cbswr-cub": false, // WantWeights refuses it
	} {
		l, err := NewLayers("", "f.yaml", []byte(text))
		if err == nil {
			err = l.Resolve()
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		err = l.WantTrained()
		var wrong *UsageError
		if errors.As(err, &wrong) != refused || (err != nil) != refused || refused && !strings.Contains(err.Error(), "--pretrained=false") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestOldRunsKeepTheirWeights: a run that began with a random SqueezeNet, before the program had its weights, keeps it when resumed.
func TestOldRunsKeepTheirWeights(t *testing.T) {
	run := Defaults()
	run.Data, run.Backbone, run.Pretrained = "d", "squeezenet", "false"
	if err := run.Resolve(); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"backbone: squeezenet\n", "pretrained: auto\n", "pretrained: false\n", "# nothing\n"} {
		c := run
		if err := c.ReadYAML("f.yaml", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if changes, err := c.CompatibleWith(run, nil); err != nil || len(changes) > 0 || !equal(c, run) {
			t.Errorf("%q: %v, %v, %+v", text, changes, err, c)
		}
		c = run
		if err := c.ReadYAML("f.yaml", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := c.KeepsNetwork(run); err != nil || !equal(c, run) {
			t.Errorf("%q: %v", text, err)
		}
	}
	c := run
	c.Pretrained = "true"
	if _, err := c.CompatibleWith(run, nil); err == nil || !strings.Contains(err.Error(), "--pretrained true differs") {
		t.Errorf("other weights: %v", err)
	}
}

func TestPartNeedsAFile(t *testing.T) {
	for said, good := range map[string]bool{"auto": false, "true": false, "false": false, ofNoTransformer: true} {
		c := Defaults()
		c.Pretrained, c.Part = said, "teacher"
		err := c.Resolve()
		if (err == nil) != good || err != nil && !strings.Contains(err.Error(), "--weights-part teacher needs --pretrained=FILE") {
			t.Errorf("--pretrained=%s: %v", said, err)
		}
	}
}
