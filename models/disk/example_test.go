package disk_test

import (
	"fmt"
	"os"
	"path/filepath"

	"udml-gpu/models/disk"
)

// A file is replaced as a whole: readers see the old content or the new one, also after a power cut.
func ExampleReplace() {
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "config.yaml")
	for _, text := range []string{"epochs: 1\n", "epochs: 2\n"} {
		if err := disk.Replace(path, []byte(text)); err != nil {
			panic(err)
		}
	}
	b, err := os.ReadFile(path)
	fmt.Printf("%q %v\n", b, err)
	// Output: "epochs: 2\n" <nil>
}
