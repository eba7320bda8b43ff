package main

import (
	"slices"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/dist/ranks"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting/table"
)

// imagesFlags choose a network (a run, or a backbone) and the images to run through it.
func imagesFlags() []cli.Flag {
	return []cli.Flag{
		configFlag(), jsonFlag(),
		&cli.StringFlag{Name: "run", Usage: "run directory whose last checkpoint is used", EnvVars: env("run")},
		&cli.StringFlag{
			Name: "split", Value: "auto", EnvVars: env("split"),
			Usage: "train, test, all, or another that the data set lists, such as query or gallery; auto: test where there is one, " +
				"else all",
		},
		&cli.StringFlag{Name: "layer", Value: "embedding", Usage: "embedding, or pooled: the backbone's features", EnvVars: env("layer")},
	}
}

func evalCommand() *cli.Command {
	rows := settingsOf("data", "network", "seed", "device", "precision")
	return &cli.Command{
		Name: "eval", Usage: "measure retrieval and clustering quality on labelled images, health on any",
		Flags:        slices.Concat(imagesFlags(), ranksFlags("measure the network"), flagsOf(rows, "")),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return evaluate(c, rows) },
	}
}

func evaluate(c *cli.Context, rows []table.Row) error {
	if started, err := startRanks(c); started || err != nil {
		return err
	}
	ui := newSession().UI
	return withRanks(c.Context, c, &ui, accord.Ends, func(r *ranks.Ranks) error {
		q, err := imageQuery(c, rows)
		if err != nil {
			return err
		}
		q.UI, q.Work = ui, workOf(c.Context, r)
		report, err := inference.Measure(c.Context, q)
		if err != nil || !r.Leads() {
			return err
		}
		return printScores(c, report)
	})
}

// imageQuery reads the flags that eval and embed share. With --run the run's settings are used, except for the data.
func imageQuery(c *cli.Context, rows []table.Row) (inference.Request, error) {
	q := inference.Request{Run: c.String("run"), Split: c.String("split"), Layer: c.String("layer"), UI: newSession().UI}
	if err := noArguments(c); err != nil {
		return q, err
	}
	if q.Run == "" {
		l, err := layers(c, rows)
		if err != nil {
			return q, err
		}
		q.Config = l.Config
		return q, l.WantTrained()
	}
	cfg, err := run.Config(q.Run)
	if err != nil {
		return q, err
	}
	if q.Config, err = overlay(c, cfg, rows); err != nil {
		return q, err
	}
	return q, q.Config.KeepsNetwork(cfg)
}
