package main

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection/search"
	"udml-gpu/engine/data/picture"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
)

// maxResults bounds --k.
const maxResults = 100_000

func searchCommand() *cli.Command {
	rows := settingsOf("device", "precision")
	return &cli.Command{
		Name: "search", Usage: "find the images of a collection that are like an example",
		ArgsUsage: "COLLECTION EXAMPLE...",
		Description: "An example is an image file, - for one on standard input, or an image of the collection: its path as results show " +
			"it, or the first 8 or more digits of its content id (item:PATH is never taken as a file). Of several examples the sum is " +
			"searched for; what --minus names is subtracted. The score is the cosine between the vectors: 1 for the same image.",
		Flags:        slices.Concat([]cli.Flag{configFlag(), jsonFlag()}, searchFlags(), pathsFlags(), filterFlags(), flagsOf(rows, "")),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return searchCollection(c, rows) },
	}
}

func searchFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "k", Value: 10, Usage: "number of results", EnvVars: env("k")},
		&cli.StringSliceFlag{Name: "minus", Usage: "`EXAMPLE` that the results are not to be like; may be given several times"},
		&cli.StringSliceFlag{Name: "weight", Usage: "weight of an example, as in a.jpg=2; may be given several times"},
		&cli.StringFlag{Name: "crop", Usage: "part of the one example that is meant, `x,y,w,h` in pixels of the upright image"},
		&cli.BoolFlag{Name: "flip", Usage: "search for the mean of the example and its mirror image", EnvVars: env("flip")},
		&cli.IntFlag{
			Name: "expand", EnvVars: env("expand"),
			Usage: "add the first `N` results, weighted by their score cubed, to the query and search again (alpha query expansion)",
		},
		&cli.BoolFlag{
			Name: "rerank", EnvVars: env("rerank"),
			Usage: "order the results by the neighbours that they share with the query (k-reciprocal re-ranking); scores are then mixed",
		},
		&cli.BoolFlag{Name: "others", Usage: "leave the examples themselves out of the results", EnvVars: env("others")},
		&cli.StringFlag{
			Name: "in", EnvVars: env("in"),
			Usage: "search the table that push has filled in this database, postgres://USER@HOST:PORT/DATABASE, and not the collection, " +
				"which gives the network",
		},
		&cli.StringFlag{Name: "table", Usage: "name of the table of --in; without it, that of the collection", EnvVars: env("table")},
		&cli.StringFlag{Name: "html", Usage: "also write a page with the results to this `FILE`", EnvVars: env("html")},
		picturesFlag(),
	}
}

// filterFlags leave out images of a collection.
func filterFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "split", Usage: "only images of this split; may be given several times"},
		&cli.StringSliceFlag{Name: "label", Usage: "only images with this label; may be given several times"},
		&cli.StringSliceFlag{Name: "glob", Usage: "only paths that match, such as '2024/**' or '*.png'; may be given several times"},
		&cli.StringSliceFlag{Name: "group", Usage: "only images of this group of udml-gpu cluster; may be given several times"},
	}
}

func filterOf(c *cli.Context) search.Filter {
	return search.Filter{
		Splits: c.StringSlice("split"), Labels: c.StringSlice("label"), Globs: c.StringSlice("glob"), Groups: c.StringSlice("group"),
	}
}

func searchCollection(c *cli.Context, rows []table.Row) error {
	q, crop, err := searchRequest(c)
	if err != nil {
		return err
	}
	o, err := openCollection(c, rows)
	if err != nil {
		return err
	}
	defer o.close()
	e := &search.Examples{
		Collection: o.Collection, Stdin: c.App.Reader, Crop: crop, Flip: c.Bool("flip"),
		Open: func(context.Context) (*inference.Embedder, error) { return o.OpenNetwork(o.config, o.ui) },
	}
	defer e.Close()
	if url := c.String("in"); url != "" {
		return searchTable(c, o, e, q, url)
	}
	q.Progress = patient(o.ui.Working("searching"))
	hits, err := search.Run(c.Context, o.dev, o.Collection, e, q)
	if err == nil {
		err = machine.Fault(o.dev)
	}
	if err != nil {
		return err
	}
	return printHits(c, o.Collection, hits)
}

// patient is progress that is shown where the work takes more than a second, so that a quick command shows none.
func patient(progress func(done, total int)) func(done, total int) {
	began := time.Now()
	return func(done, total int) {
		if time.Since(began) > time.Second {
			progress(done, total)
		}
	}
}

// searchRequest reads the arguments and flags.
func searchRequest(c *cli.Context) (q search.Request, crop picture.Box, err error) {
	if c.NArg() < 2 {
		return q, crop, setting.Usage("expected a collection and at least one example: udml-gpu search photos.udml IMAGE")
	}
	q = search.Request{
		Like: c.Args().Slice()[1:], Minus: c.StringSlice("minus"), K: c.Int("k"), Weight: map[string]float64{},
		Filter: filterOf(c), Expand: c.Int("expand"), Rerank: c.Bool("rerank"), Others: c.Bool("others"),
	}
	switch {
	case q.K < 1 || q.K > maxResults:
		return q, crop, setting.Usage("--k %d: expected 1 to %d", q.K, maxResults)
	case q.Expand < 0 || q.Expand > maxResults:
		return q, crop, setting.Usage("--expand %d: expected 0 to %d", q.Expand, maxResults)
	case c.String("crop") != "" && len(q.Like)+len(q.Minus) > 1:
		return q, crop, setting.Usage("--crop goes with one example, and %d are given", len(q.Like)+len(q.Minus))
	}
	for _, text := range c.StringSlice("weight") {
		at := strings.LastIndexByte(text, '=')
		w, err := strconv.ParseFloat(text[at+1:], 64)
		if at < 1 || err != nil || !(w > 0) || math.IsInf(w, 0) {
			return q, crop, setting.Usage("--weight %s: expected an example and a number above 0, as in a.jpg=2", text)
		}
		q.Weight[text[:at]] = w
	}
	crop, err = cropOf(c.String("crop"))
	return q, crop, err
}

// cropOf reads --crop.
func cropOf(text string) (b picture.Box, err error) {
	if text == "" {
		return b, nil
	}
	parts := strings.Split(text, ",")
	numbers := make([]float64, len(parts))
	for i, p := range parts {
		if numbers[i], err = strconv.ParseFloat(strings.TrimSpace(p), 64); err != nil {
			break
		}
	}
	if len(parts) == 4 && err == nil {
		b = picture.Box{X: numbers[0], Y: numbers[1], W: numbers[2], H: numbers[3]}
	}
	if b == (picture.Box{}) || b.Check() != nil {
		return b, setting.Usage("--crop %s: expected x,y,w,h in pixels, with a width and height above 0", text)
	}
	return b, nil
}
