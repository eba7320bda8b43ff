package engine

import (
	"path/filepath"

	"udml-gpu/engine/data"
	"udml-gpu/models/weights"
)

// keepsPipeline refuses settings that would show the network of the checkpoint in dir other images than it was trained on.
// Models of earlier versions record nothing and are taken as they are.
func keepsPipeline(c Config, dir string) error {
	path := filepath.Join(dir, modelFile)
	meta, err := weights.ReadMetadata(path)
	if err != nil {
		return data.Errorf("%w", err)
	}
	recorded, ok := meta[pipelineKey]
	if !ok {
		return nil
	}
	return c.samePipeline(path, recorded)
}
