package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/fill"
	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/dist/ranks"
	"udml-gpu/engine/images"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
	"udml-gpu/engine/store"
)

func embedCommand() *cli.Command {
	rows := settingsOf("data", "network", "seed", "device", "precision")
	own := append(
		imagesFlags(),
		&cli.StringFlag{
			Name: "out", EnvVars: env("out"),
			Usage: "collection (a folder that ends in .udml) or safetensors `FILE` to write, or s3://BUCKET/KEY that ends in .udml, " +
				".safetensors or .parquet",
		},
		&cli.StringFlag{
			Name: "update", EnvVars: env("update"),
			Usage: "bring this `COLLECTION` up to date with its images, with the network that it has; --data names them where they " +
				"have moved",
		},
		&cli.StringFlag{
			Name: "vectors", Value: "float32", EnvVars: env("vectors"),
			Usage: "`TYPE` of a new collection's vectors: float32, or float16, which takes half the room and rounds to 3 digits",
		},
	)
	return &cli.Command{
		Name: "embed", Usage: "write the embeddings of images to a collection, or to a safetensors file",
		Description: "A collection is what search, duplicates, cluster, select and convert work on; it holds all images unless --split " +
			"says otherwise. Interrupted, it goes on with the same command or with --update.\n\n" +
			"With --out s3://BUCKET/KEY a collection, or a table (.parquet) of one, is made in a folder of --cache or TMPDIR and then " +
			"sent, its manifest last; the same command goes on with what is there.\n\n" +
			`A safetensors file holds the tensor "embeddings" [N,C] float32 and, in its metadata, "names": a JSON list of the N paths ` +
			`as in the data set, "pool": the network's --pool, and "pipeline": how images were prepared for the network.`,
		Flags:        slices.Concat(own, ranksFlags("embed the images"), flagsOf(rows, "")),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return startEmbedding(c, rows) },
	}
}

func startEmbedding(c *cli.Context, rows []table.Row) error {
	if started, err := startRanks(c); started || err != nil {
		return err
	}
	ui, ctx := newSession().UI, c.Context
	if place := cmp.Or(c.String("update"), c.String("out")); collection.IsName(place) || isTable(place) {
		ctx = untilStopped(ctx, ui.Log, keepsEmbedded)
	}
	return withRanks(ctx, c, &ui, accord.Ends, func(r *ranks.Ranks) error {
		if update := c.String("update"); update != "" {
			return updateCollection(ctx, c, rows, update, fill.Options{UI: ui, Work: workOf(ctx, r)})
		}
		return embed(ctx, c, rows, ui, workOf(ctx, r))
	})
}

func embed(ctx context.Context, c *cli.Context, rows []table.Row, ui images.UI, work *accord.Work) error {
	out := c.String("out")
	switch {
	case out == "":
		return setting.Usage("--out is missing: name the collection (ending in .udml) or the safetensors file to write")
	case store.Is(out) && !collection.IsName(out) && !isTable(out) && !strings.HasSuffix(out, ".safetensors"):
		return setting.Usage("--out %s: expected s3://BUCKET/KEY of a name that ends in %s, .safetensors or %s", out, collection.Extension,
			fill.Table)
	case !store.Is(out) && strings.HasSuffix(out, fill.Table):
		return setting.Usage("--out %s: on the disk a table is made of a collection: give --out a name that ends in %s, then run "+
			"udml-gpu convert on it with --to parquet", out, collection.Extension)
	}
	q, err := imageQuery(c, rows)
	if err != nil {
		return err
	}
	q.UI, q.Work = ui, work
	kind, err := vectorType(c, out)
	if err != nil {
		return err
	}
	if collection.IsName(out) || isTable(out) {
		into := fill.New
		if store.Is(out) {
			into = fill.ToStore
		}
		r, err := into(ctx, q, out, kind)
		if err != nil || r == nil {
			return err
		}
		return printFilled(c, r)
	}
	e, err := inference.EmbedTo(ctx, q, out)
	if err != nil || e == nil {
		return err
	}
	tellSkipped(e.Skipped)
	return printResultOr(c, e, fmt.Sprintf("%d embeddings of %d dimensions in %s\n", e.Images, e.Dimensions, e.Out))
}

// isTable says whether --out is a table in Parquet, which goes to a store by way of a collection.
func isTable(out string) bool { return store.Is(out) && strings.HasSuffix(out, fill.Table) }

// keepsEmbedded is what embed does when a signal stops it.
const keepsEmbedded = "stopping after these images; those that are embedded are kept"

// vectorType is the collection.Manifest.Type that --vectors asks for.
func vectorType(c *cli.Context, out string) (string, error) {
	if c.IsSet("vectors") && !collection.IsName(out) && !isTable(out) {
		return "", setting.Usage("--vectors is for a collection (a folder that ends in %s); %s has float32", collection.Extension, out)
	}
	switch kind := c.String("vectors"); kind {
	case "float32":
		return "", nil
	case collection.Float16:
		return kind, nil
	default:
		return "", setting.Usage("--vectors %s: expected float32 or float16", kind)
	}
}

// updateCollection is embed --update.
func updateCollection(ctx context.Context, c *cli.Context, rows []table.Row, path string, o fill.Options) error {
	for _, name := range []string{"out", "run", "split", "layer", "vectors"} {
		if c.IsSet(name) {
			return setting.Usage("--%s does not go with --update: the collection has its own", name)
		}
	}
	if err := noArguments(c); err != nil {
		return err
	}
	o.Overlay = func(own setting.Config) (setting.Config, error) { return overlay(c, own, rows) }
	r, err := fill.Update(ctx, path, o)
	if err != nil || r == nil {
		return err
	}
	return printFilled(c, r)
}

// printFilled prints what was done to a collection.
func printFilled(c *cli.Context, r *fill.Result) error {
	text := fmt.Sprintf("%d images of %d dimensions in %s: %d embedded now", r.Images, r.Dimensions, r.Collection, r.Embedded)
	for _, part := range []struct {
		n    int
		what string
	}{
		{r.Renamed, "renamed"},
		{r.Copied, "copies of others"},
		{r.Touched, "touched and unchanged"},
		{r.Gone, "gone"},
		{r.Damaged, "cannot be read (listed in manifest.json)"},
	} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.what)
		}
	}
	return printResultOr(c, r, text+"\n")
}
