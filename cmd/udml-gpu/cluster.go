package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection/groups"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
)

func clusterCommand() *cli.Command {
	rows := settingsOf("device", "precision", "seed")
	own := []cli.Flag{
		configFlag(), jsonFlag(),
		&cli.StringFlag{Name: "k", Value: "auto", Usage: "number of groups, or auto: chosen from the data", EnvVars: env("k")},
		&cli.StringFlag{
			Name: "method", Value: "kmeans", EnvVars: env("cluster-method"),
			Usage: "kmeans; hierarchical: average linkage; or density: groups of any shape, and images that are in none (HDBSCAN)",
		},
		&cli.IntFlag{Name: "min-size", Value: 5, Usage: "images that a group of density has at least", EnvVars: env("min-size")},
		&cli.StringFlag{Name: "csv", Usage: "write path, id, group and name of each image to this `FILE`", EnvVars: env("csv")},
		&cli.StringFlag{Name: "parquet", Usage: "write the same as Parquet to this `FILE`", EnvVars: env("parquet")},
		&cli.StringFlag{Name: "html", Usage: "write a page of the groups to this `FILE`", EnvVars: env("html")},
		&cli.StringFlag{
			Name: "sheets", EnvVars: env("sheets"),
			Usage: "fill this new `FOLDER` with a contact sheet a group and one of all groups, as JPEG files",
		},
		&cli.StringFlag{Name: "links", Usage: "fill this new `FOLDER` with a folder of symbolic links a group", EnvVars: env("links")},
		&cli.StringFlag{Name: "copies", Usage: "fill this new `FOLDER` with a folder of copies a group", EnvVars: env("copies")},
		&cli.BoolFlag{
			Name: "no-save", Usage: "do not keep the groups in the collection, where search --group finds them", EnvVars: env("no-save"),
		},
	}
	return &cli.Command{
		Name: "cluster", Usage: "sort the images of a collection into groups", ArgsUsage: "COLLECTION",
		Flags:        append(own, flagsOf(rows, "")...),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return clusterCollection(c, rows) },
	}
}

// maxGroups bounds --k.
const maxGroups = 10_000_000

// groupRequest reads the flags.
func groupRequest(c *cli.Context) (q groups.Request, err error) {
	q = groups.Request{Method: c.String("method"), MinSize: c.Int("min-size")}
	if !slices.Contains(groups.Methods, q.Method) {
		return q, setting.Usage("--method %s: expected one of %s", q.Method, strings.Join(groups.Methods, ", "))
	}
	if text := c.String("k"); text != "auto" {
		if q.K, err = strconv.Atoi(text); err != nil || q.K < 1 || q.K > maxGroups {
			return q, setting.Usage("--k %s: expected auto or a number of groups from 1 on", text)
		}
	}
	switch {
	case q.Method == "density" && c.IsSet("k") && q.K > 0:
		return q, setting.Usage("--k does not go with --method density, which finds the number of groups: --min-size changes it")
	case q.MinSize < 2 || q.MinSize > maxGroups:
		return q, setting.Usage("--min-size %d: expected 2 or more", q.MinSize)
	}
	return q, nil
}

func clusterCollection(c *cli.Context, rows []table.Row) error {
	q, err := groupRequest(c)
	if err != nil {
		return err
	}
	o, err := oneCollection(c, rows)
	if err != nil {
		return err
	}
	defer o.close()
	q.Seed, q.UI = o.config.Seed, o.ui
	r, err := groups.Find(c.Context, o.dev, o.Collection, q)
	if err == nil {
		err = machine.Fault(o.dev)
	}
	if err == nil && !c.Bool("no-save") {
		err = r.Save(o.Collection)
	}
	if err == nil {
		err = writeGroups(c, o, r)
	}
	if err != nil {
		return err
	}
	return printResultOr(c, r, groupText(r))
}

// writeGroups writes what flags ask for.
func writeGroups(c *cli.Context, o *opened, r *groups.Result) error {
	if file := c.String("csv"); file != "" {
		if err := r.WriteCSV(file, o.Collection); err != nil {
			return err
		}
	}
	if file := c.String("parquet"); file != "" {
		if err := r.WriteParquet(file, o.Collection); err != nil {
			return err
		}
	}
	html, sheets, links, copies := c.String("html"), c.String("sheets"), c.String("links"), c.String("copies")
	if html+sheets+links+copies == "" {
		return nil
	}
	p, err := pictures.Open(o.Collection)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	if html != "" {
		err = r.WriteHTML(html, o.Collection, p, o.ui)
	}
	if err == nil && sheets != "" {
		err = r.WriteSheets(sheets, o.Collection, p, o.ui)
	}
	if err == nil && links != "" {
		err = r.WriteFolders(links, o.Collection, p, true, o.ui)
	}
	if err == nil && copies != "" {
		err = r.WriteFolders(copies, o.Collection, p, false, o.ui)
	}
	return err
}

// shownGroups is how many groups are listed.
const shownGroups = 30

// groupText is a line for each of the largest groups, and the figures.
func groupText(r *groups.Result) string {
	order := r.BySize()
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "group\timages\tname\tmedoid")
	for _, g := range order[:min(len(order), shownGroups)] {
		fmt.Fprintf(w, "%d\t%d\t%s\t%s\n", g, r.Sizes[g], quoted(r.Names[g]), quoted(r.Medoids[g]))
	}
	w.Flush()
	if len(order) > shownGroups {
		fmt.Fprintf(&b, "and %d smaller groups (--json and --csv list all)\n", len(order)-shownGroups)
	}
	fmt.Fprintf(&b, "%d groups of %d images", r.K, r.Images-r.Noise)
	if r.Noise > 0 {
		fmt.Fprintf(&b, ", %d images in none", r.Noise)
	}
	fmt.Fprintf(&b, "; silhouette %.3f", r.Silhouette)
	if r.NMI != nil {
		fmt.Fprintf(&b, "; against the labels of %d images NMI %.3f, AMI %.3f, ARI %.3f, F1 %.3f",
			r.Labelled, *r.NMI, *r.AMI, *r.ARI, *r.F1)
	}
	return b.String() + "\n"
}
