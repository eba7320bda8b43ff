package machine

import (
	"bytes"
	"os"
	"path/filepath"
)

// gpuFiles are device files of NVIDIA's GPUs: on PCI, in a Jetson, and in WSL.
var gpuFiles = []string{"dev/nvidia*", "dev/nvhost-*", "dev/nvgpu*", "dev/dxg"}

// hasGPU says whether the machine whose files are below root seems to have a GPU of NVIDIA, with or without a driver.
func hasGPU(root string) bool {
	for _, pattern := range gpuFiles {
		if found, _ := filepath.Glob(filepath.Join(root, pattern)); len(found) > 0 {
			return true
		}
	}
	vendors, _ := filepath.Glob(filepath.Join(root, "sys/bus/pci/devices/*/vendor"))
	for _, file := range vendors {
		if b, err := os.ReadFile(file); err == nil && bytes.Equal(bytes.TrimSpace(b), []byte("0x10de")) {
			return true
		}
	}
	return false
}
