package main

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// examples are shown by --help and in the man pages, by command. Each begins with the command that it is for.
var examples = map[string][]string{
	"train": {
		"udml-gpu train --data photos/ --out runs/photos",
		"udml-gpu train --data photos/ --method cbswr --epochs 10 --out runs/trained",
		"udml-gpu train --resume runs/trained",
		"udml-gpu train --data photos/ --out runs/photos --resume-if-any",
	},
	"reproduce": {
		"udml-gpu reproduce cbswr-table1 --data cub:CUB_200_2011/ --pretrained=bvlc_googlenet.npz --device cuda",
		"udml-gpu reproduce cbswr-table1 --data cub:CUB_200_2011/ --pretrained=bvlc_googlenet.npz --rows instance,cbswr --epochs 5",
	},
	"runs":         {"udml-gpu runs list"},
	"runs list":    {"udml-gpu runs list"},
	"runs show":    {"udml-gpu runs show runs/001"},
	"runs compare": {"udml-gpu runs compare runs/001 runs/002 --html both.html"},
	"eval":         {"udml-gpu eval --run runs/photos", "udml-gpu eval --data cub:CUB_200_2011/ --json"},
	"embed": {
		"udml-gpu embed --data photos/ --out photos.udml", "udml-gpu embed --update photos.udml",
		"udml-gpu embed --run runs/photos --data photos/ --out photos.safetensors",
		"udml-gpu embed --update photos.udml --ranks 2",
		"udml-gpu embed --data s3://bucket/photos/ --out s3://bucket/embedded/photos.udml",
	},
	"search": {
		"udml-gpu search photos.udml beach.jpg", "udml-gpu search photos.udml a.jpg b.jpg --minus c.jpg --k 20 --html like.html",
	},
	"serve": {
		"udml-gpu serve photos.udml", "udml-gpu serve photos.udml --addr 0.0.0.0:7319 --token WORD --host photos.lan",
	},
	"duplicates": {"udml-gpu duplicates photos.udml --html duplicates.html --script move.sh"},
	"cluster":    {"udml-gpu cluster photos.udml --html groups.html", "udml-gpu cluster photos.udml --method density --csv groups.csv"},
	"map":        {"udml-gpu map photos.udml --out map.png"},
	"select":     {"udml-gpu select photos.udml --n 200 --by diverse"},
	"convert":    {"udml-gpu convert photos.udml --to parquet --out photos.parquet"},
	"export": {
		"udml-gpu export --run runs/photos --to onnx --out photos.onnx",
		"udml-gpu export --pretrained=dinov2-small/ --layer pooled --to hub --out dinov2-model",
	},
	"push":    {"udml-gpu push photos.udml --to postgres://me@localhost:5432/photos"},
	"weights": {"udml-gpu weights inspect dinov2-small/"},

	"weights inspect": {"udml-gpu weights inspect dinov2-small/"},
	"data":            {"udml-gpu data list --data photos/"},
	"data list":       {"udml-gpu data list --data photos/"},
	"data scan":       {"udml-gpu data scan --data photos/"},
	"data audit":      {"udml-gpu data audit photos.udml"},
	"bench": {
		"udml-gpu bench", "udml-gpu bench --what embed --data photos/", "udml-gpu bench --what scaling",
		"udml-gpu bench --what collectives --ranks 2", "udml-gpu bench --what probe --device cuda",
	},
	"doctor":   {"udml-gpu doctor --device cuda", "udml-gpu doctor --ranks 2", "udml-gpu doctor --backbone resnet50 --memory 24GiB"},
	"licenses": {"udml-gpu licenses --list"},
	"completion": {
		"udml-gpu completion bash > ~/.local/share/bash-completion/completions/udml-gpu",
		"udml-gpu completion zsh > ~/.zfunc/_udml-gpu    # where fpath has ~/.zfunc before compinit",
		"udml-gpu completion fish > ~/.config/fish/completions/udml-gpu.fish",
	},
	"man": {"udml-gpu man --out ~/.local/share/man/man1"},
}

// withExamples adds the examples to the descriptions of the commands; above is the command that they belong to, "" for the program.
func withExamples(commands []*cli.Command, above string) []*cli.Command {
	for _, c := range commands {
		path := strings.TrimSpace(above + " " + c.Name)
		withExamples(c.Subcommands, path)
		list := examples[path]
		if len(list) == 0 {
			continue
		}
		text := "Example:\n\n   " + list[0]
		if len(list) > 1 {
			text = "Examples:\n\n   " + strings.Join(list, "\n   ")
		}
		c.Description = strings.TrimLeft(c.Description+"\n\n"+text, "\n")
	}
	return commands
}
