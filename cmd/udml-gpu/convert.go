package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection/convert"
	"udml-gpu/engine/report"
	"udml-gpu/engine/setting"
)

// thumbnailSides are the sides that --thumbnail-size takes.
const leastThumbnail, mostThumbnail = 8, 1024

func convertCommand() *cli.Command {
	return &cli.Command{
		Name: "convert", ArgsUsage: "COLLECTION", Usage: "write a collection as files that other programs read",
		Description: "Formats:\n" + convert.Describe() + "\n" +
			"Images whose files are gone are left out; the rest keep the collection's order. A file at --out is replaced as a whole, a " +
			"folder must be new or empty. docs/files.md has the layouts.",
		Flags: []cli.Flag{
			jsonFlag(),
			&cli.StringFlag{Name: "to", Usage: "`FORMAT` to write: " + strings.Join(convert.Formats(), ", "), EnvVars: env("to")},
			&cli.StringFlag{Name: "out", Usage: "`FILE` or folder to write, or s3://BUCKET/KEY", EnvVars: env("out")},
			&cli.BoolFlag{
				Name: "with-thumbnails", EnvVars: env("with-thumbnails"),
				Usage: "add small pictures of the images (parquet, fiftyone, lightly: a column image; tensorboard: a sprite)",
			},
			&cli.IntFlag{Name: "thumbnail-size", Value: 64, Usage: "their largest side, in pixels", EnvVars: env("thumbnail-size")},
			&cli.IntFlag{
				Name: "parts", EnvVars: env("parts"),
				Usage: "parquet: fill a folder with `N` files of equal parts of the images, and a list of them; 0: one file",
			},
			&cli.BoolFlag{Name: "base64", Usage: "jsonl: vectors as base64 of little-endian float32", EnvVars: env("base64")},
		},
		OnUsageError: usageError,
		Action:       convertAction,
	}
}

func convertAction(c *cli.Context) error {
	path, err := collectionPath(c)
	if err != nil {
		return err
	}
	to, out, side := c.String("to"), c.String("out"), c.Int("thumbnail-size")
	switch {
	case to == "":
		return setting.Usage("--to is missing: expected %s", strings.Join(convert.Formats(), ", "))
	case out == "":
		return setting.Usage("--out is missing: name the file or folder to write")
	case c.Int("parts") < 0 || c.Int("parts") > convert.MaxParts:
		return setting.Usage("--parts %d is out of range: expected 0 to %d", c.Int("parts"), convert.MaxParts)
	case side < leastThumbnail || side > mostThumbnail:
		return setting.Usage("--thumbnail-size %d does not fit: expected %d to %d", side, leastThumbnail, mostThumbnail)
	}
	bar := report.NewBar(os.Stderr, interactive())
	defer bar.Clear()
	ctx := untilStopped(c.Context, newLog(), "stopping; what was at --out before stays")
	r, err := convert.Run(ctx, path, to, out, convert.Options{
		Thumbnails: c.Bool("with-thumbnails"), Side: side, Base64: c.Bool("base64"), Parts: c.Int("parts"), Progress: bar.Writing,
	})
	if err != nil {
		return err
	}
	return printResultOr(c, r, convertedText(r))
}

// shownFiles is up to how many files are named.
const shownFiles = 8

// convertedText is the result as text.
func convertedText(r *convert.Result) string {
	files := strings.Join(r.Files, ", ")
	if len(r.Files) > shownFiles {
		files = fmt.Sprintf("%d files in %s", len(r.Files), r.Out)
	}
	text := fmt.Sprintf("%d images of %d dimensions in %s\n", r.Images, r.Dimensions, files)
	if r.Images < r.Total {
		text += fmt.Sprintf("these are %d of %d, at equal distances: %s\n", r.Images, r.Total, r.Limit)
	}
	if r.Unreadable > 0 {
		text += fmt.Sprintf("images that cannot be read any more, and are without a picture: %d\n", r.Unreadable)
	}
	return text
}
