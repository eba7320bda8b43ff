package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/export"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
)

func exportCommand() *cli.Command {
	rows := settingsOf("data", "network", "seed", "device", "precision")
	own := []cli.Flag{
		configFlag(), jsonFlag(),
		&cli.StringFlag{
			Name: "run", EnvVars: env("run"),
			Usage: "run directory whose last checkpoint is written, or a collection (a folder that ends in .udml) whose network is",
		},
		&cli.StringFlag{Name: "layer", Value: "embedding", Usage: "embedding, or pooled: the backbone's features", EnvVars: env("layer")},
		&cli.StringFlag{Name: "to", Usage: "`FORMAT` to write: " + strings.Join(export.Formats(), ", "), EnvVars: env("to")},
		&cli.StringFlag{Name: "out", Usage: "`FILE` or folder to write", EnvVars: env("out")},
		&cli.BoolFlag{
			Name: "preprocess", EnvVars: env("preprocess"),
			Usage: "onnx: the model takes uint8 pixels [batch,H,W,C] and normalises them itself",
		},
	}
	return &cli.Command{
		Name: "export", Usage: "write a network for other programs",
		Description: "Formats:\n" + export.Describe() + "\n" +
			"The network is that of a run or of a collection (--run), or a backbone as embed takes it. A file at --out is replaced as a " +
			"whole, a folder must be new or empty. docs/export.md says what is in them.",
		Flags:        append(own, flagsOf(rows, "")...),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return exportAction(c, rows) },
	}
}

func exportAction(c *cli.Context, rows []table.Row) error {
	o := export.Options{To: c.String("to"), Out: c.String("out"), Preprocess: c.Bool("preprocess")}
	switch {
	case o.To == "":
		return setting.Usage("--to is missing: expected %s", strings.Join(export.Formats(), ", "))
	case o.Out == "":
		return setting.Usage("--out is missing: name the file or folder to write")
	}
	q, err := exported(c, rows)
	if err != nil {
		return err
	}
	r, err := export.Run(c.Context, q, o)
	if err != nil {
		return err
	}
	return printResultOr(c, r, fmt.Sprintf("%s, %d dimensions, in %s\n", r.Backbone, r.Dimensions, r.Out))
}

// exported is the network that is asked for: imageQuery, and that of a collection.
func exported(c *cli.Context, rows []table.Row) (inference.Request, error) {
	path := c.String("run")
	if !collection.IsName(path) {
		return imageQuery(c, rows)
	}
	if c.IsSet("layer") {
		return inference.Request{}, setting.Usage("--layer does not go with a collection, whose vectors are of one layer")
	}
	opened, err := collection.Open(path)
	if err != nil {
		return inference.Request{}, err
	}
	defer func() { _ = opened.Close() }()
	layer := opened.Manifest.Model.Layer
	if err := c.Set("run", opened.Model()); err != nil {
		return inference.Request{}, err
	}
	q, err := imageQuery(c, rows)
	q.Layer = layer
	return q, err
}
