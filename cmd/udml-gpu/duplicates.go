package main

import (
	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/duplicates"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/images"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
)

func duplicatesCommand() *cli.Command {
	rows := settingsOf("device", "precision")
	own := []cli.Flag{
		configFlag(), jsonFlag(),
		&cli.StringFlag{Name: "data", Usage: "where the images are now, if they have moved", EnvVars: env("data")},
		&cli.StringFlag{Name: "kinds", Value: "bytes,pixels,near", Usage: "kinds of duplicates to look for", EnvVars: env("kinds")},
		&cli.Float64Flag{
			Name: "threshold", EnvVars: env("threshold"), DefaultText: "proposed from the data",
			Usage: "smallest cosine similarity of near duplicates",
		},
		&cli.IntFlag{
			Name: "hash-bits", EnvVars: env("hash-bits"), DefaultText: "24 where pictures are compared, 10 otherwise",
			Usage: "of 64 bits of the perceptual hashes, how many may differ in near duplicates",
		},
		&cli.Float64Flag{
			Name: "match", Value: duplicates.DefaultMatch, EnvVars: env("match"),
			Usage: "smallest correlation of the pictures of near duplicates, laid over each other",
		},
		&cli.StringFlag{
			Name: "keep", Value: duplicates.DefaultOrder(), EnvVars: env("keep"),
			Usage: "which image of a group to keep: rules in the order in which they decide",
		},
		&cli.StringFlag{Name: "csv", Usage: "write a line for each image of each group to `FILE`", EnvVars: env("csv")},
		&cli.StringFlag{Name: "html", Usage: "write a page that shows the groups to `FILE`", EnvVars: env("html")},
		&cli.StringFlag{
			Name: "script", EnvVars: env("script"),
			Usage: "write a shell script to `FILE` that moves the images that are not kept into a folder",
		},
		&cli.BoolFlag{
			Name: "no-model", EnvVars: env("no-model"),
			Usage: "do not open the network: propose the threshold without synthetic copies",
		},
	}
	return &cli.Command{
		Name: "duplicates", Usage: "find the duplicates among the images of a collection", ArgsUsage: "COLLECTION",
		Description: "Three kinds are kept apart: files with the same bytes, other files with the same pixels, and near duplicates, " +
			"which look alike. The threshold for these is proposed from copies that are made of some of the images. Nothing is moved or " +
			"deleted.",
		Flags:        append(own, flagsOf(rows, "")...),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return findDuplicates(c, rows) },
	}
}

func findDuplicates(c *cli.Context, rows []table.Row) error {
	o, err := duplicateOptions(c, rows)
	if err != nil {
		return err
	}
	path, err := collectionPath(c)
	if err != nil {
		return err
	}
	col, err := collection.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = col.Close() }()
	if data := c.String("data"); data != "" {
		col.Manifest.Source = collection.NewSource(data, col.Manifest.Source.Split, col.Path)
	}
	pics, err := pictures.Open(col)
	if err != nil {
		o.UI.Log.Warn().Msg(err.Error())
	} else {
		defer func() { _ = pics.Close() }()
	}
	r, err := duplicates.Find(c.Context, col, pics, o)
	if err != nil {
		return err
	}
	if err := writeDuplicates(c, r, col, pics, o.UI); err != nil {
		return err
	}
	if err := col.SetDuplicates(r.Stored(col)); err != nil { // a collection that cannot be written is read all the same
		o.UI.Log.Warn().Msg(err.Error())
	}
	for _, n := range r.Notes {
		o.UI.Log.Warn().Msg(string(n))
	}
	return printResultOr(c, r, r.Text())
}

// duplicateOptions reads and checks the flags.
func duplicateOptions(c *cli.Context, rows []table.Row) (o duplicates.Options, err error) {
	o = duplicates.Options{
		HashBits: -1, Match: c.Float64("match"), Model: !c.Bool("no-model"), UI: newSession().UI,
		Overlay: func(own setting.Config) (setting.Config, error) { return overlay(c, own, rows) },
	}
	if c.IsSet("threshold") {
		t := c.Float64("threshold")
		if !(t >= -1 && t <= 1) {
			return o, setting.Usage("--threshold %v: expected a similarity from -1 to 1", t)
		}
		o.Threshold = &t
	}
	if c.IsSet("hash-bits") {
		if o.HashBits = c.Int("hash-bits"); o.HashBits < 0 || o.HashBits > 64 {
			return o, setting.Usage("--hash-bits %d: expected 0 to 64", o.HashBits)
		}
	}
	if !(o.Match >= 0 && o.Match <= 1) {
		return o, setting.Usage("--match %v: expected a correlation from 0 to 1", o.Match)
	}
	if o.Kinds, err = duplicates.ParseKinds(c.String("kinds")); err != nil {
		return o, err
	}
	o.Keep, err = duplicates.ParseOrder(c.String("keep"))
	return o, err
}

// writeDuplicates writes the files that are asked for.
func writeDuplicates(c *cli.Context, r *duplicates.Report, col *collection.Collection, pics *pictures.Pictures, ui images.UI) error {
	if path := c.String("csv"); path != "" {
		if err := duplicates.WriteCSV(path, r, col); err != nil {
			return err
		}
	}
	if path := c.String("html"); path != "" {
		if err := duplicates.WriteHTML(path, r, col, pics, ui); err != nil {
			return err
		}
	}
	if path := c.String("script"); path != "" {
		return duplicates.WriteScript(path, r, col)
	}
	return nil
}
