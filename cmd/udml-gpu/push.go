package main

import (
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection/push"
	"udml-gpu/engine/report"
	"udml-gpu/engine/setting"
)

func pushCommand() *cli.Command {
	return &cli.Command{
		Name: "push", ArgsUsage: "COLLECTION", Usage: "keep a table of PostgreSQL with pgvector equal to a collection",
		Description: "Sends the images that are new or have changed, deletes those that are gone, and builds an HNSW index for the " +
			"cosine. Interrupted, it goes on with the same command. The password is best given in ~/.pgpass or PGPASSWORD, since " +
			"other users can see a command line.",
		Flags: []cli.Flag{
			jsonFlag(),
			&cli.StringFlag{
				Name: "to", EnvVars: env("push-to"),
				Usage: "`URL` of the database: postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full, with the parameters and variables " +
					"of libpq",
			},
			&cli.StringFlag{
				Name: "table", Usage: "`NAME` or SCHEMA.NAME of the table (default: the collection's name)", EnvVars: env("table"),
			},
			&cli.BoolFlag{
				Name: "replace", Usage: "take over the table of another collection of the same model: its other rows are deleted",
				EnvVars: env("push-replace"),
			},
		},
		OnUsageError: usageError,
		Action:       pushAction,
	}
}

func pushAction(c *cli.Context) error {
	path, err := collectionPath(c)
	if err != nil {
		return err
	}
	if c.String("to") == "" {
		return setting.Usage("--to is missing: expected postgres://USER@HOST:PORT/DATABASE")
	}
	bar := report.NewBar(os.Stderr, interactive())
	defer bar.Clear()
	ctx := untilStopped(c.Context, newLog(), "stopping after these rows; those that were sent are kept")
	r, err := push.Run(ctx, path, c.String("to"), push.Options{
		Table: c.String("table"), Replace: c.Bool("replace"), Progress: bar.Writing,
	})
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%d rows of %d dimensions in the table %s of %s: %d sent, %d unchanged, %d removed\n",
		r.Rows, r.Dimensions, r.Table, r.Database, r.Sent, r.Unchanged, r.Removed)
	if r.Index == "" {
		text += "without an index, so that a search compares all rows: " + r.NoIndex + "\n"
	}
	return printResultOr(c, r, text)
}
