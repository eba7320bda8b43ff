package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/collection/search"
	"udml-gpu/engine/collection/sheet"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/report/inline"
	"udml-gpu/engine/setting"
)

// hitRow is a result in JSON, path and label as rawname.Text.
type hitRow struct {
	Path  string  `json:"path"`
	ID    string  `json:"id"`
	Score float32 `json:"score"`
	Label string  `json:"label,omitempty"`
	Split string  `json:"split,omitempty"`
}

// printHits prints the results: as JSON, as paths, or as a table with pictures where the terminal shows some; and the page that --html
// asks for.
func printHits(c *cli.Context, col *collection.Collection, hits []search.Hit) error {
	if path := c.String("html"); path != "" {
		if err := writeHitPage(path, c, col, hits); err != nil {
			return err
		}
	}
	return printRows(c, "results", hitRows(col, hits), func() error { return printHitTable(c, col, hits) })
}

// printRows prints rows as --json (under that key), --paths and -0 say, and otherwise by table.
func printRows(c *cli.Context, key string, rows []hitRow, table func() error) error {
	switch {
	case c.Bool("json"):
		return printJSON(c.App.Writer, map[string]any{key: rows})
	case !c.Bool("0") && !c.Bool("paths"):
		return table()
	}
	end := "\n"
	if c.Bool("0") {
		end = "\x00"
	}
	w := bufio.NewWriter(c.App.Writer)
	for _, r := range rows {
		_, _ = io.WriteString(w, rawname.Bytes(r.Path)+end) // an error is that of Flush
	}
	return w.Flush()
}

// pathsFlags are the flags of commands that print rows.
func pathsFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "paths", Usage: "print only the paths, one a line"},
		&cli.BoolFlag{Name: "0", Usage: "like --paths, each ended by a zero byte"},
	}
}

func hitRows(col *collection.Collection, hits []search.Hit) []hitRow {
	list := make([]hitRow, len(hits))
	for i, h := range hits {
		it := &col.Items[h.Item]
		list[i] = hitRow{rawname.Text(it.Path), it.ID(), h.Score, rawname.Text(it.Label), it.Split}
	}
	return list
}

// The size of pictures between the lines of a table, in cells, and that of what they are made from, in pixels.
const (
	pictureColumns = 24
	pictureRows    = 8
	pictureSide    = 256
)

// printHitTable prints a line for each result, below its picture in a terminal that shows some.
func printHitTable(c *cli.Context, col *collection.Collection, hits []search.Hit) error {
	protocol, err := picturesOf(c)
	if err != nil {
		return err
	}
	var p *pictures.Pictures
	if protocol != inline.None {
		if p, err = pictures.Open(col); err != nil {
			log := newLog()
			log.Warn().Msgf("no pictures are shown: %v", err)
			protocol = inline.None
		} else {
			defer func() { _ = p.Close() }()
		}
	}
	w := bufio.NewWriter(c.App.Writer)
	for i, h := range hits {
		if protocol != inline.None {
			if im, err := p.Thumbnail(h.Item, pictureSide); err == nil {
				if err := protocol.Write(w, im, pictureColumns, pictureRows); err != nil {
					return err
				}
			}
		}
		fmt.Fprintf(w, "%*d  %.4f  %s\n", len(strconv.Itoa(len(hits))), i+1, h.Score, shown(col.Items[h.Item].Path))
	}
	return w.Flush()
}

// shown is a name as a terminal may be given it: bytes that are no text are escaped as in JSON, and what does not print is quoted.
func shown(name string) string { return quoted(rawname.Text(name)) }

// quoted is a text as a terminal may be given it: what does not print is quoted.
func quoted(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) || r == '\uFFFD' }) {
		return strconv.Quote(text)
	}
	return text
}

// picturesFlag chooses how pictures are shown in a terminal.
func picturesFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "pictures", Value: "auto", EnvVars: env("pictures"),
		Usage: "how a terminal shows pictures: auto, none, kitty, iterm2, sixel or blocks; auto: none where the output is no terminal",
	}
}

// picturesOf is what --pictures says.
func picturesOf(c *cli.Context) (inline.Protocol, error) {
	name := c.String("pictures")
	if name == "auto" {
		return inline.Detect(os.Stdin, os.Stdout, os.Getenv), nil
	}
	for _, p := range inline.Protocols {
		if string(p) == name {
			return p, nil
		}
	}
	return inline.None, setting.Usage("--pictures %s: expected auto, none, kitty, iterm2, sixel or blocks", name)
}

// writeHitPage writes the page of --html.
func writeHitPage(path string, c *cli.Context, col *collection.Collection, hits []search.Hit) error {
	p, err := pictures.Open(col)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	list := make([]sheet.Picture, len(hits))
	for i, h := range hits {
		list[i] = sheet.Picture{Item: h.Item, Caption: fmt.Sprintf("%d. %.4f", i+1, h.Score)}
	}
	s := &sheet.Sheet{
		Title:    "Like " + strings.Join(c.Args().Slice()[1:], ", "),
		Lead:     fmt.Sprintf("%d of the %d images in %s, by the cosine between their vectors", len(hits), col.Len(), col.Path),
		Sections: []sheet.Section{{Pictures: list}},
	}
	return s.Write(path, col, p, newSession().UI)
}
