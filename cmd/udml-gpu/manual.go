package main

import "strconv"

// about is what the page of a command says beside its description, example and flags.
type about struct {
	purpose string      // two sentences: what the command is for
	files   [][2]string // what it writes, and what that is
	codes   []int       // exit codes that the command can end with beside 0, 1 and 2
	more    []string    // documents in docs/ that say more, with an anchor where there is a chapter
}

// manual is what is to be said about each command, by name; a test checks that no command lacks it.
var manual = map[string]about{
	"train": {
		purpose: "Learns an embedding from images without labels, or with --epochs 0 whitens the features of a " +
			"pretrained network, and measures what came of it. Interrupted at any time, it goes on with --resume " +
			"and ends in the same bytes.",
		files: [][2]string{
			{"`runs/NNN/`, or `--out`", "the run directory"},
			{"`config.yaml`", "all settings; `--config` reads it"},
			{"`metrics.jsonl`, `events.jsonl`", "figures of each epoch; starts, stops, checkpoints and failures"},
			{"`report.html`", "the result in words, curves and pictures"},
			{"`classes.json`", "what the test images of each class have found, for `runs compare`"},
			{"`tensorboard/`", "figures, settings, pictures and embedding for TensorBoard"},
			{"`checkpoints/NNNNNN/`", "`model.safetensors`, `optimizer.safetensors`, `state.json`, `MANIFEST`"},
			{"`diagnosis.json`", "where the numbers diverged, if they did"},
		},
		codes: []int{exitData, exitDiverged, exitMemory, exitPeer, exitStopped},
		more:  []string{"method.md", "training.md", "recovery.md", "backbones.md", "data.md"},
	},
	"reproduce": {
		purpose: "Runs the methods of a published table one after another with the published protocol, and prints what they measure " +
			"beside what was published. Each row is a run of `train`, which `runs` lists and compares.",
		files: [][2]string{{"`runs/TABLE/METHOD/`, or `METHOD/` below `--out`", "the run of a row"}},
		codes: []int{exitData, exitDiverged, exitMemory, exitStopped},
		more:  []string{"method.md#reproducing-a-table", "data.md", "training.md#looking-at-runs"},
	},
	"runs": {
		purpose: "Lists the runs of `train` with their state and best score, shows one with its settings and files, " +
			"and compares several, with a test of whether their scores differ by more than chance. It reads run directories " +
			"only, so that it also describes runs whose images " +
			"are gone.",
		files: [][2]string{{"`--html` of `runs compare`", "a page with the curves laid over each other"}},
		codes: []int{exitData},
		more:  []string{"training.md#looking-at-runs"},
	},
	"eval": {
		purpose: "Measures an embedding: Recall@K and MAP@R with confidence intervals, NMI, AMI, ARI and F1 of images with " +
			"labels, health figures of any. The network is that of a run, or a backbone with pretrained weights.",
		codes: []int{exitData, exitDiverged, exitMemory},
		more:  []string{"data.md#recallk-of-a-data-set", "data.md#confidence-intervals", "method.md"},
	},
	"embed": {
		purpose: "Turns images into vectors and keeps them as a collection, on which the other commands work, or " +
			"writes them as a safetensors file. `--update` follows what has happened to the images since.",
		files: [][2]string{
			{"`NAME.udml/`", "a collection: vectors, descriptions of the images, the network"},
			{"`NAME.safetensors`", "the tensor `embeddings` [N,D] float32, with the paths in the metadata"},
		},
		codes: []int{exitData, exitDiverged, exitMemory, exitStopped},
		more:  []string{"collections.md", "backbones.md", "data.md"},
	},
	"serve": {
		purpose: "Shows a collection in the browser: search, groups, duplicates, map, selection and tags. Programs " +
			"use the same through an API, which `/v1/openapi.yaml` describes.",
		files: [][2]string{
			{"`tags.json` in the collection", "tags that were given on the page"},
			{"`thumbs.pack` in the collection", "thumbnails; it may be deleted at any time"},
		},
		codes: []int{exitData, exitMemory},
		more:  []string{"serve.md"},
	},
	"search": {
		purpose: "Finds the images of a collection that are like one example or several, and unlike others. Examples " +
			"are image files, images of the collection, or an image on standard input.",
		files: [][2]string{{"`--html`", "a page with the results"}},
		codes: []int{exitData, exitMemory},
		more:  []string{"collections.md"},
	},
	"cluster": {
		purpose: "Sorts the images of a collection into groups, as many as `--k` says or as the images themselves " +
			"propose. The groups are kept in the collection, where `serve`, `map`, `select` and `--group` use " +
			"them.",
		files: [][2]string{
			{"`groups.json` in the collection", "the groups"},
			{"`--html`", "a page with the groups"},
			{"`--csv`, `--parquet`", "a row for each image"},
			{"`--sheets`", "a contact sheet a group, JPEG"},
			{"`--links`, `--copies`", "a folder a group, with links to the images or copies of them"},
		},
		codes: []int{exitData, exitMemory},
		more:  []string{"collections.md"},
	},
	"map": {
		purpose: "Places the images of a collection in the plane, similar ones together. The map is kept in the " +
			"collection, where `serve` and `convert` find it.",
		files: [][2]string{
			{"`map.safetensors` in the collection", "the map"},
			{"`--out`", "the map as `.csv` or `.parquet`, or as one picture, `.png`"},
		},
		codes: []int{exitData, exitMemory},
		more:  []string{"map.md"},
	},
	"select": {
		purpose: "Picks images of a collection: a diverse, typical, outlying or uncertain part. It answers what to " +
			"label first, and what to look at in a collection that is too large to look through.",
		files: [][2]string{{"`--html`", "a page with the images"}},
		codes: []int{exitData, exitMemory},
		more:  []string{"collections.md"},
	},
	"duplicates": {
		purpose: "Finds files with the same bytes, images with the same pixels, and images that look alike, and says " +
			"which of each group to keep. With `--script` it writes a script that sets the others aside.",
		files: [][2]string{
			{"`duplicates.json` in the collection", "the groups, and every pair with its similarity"},
			{"`--html`, `--csv`", "the groups as a page to compare on, and as a table"},
			{"`--script`", "a shell script that moves the images that are not kept into a folder"},
		},
		codes: []int{exitData, exitMemory},
		more:  []string{"duplicates.md"},
	},
	"convert": {
		purpose: "Writes a collection as files that other programs read, from Parquet to a folder for TensorBoard. " +
			"Vectors and order are the same in all of them.",
		files: [][2]string{{"`--out`", "the file or the folder; what is in it, docs/files.md says"}},
		codes: []int{exitData, exitStopped},
		more:  []string{"files.md"},
	},
	"push": {
		purpose: "Keeps a table of PostgreSQL with pgvector equal to a collection. `search --in` then searches the " +
			"table.",
		codes: []int{exitData, exitStopped},
		more:  []string{"files.md#postgresql-with-pgvector"},
	},
	"export": {
		purpose: "Writes the network of a run, of a collection or of a backbone for other programs: as an ONNX model, " +
			"as a folder for timm, transformers and sentence-transformers, or its weights alone. Its vectors are " +
			"those of `embed`.",
		files: [][2]string{{"`--out`", "the file or the folder; what is in it, docs/export.md says"}},
		codes: []int{exitData, exitMemory},
		more:  []string{"export.md"},
	},
	"weights": {
		purpose: "Shows what is in a file of weights: tensors, the backbone that they fit, and the networks in it " +
			"that can be chosen. Nothing in the file is executed.",
		codes: []int{exitData},
		more:  []string{"backbones.md", "data.md#files-of-weights"},
	},
	"bench": {
		purpose: "Measures the speed of a training step, of the kernels, of the loader, or of embedding on this " +
			"machine. The steps are those of `train` with the same flags. `--what scaling` measures nothing: it computes what a model " +
			"says of training on several GPUs and hosts. `--what collectives` measures what the ranks of a run exchange; " +
			"`--measured` puts that into the model.",
		codes: []int{exitData, exitMemory, exitPeer},
		more:  []string{"benchmarks.md", "cluster.md#what-several-gpus-may-bring"},
	},
	"data": {
		purpose: "`list` shows splits, classes and images of a data set, `scan` decodes every image and names damaged " +
			"and repeated ones, `audit` names doubtful ones of a collection. All three say what of the data set " +
			"is not used.",
		codes: []int{exitData, exitMemory},
		more:  []string{"data.md", "collections.md"},
	},
	"doctor": {
		purpose: "Shows what this machine has (cores, memory, libraries, GPU) and what of it the program uses. With " +
			"`--device cuda` it says why a GPU cannot be used. Under a launcher such as mpirun, or with `--ranks`, it also shows what " +
			"the ranks of a run see of each other, and how fast they exchange bytes. With `--memory` it says what training steps fit on " +
			"a GPU of that size.",
		codes: []int{exitData, exitMemory, exitPeer},
		more:  []string{"cuda.md", "benchmarks.md", "cluster.md#what-ranks-see-of-each-other"},
	},
	"licenses": {
		purpose: "Prints the licence of the program and of everything inside it. `--list` prints names and kinds only.",
	},
	"completion": {
		purpose: "Prints a script that completes commands, flags and their values in bash, zsh or fish. It goes where " +
			"your shell looks for such scripts, as in the examples.",
	},
	"man": {
		purpose: "Writes man pages, one for the program and one for each command. With `--markdown` it writes the " +
			"pages that you are reading.",
		files: [][2]string{{"`--out`", "a folder with the pages"}},
		codes: []int{exitData},
	},
}

// codeMeanings are the exit codes of the program, but for the internal error.
var codeMeanings = map[int]string{
	0:            "done",
	exitUsage:    "a wrong flag or setting",
	exitData:     "data or a file that cannot be used, written or reached",
	exitDiverged: "the numbers diverged, or the embedding collapsed",
	exitMemory:   "no such GPU, a GPU that failed, or too little memory",
	exitPeer:     "another process of the run is gone or did not answer",
	exitStopped:  "stopped by a signal; what was done is kept, and the same work goes on when it is begun again",
}

// codeRows are the exit codes of a command that can end with these beside 0 and 2.
func codeRows(codes []int) [][2]string {
	var rows [][2]string
	for _, code := range append([]int{0, exitUsage}, codes...) {
		rows = append(rows, [2]string{strconv.Itoa(code), codeMeanings[code]})
	}
	return rows
}
