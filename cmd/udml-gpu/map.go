package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/layout"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/report"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
)

func mapCommand() *cli.Command {
	rows := settingsOf("device", "precision", "seed")
	own := []cli.Flag{
		configFlag(), jsonFlag(),
		&cli.IntFlag{
			Name: "neighbours", Value: 15, EnvVars: env("neighbours"),
			Usage: "most similar images that each is drawn to: few show fine groups, many the whole",
		},
		&cli.Float64Flag{
			Name: "min-dist", Value: 0.1, EnvVars: env("min-dist"),
			Usage: "distance on the map at which the most similar may lie, 0 to below 1: small ones make dense groups",
		},
		&cli.IntFlag{
			Name: "epochs", EnvVars: env("map-epochs"), DefaultText: "500; above 10,000 images 200",
			Usage: "how often all images are moved",
		},
		&cli.StringFlag{
			Name: "out", EnvVars: env("out"),
			Usage: "also write the map to this `FILE`: .csv or .parquet with path, id, x, y, label and group, or .png with small pictures",
		},
	}
	return &cli.Command{
		Name: "map", Usage: "place the images of a collection in the plane, similar ones together (UMAP)", ArgsUsage: "COLLECTION",
		Description:  "The map is kept in the collection, and made anew only when its images or these settings have changed.",
		Flags:        append(own, flagsOf(rows, "")...),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return mapCollection(c, rows) },
	}
}

// The largest values of the flags.
const maxMapNeighbours, maxMapEpochs = 1000, 100_000

// mapRequest reads the flags.
func mapRequest(c *cli.Context) (q layout.Request, out string, err error) {
	q = layout.Request{Neighbours: c.Int("neighbours"), MinDist: c.Float64("min-dist"), Epochs: c.Int("epochs")}
	out = c.String("out")
	switch {
	case q.Neighbours < 2 || q.Neighbours > maxMapNeighbours:
		return q, "", setting.Usage("--neighbours %d: expected 2 to %d", q.Neighbours, maxMapNeighbours)
	case !(q.MinDist >= 0 && q.MinDist < 1):
		return q, "", setting.Usage("--min-dist %v: expected 0 to below 1", q.MinDist)
	case q.Epochs < 0 || q.Epochs > maxMapEpochs || c.IsSet("epochs") && q.Epochs == 0:
		return q, "", setting.Usage("--epochs %d: expected 1 to %d", q.Epochs, maxMapEpochs)
	case out != "" && !slices.Contains(layout.Formats, strings.ToLower(filepath.Ext(out))):
		return q, "", setting.Usage("--out %s: expected a name that ends in one of %s", out, strings.Join(layout.Formats, ", "))
	}
	return q, out, nil
}

func mapCollection(c *cli.Context, rows []table.Row) error {
	q, out, err := mapRequest(c)
	if err != nil {
		return err
	}
	o, err := oneCollection(c, rows)
	if err != nil {
		return err
	}
	defer o.close()
	bar := report.NewBar(os.Stderr, interactive())
	defer bar.Clear()
	q.Seed, q.Progress = o.config.Seed, bar.Work
	m, made, err := layout.Find(c.Context, o.dev, o.Collection, q)
	if err == nil {
		err = machine.Fault(o.dev)
	}
	if err == nil && made {
		err = o.SetMap(m)
	}
	r := mapResult{Map: m, Made: made, Out: out}
	if err == nil && out != "" {
		r.Shown, err = writeMap(out, o.Collection, m, func(done, total int) { bar.Work("drawing images", done, total) })
	}
	if err != nil {
		return err
	}
	return printResultOr(c, r, mapText(r, o.Path))
}

// mapResult is what map prints.
type mapResult struct {
	*collection.Map
	Made  bool   `json:"made"` // false: it was there already
	Out   string `json:"out,omitempty"`
	Shown int    `json:"images_in_out,omitempty"`
}

// writeMap writes the file, with the images where it shows them.
func writeMap(out string, c *collection.Collection, m *collection.Map, tell func(done, total int)) (shown int, err error) {
	var p *pictures.Pictures
	if strings.EqualFold(filepath.Ext(out), ".png") {
		if p, err = pictures.Open(c); err != nil {
			return 0, err
		}
		defer func() { _ = p.Close() }()
	}
	return layout.Write(out, c, m, p, tell)
}

func mapText(r mapResult, path string) string {
	text := fmt.Sprintf("%d images on the map, which is in %s", r.Images, path)
	if !r.Made {
		text += " and was there already"
	}
	if r.Trust != nil {
		text += fmt.Sprintf("; trustworthiness %.3f (%.3f of the first two principal components)", *r.Trust, *r.StartTrust)
	}
	if r.Out != "" {
		text += fmt.Sprintf("\n%s shows %d of them", r.Out, r.Shown)
	}
	return text + "\n"
}
