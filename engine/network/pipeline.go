package network

import (
	"path/filepath"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/setting"
	"udml-gpu/models/weights/file"
)

// KeepsPipeline refuses settings that would show the network of the checkpoint in dir other images than it was trained on.
// Models of earlier versions record nothing and are taken as they are.
func KeepsPipeline(c setting.Config, dir string) error {
	path := filepath.Join(dir, ModelFile)
	meta, err := file.ReadMetadata(path)
	if err != nil {
		return baddata.Errorf("%w", err)
	}
	recorded, ok := meta[setting.PipelineKey]
	if !ok {
		return nil
	}
	return c.SamePipeline(path, recorded)
}
