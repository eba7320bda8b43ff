package main

import (
	"bufio"
	"fmt"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection/push"
	"udml-gpu/engine/collection/search"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/setting"
)

// searchTable is search --in: the examples become a vector as ever, and the results come from a table that push has filled.
func searchTable(c *cli.Context, o *opened, e *search.Examples, q search.Request, url string) error {
	for _, name := range []string{"rerank", "expand", "others", "glob", "group", "html"} {
		if c.IsSet(name) {
			return setting.Usage("--%s does not go with --in: the table answers k nearest images, by label and split alone", name)
		}
	}
	if len(q.Filter.Labels) > 1 || len(q.Filter.Splits) > 1 {
		return setting.Usage("--in takes one --label and one --split at most")
	}
	filter := push.Filter{Model: o.Manifest.Model.Hash}
	for _, l := range q.Filter.Labels {
		filter.Label = l
	}
	for _, s := range q.Filter.Splits {
		filter.Split = s
	}
	vector, _, err := q.Query(c.Context, e)
	if err != nil {
		return err
	}
	found, err := push.Search(c.Context, url, c.String("table"), o.Path, vector, q.K, filter)
	if err != nil {
		return err
	}
	return printMatches(c, found)
}

// printMatches prints the rows that were found, like the results of search.
func printMatches(c *cli.Context, found []push.Match) error {
	rows := make([]hitRow, len(found))
	for i, m := range found {
		rows[i] = hitRow{Path: rawname.Text(m.Path), ID: m.ID, Score: float32(m.Score)}
	}
	return printRows(c, "results", rows, func() error {
		w := bufio.NewWriter(c.App.Writer)
		for i, m := range found {
			fmt.Fprintf(w, "%d  %.4f  %s\n", i+1, m.Score, shown(m.Path))
		}
		return w.Flush()
	})
}
