package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/data"
	"udml-gpu/engine/preset"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
	"udml-gpu/engine/train"
	"udml-gpu/models/shard"
)

// trainLayers are the settings of a new run, and its data set where --preset auto has looked at it.
func trainLayers(ctx context.Context, c *cli.Context, rows []table.Row, s train.Session, ranks int) (*setting.Layers, *data.Source, error) {
	var src *data.Source
	l, err := layersFor(c, rows, ranks, func(l *setting.Layers) (err error) {
		if c.Bool("demo") {
			l.Config.Data = data.Demo(c.Int("demo-classes"))
			l.Note("data", givenBy(c, "demo"))
		}
		src, err = autoPreset(ctx, c, l, s)
		return err
	})
	if err != nil && src != nil {
		src.Close()
		src = nil
	}
	return l, src, err
}

// autoPreset has --preset auto decide, and says what it has changed.
func autoPreset(ctx context.Context, c *cli.Context, l *setting.Layers, s train.Session) (*data.Source, error) {
	var g *shard.Group
	if s.Carrier != nil {
		g = shard.New(s.Carrier.Size(), s.Carrier)
	}
	src, said, err := preset.Decide(ctx, l, g)
	if errors.Is(err, context.Canceled) {
		return nil, fmt.Errorf("%w before training began; the same command starts it", train.ErrStopped)
	}
	if said != "" && !c.Bool("show-config") {
		s.Log.Info().Msg(said)
	}
	return src, err
}

// printSettings prints the settings of a run that would start now.
func printSettings(c *cli.Context, l *setting.Layers) error {
	text, err := l.YAML()
	if err != nil {
		return err
	}
	return printResultOr(c, l.Settings(), string(text))
}
