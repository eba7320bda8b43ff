package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/inference"
	"udml-gpu/engine/setting"
)

func embedCommand() *cli.Command {
	rows := settingsOf("data", "network", "seed", "device", "precision")
	own := append(imagesFlags(), &cli.StringFlag{Name: "out", Usage: "safetensors `FILE` to write", EnvVars: env("out")})
	return &cli.Command{
		Name: "embed", Usage: "write the embeddings of images to a safetensors file",
		Description: `The file holds the tensor "embeddings" [N,C] float32 and, in its metadata, "names": a JSON list of the N paths ` +
			`as in the data set, "pool": the network's --pool, and "pipeline": how images were prepared for the network.`,
		Flags:        append(own, flagsOf(rows, "")...),
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			q, err := imageQuery(c, rows)
			if err != nil {
				return err
			}
			if c.String("out") == "" {
				return setting.Usage("--out is missing: name the safetensors file to write")
			}
			e, err := inference.EmbedTo(c.Context, q, c.String("out"))
			if err != nil {
				return err
			}
			tellSkipped(e.Skipped)
			return printResultOr(c, e, fmt.Sprintf("%d embeddings of %d dimensions in %s\n", e.Images, e.Dimensions, e.Out))
		},
	}
}
