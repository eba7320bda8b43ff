// Package preset is the preset "auto": it looks at some images of the data and sets what is left open to what was measured to be better
// for such images. No label is read. docs/backbones.md has the rules with their evidence.
package preset

import (
	"context"
	"encoding/json"

	"udml-gpu/engine/data"
	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/images"
	"udml-gpu/engine/setting"
	"udml-gpu/models/shard"
)

// Decide looks at the images that l names and sets what is left open, if l has the preset Auto; otherwise it does nothing. l is not
// resolved yet. Of the ranks of g (nil: this process is alone), which all call it, rank 0 looks, and all decide by what it has seen. src is
// the data set, open, on the rank that has looked; nil where it did not have to, or could not open it, which what opens it next reports.
// said is a sentence on what was changed; "" where nothing was. Errors are that of ctx, of a store that fails on the way, and of a rank
// that is gone.
func Decide(ctx context.Context, l *setting.Layers, g *shard.Group) (src *data.Source, said string, err error) {
	if l.Open("preset") && data.IsDemo(l.Config.Data) {
		l.Config.Preset = "" // the demo's figures are documented
	}
	var seen sight
	err = accord.While(g, "look at the images", func() (err error) {
		if usual, why := undecided(l); why != "" {
			seen.Nothing = why
		} else {
			src, seen, err = look(ctx, usual)
		}
		return err
	})
	if err == nil {
		err = seen.share(g)
	}
	if err != nil {
		if src != nil {
			src.Close()
		}
		return nil, "", err
	}
	return src, decide(l, seen), nil
}

// undecided says why nothing is decided, so that nothing has to be looked at; "" where there is something. usual are the settings without a
// decision, resolved.
func undecided(l *setting.Layers) (usual setting.Config, why string) {
	if l.Config.Preset != setting.Auto {
		return usual, "there is another preset"
	}
	usual, err := l.Resolved()
	switch {
	case err != nil: // reported when the run is resolved
		return usual, "the settings are not valid"
	case usual.Data == "":
		return usual, "looks at the images and decides by them, with --data"
	case !openSize(l) && !openFlip(l, &usual) && !openMirrored(l, &usual) && !openTraining(l, &usual) && !openEpochs(l, &usual):
		return usual, "nothing is left to decide: --size or --resize is given, --flip, and --epochs 0 or how to train"
	case usual.Backbone != measured || usual.Pretrained != "true" || usual.Channels != 3:
		return usual, "decides nothing where the network is not the built-in one, with which its rules were measured"
	}
	return usual, ""
}

// measured is the backbone with which the rules were measured, with its built-in weights.
const measured = "squeezenet"

// sight is what rank 0 has seen, or why it has seen nothing.
type sight struct {
	Facts   Facts
	Nothing string
}

// look opens the data of c (resolved) and looks at its training images. The error is that of ctx, or of a store that fails on the way.
func look(ctx context.Context, c setting.Config) (*data.Source, sight, error) {
	maxPixels, err := c.PixelLimit()
	if err != nil {
		return nil, sight{Nothing: err.Error()}, nil
	}
	src, err := images.Open(ctx, c)
	if ctx.Err() != nil {
		return nil, sight{}, ctx.Err()
	}
	if err != nil {
		return nil, sight{Nothing: "the images cannot be looked at: " + err.Error()}, nil
	}
	most := mostLooked
	if data.Remote(c.Data) {
		most = mostFetched
	}
	facts, err := Look(ctx, images.TrainingSet(src), Options{Most: most, Size: c.Size, MaxPixels: maxPixels, Workers: c.Workers})
	if err != nil {
		src.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, sight{}, err
	}
	return src, sight{Facts: facts}, nil
}

// share gives all ranks what rank 0 has seen.
func (s *sight) share(g *shard.Group) error {
	if g.Ranks() == 1 {
		return nil
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	text = []byte(g.Share("share the look at the images", string(text)))
	if err := g.Err(); err != nil {
		return err
	}
	return json.Unmarshal(text, s)
}
