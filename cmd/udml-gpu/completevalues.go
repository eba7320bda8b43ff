package main

import (
	"slices"

	"udml-gpu/engine/collection/convert"
	"udml-gpu/engine/collection/groups"
	"udml-gpu/engine/collection/selection"
	"udml-gpu/engine/export"
	"udml-gpu/engine/report/inline"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
	"udml-gpu/models/backbone"
)

// valuesOf are the values that a text flag of that command may have; nil where there is no list of them.
func valuesOf(command, flag string) []string {
	switch command + " --" + flag {
	case "convert --to":
		return convert.Formats()
	case "export --to":
		return export.Formats()
	case "cluster --method":
		return groups.Methods
	case "cluster --k":
		return []string{"auto"}
	case "select --by":
		return selection.Ways
	case "embed --vectors":
		return []string{"float32", "float16"}
	case "bench --what":
		return []string{"train", "kernels", "probe", "loader", "embed", "scaling", "collectives"}
	case "search --pictures", "select --pictures":
		list := []string{"auto"}
		for _, p := range inline.Protocols {
			list = append(list, string(p))
		}
		return list
	case "embed --split", "eval --split":
		return []string{"auto", "all", "train", "test"}
	case "embed --layer", "eval --layer":
		return []string{"embedding", "pooled"}
	}
	return settingValues(flag)
}

// settingValues are the values of a setting.
func settingValues(key string) []string {
	switch key {
	case "backbone":
		return backbone.Names()
	case "preset":
		return setting.Presets()
	case "pool":
		return backbone.AllPools()
	case "result":
		return setting.Results()
	case "precision":
		return []string{"fp32", "tf32", "bf16"}
	case "device":
		return []string{"auto", "cpu", "cuda"}
	}
	r, ok := table.Find(setting.Table(), key)
	if !ok {
		return nil
	}
	return slices.Clone(r.Choices())
}
