package machine

import (
	"os"
	"path/filepath"
	"testing"
)

func TestHasGPU(t *testing.T) {
	for file, want := range map[string]bool{
		"dev/nvidia0": true, "dev/dxg": true, "dev/nvhost-gpu": true, "dev/nvme0": false, "dev/null": false,
		"sys/bus/pci/devices/0000:01:00.0/vendor": false, // of another maker
	} {
		root := t.TempDir()
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("0x8086\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		if got := hasGPU(root); got != want {
			t.Errorf("%s: %t", file, got)
		}
		if err := os.WriteFile(path, []byte("0x10de\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		if filepath.Base(file) == "vendor" && !hasGPU(root) {
			t.Error("a PCI device of NVIDIA was not found")
		}
	}
}
