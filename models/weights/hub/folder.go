package hub

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"udml-gpu/models/disk"
)

// The files of a folder that are read.
const (
	configFile     = "config.json"
	openCLIPConfig = "open_clip_config.json"
	inputFile      = "preprocessor_config.json"
	processorFile  = "processor_config.json" // transformers 5 keeps the image processor of models with text in it
	readmeFile     = "README.md"
)

// The names of files of weights, the preferred first. All of open_clip's begin with its name.
var (
	usualWeights    = []string{"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"}
	openCLIPWeights = []string{"open_clip_model.safetensors", "open_clip_pytorch_model.bin"}
)

// folder is a folder with a model.
type folder struct{ path string }

// has tells whether the folder has a file of that name. A link counts, since the caches of hubs consist of links.
func (f folder) has(name string) bool {
	info, err := os.Stat(f.in(name))
	return err == nil && !info.IsDir()
}

// model reads the configuration: that of transformers or timm where there are weights beside it that they would read, otherwise
// that of open_clip.
func (f folder) model() (*Model, error) {
	usual, open := f.first(usualWeights), f.first(openCLIPWeights)
	switch {
	case f.has(configFile) && (usual != "" || !f.has(openCLIPConfig)):
		return f.withWeights(configFile, usual, usualWeights, (*object).plain)
	case f.has(openCLIPConfig):
		if open == "" {
			open = usual
		}
		return f.withWeights(openCLIPConfig, open, openCLIPWeights, (*object).openCLIP)
	}
	return nil, fmt.Errorf("%s %w: it holds %s, but no %s of transformers or timm and no %s; download the whole folder of the model, or "+
		"name its weight file and the network (--backbone)", f.path, errNoConfig, f.listing(), configFile, openCLIPConfig)
}

var errNoConfig = fmt.Errorf("is a folder with %w", ErrNoConfig)

// withWeights reads the configuration in the file of that name, which is for the weights called weights.
func (f folder) withWeights(config, weights string, expected []string, read func(*object, folder) (*Model, error)) (*Model, error) {
	o, err := f.object(config)
	if err != nil {
		return nil, err
	}
	if err := o.unquantised(); err != nil {
		return nil, err
	}
	m, err := read(o, f)
	if err == nil {
		err = o.err()
	}
	if err != nil {
		return nil, err
	}
	if weights == "" {
		return nil, fmt.Errorf("%s has a %s but no weights: expected %s, found %s; download them, and convert others to safetensors",
			f.path, config, strings.Join(expected, ", "), f.listing())
	}
	m.Weights = f.in(weights)
	return m, nil
}

// first is the first of the names that the folder has; "" where it has none.
func (f folder) first(names []string) string {
	if i := slices.IndexFunc(names, f.has); i >= 0 {
		return names[i]
	}
	return ""
}

// listing names some of the folder's files, for messages.
func (f folder) listing() string {
	const most = 5
	d, err := os.Open(f.path)
	if err != nil {
		return "nothing that can be read"
	}
	defer d.Close()
	names, _ := d.Readdirnames(1 << 10) // enough to name some: a folder of images may have millions
	slices.Sort(names)
	more := len(names) > most
	names = names[:min(most, len(names))]
	for i, name := range names {
		names[i] = fmt.Sprintf("%.60q", name)
	}
	switch {
	case len(names) == 0:
		return "nothing"
	case more:
		return strings.Join(names, ", ") + " and more"
	}
	return strings.Join(names, ", ")
}

// maxJSON bounds a configuration: the largest published ones list the names of 20,000 classes in some megabytes.
const maxJSON = 8 << 20

// object reads the JSON object in the file of that name. The error names the file.
func (f folder) object(name string) (*object, error) {
	path := f.in(name)
	b, err := disk.ReadFile(path, maxJSON)
	switch {
	case errors.Is(err, disk.ErrTooLong):
		return nil, fmt.Errorf("%s is longer than %d MiB: it is not the configuration of a model", path, maxJSON>>20)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	case err != nil:
		return nil, err
	}
	values, err := parseObject(b)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return &object{file: path, values: values, fault: new(error)}, nil
}
