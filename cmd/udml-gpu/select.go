package main

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/collection/search"
	"udml-gpu/engine/collection/selection"
	"udml-gpu/engine/collection/sheet"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
)

func selectCommand() *cli.Command {
	rows := settingsOf("device", "precision")
	own := []cli.Flag{
		configFlag(), jsonFlag(),
		&cli.IntFlag{Name: "n", Value: 100, Usage: "number of images", EnvVars: env("n")},
		&cli.StringFlag{
			Name: "by", Value: "diverse", EnvVars: env("by"),
			Usage: "diverse: such that every image is near one of them; typical: with near neighbours; outlying: without; uncertain: " +
				"between two groups of udml-gpu cluster",
		},
		&cli.StringFlag{Name: "html", Usage: "also write a page with the images to this `FILE`", EnvVars: env("html")},
	}
	return &cli.Command{
		Name: "select", Usage: "pick images of a collection, such as those to label first", ArgsUsage: "COLLECTION",
		Flags:        slices.Concat(own, pathsFlags(), filterFlags(), flagsOf(rows, "")),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return selectImages(c, rows) },
	}
}

func selectImages(c *cli.Context, rows []table.Row) error {
	by, n := c.String("by"), c.Int("n")
	switch {
	case !slices.Contains(selection.Ways, by):
		return setting.Usage("--by %s: expected one of %s", by, strings.Join(selection.Ways, ", "))
	case n < 1:
		return setting.Usage("--n %d: expected 1 or more", n)
	}
	o, err := oneCollection(c, rows)
	if err != nil {
		return err
	}
	defer o.close()
	filter := filterOf(c)
	items, err := filter.Allowed(o.Collection)
	if err != nil {
		return err
	}
	list, err := selection.Pick(c.Context, o.dev, o.Collection, items, n, by, o.ui)
	if err == nil {
		err = machine.Fault(o.dev)
	}
	if err == nil && c.String("html") != "" {
		err = writeChoicePage(c.String("html"), o, list, by)
	}
	if err != nil {
		return err
	}
	return printChoices(c, o, list)
}

// printChoices prints what was picked, like the results of search.
func printChoices(c *cli.Context, o *opened, list []selection.Choice) error {
	hits := make([]search.Hit, len(list))
	for i, ch := range list {
		hits[i] = search.Hit{Item: ch.Item, Score: float32(ch.Score)}
	}
	return printRows(c, "items", hitRows(o.Collection, hits), func() error {
		w := bufio.NewWriter(c.App.Writer)
		for _, h := range hits {
			fmt.Fprintf(w, "%8.4f  %s\n", h.Score, shown(o.Items[h.Item].Path))
		}
		return w.Flush()
	})
}

func writeChoicePage(file string, o *opened, list []selection.Choice, by string) error {
	p, err := pictures.Open(o.Collection)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	part := sheet.Section{}
	for i, ch := range list {
		part.Pictures = append(part.Pictures, sheet.Picture{Item: ch.Item, Caption: fmt.Sprintf("%d. %.4f", i+1, ch.Score)})
	}
	s := &sheet.Sheet{
		Title: fmt.Sprintf("%d %s images", len(list), by), Lead: fmt.Sprintf("of the %d in %s", o.Len(), o.Path),
		Sections: []sheet.Section{part},
	}
	return s.Write(file, o.Collection, p, o.ui)
}
