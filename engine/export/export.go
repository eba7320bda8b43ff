// Package export writes a network as files that other programs load: an ONNX model, a folder for timm, transformers and
// sentence-transformers, or its weights alone.
package export

import (
	"context"
	"errors"
	"io"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/output"
	"udml-gpu/engine/setting"
	"udml-gpu/models/disk"
	"udml-gpu/models/onnx"
	"udml-gpu/models/weights/file"
)

// Options say what is written, and where.
type Options struct {
	To         string // one of Formats
	Out        string
	Preprocess bool // the ONNX model takes pixels and normalises them itself
}

// Result is what was written.
type Result struct {
	Out        string   `json:"out"`
	Format     string   `json:"format"`
	Files      []string `json:"files"` // within a folder, by their names there
	Backbone   string   `json:"backbone"`
	Layer      string   `json:"layer"`
	Dimensions int      `json:"dimensions"`
	Licence    string   `json:"base_license,omitempty"`
}

// format is a way to write a network.
type format struct {
	output.Format
	write func(j *job) error
}

var formats = []format{
	{output.File("onnx", "a model of ONNX, for onnxruntime and other runtimes"), writeONNX},
	{output.Folder("hub", "a folder for timm, transformers, sentence-transformers and onnxruntime, with a model card"), writeHub},
	{output.Folder("torch", "a folder with any network as a module of PyTorch that needs nothing else, with a model card"), writeTorch},
	{output.File("safetensors", "the weights with torch's names and shapes"), writeWeights},
}

// Formats are the names that Options.To takes.
func Formats() []string { return output.Names(formats) }

// Describe is a line for each format.
func Describe() string { return output.Describe(formats) }

// job is one call of Run.
type job struct {
	e *inference.Embedder
	q inference.Request
	o Options
	r *Result
}

// Run writes the network of a request. The images of the request are read only where its embedding layer is to be fitted on them.
// Errors are *setting.UsageError for options that do not go together, *baddata.Error for the network's files or the disk; then what was
// at Out is as it was.
func Run(ctx context.Context, q inference.Request, o Options) (*Result, error) {
	f, err := choose(o)
	if err != nil {
		return nil, err
	}
	if err := f.WantPlace(o.Out); err != nil {
		return nil, err
	}
	if q.FitsHead() && q.Config.Data == "" {
		return nil, setting.Usage("--data is missing: the embedding layer of a backbone is fitted on images (--head-init); name " +
			"them, export a run with --run, or the backbone's own features with --layer pooled")
	}
	e, err := inference.Open(ctx, q)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	j := &job{e: e, q: q, o: o, r: &Result{
		Out: o.Out, Format: o.To, Backbone: q.Config.Backbone, Layer: q.Layer, Dimensions: e.Dim(), Licence: e.Licence(),
	}}
	if err := f.write(j); err != nil {
		return nil, err
	}
	e.TellConditions(q.UI.Log)
	return j.r, nil
}

// choose finds the format, and refuses options that it does not have.
func choose(o Options) (*format, error) {
	f, err := output.Find(formats, o.To)
	if err == nil && o.Preprocess && o.To != "onnx" {
		return nil, setting.Usage("--preprocess does not go with --to %s: only onnx has it", o.To)
	}
	return f, err
}

func writeONNX(j *job) error {
	m, err := j.modelONNX(j.o.Preprocess)
	if err != nil {
		return err
	}
	j.r.Files = append(j.r.Files, j.o.Out)
	return j.replace(j.o.Out, m.Write)
}

// modelONNX is the network as a model of ONNX.
func (j *job) modelONNX(pixels bool) (*onnx.Model, error) {
	m, err := j.e.ONNX(pixels)
	if err == nil {
		err = m.Fits()
	}
	if err != nil {
		return nil, baddata.Errorf("%s cannot be written as ONNX: %w", j.q.Config.Backbone, err)
	}
	m.Producer, m.Version = "udml-gpu", machine.Version()
	return m, nil
}

// replace replaces the file at path.
func (j *job) replace(path string, write func(w io.Writer) error) error {
	return failed(path, disk.ReplaceBy(disk.OS, path, write))
}

// failed is the error for the user.
func failed(out string, err error) error {
	var bad *baddata.Error
	var usage *setting.UsageError
	if err == nil || errors.As(err, &bad) || errors.As(err, &usage) {
		return err
	}
	return baddata.Errorf("--out %s cannot be written: %w", out, disk.Cause(err))
}

func writeWeights(j *job) error {
	w, err := j.e.Weights()
	if err != nil {
		return err
	}
	j.r.Files = append(j.r.Files, j.o.Out)
	return j.replace(j.o.Out, func(to io.Writer) error { return file.Encode(to, w) })
}
