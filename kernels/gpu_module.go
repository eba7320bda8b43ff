package kernels

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"

	"udml-gpu/cgo/cuda"
)

// compiled is the folder of compiled kernels; in a fresh clone it holds a README alone.
//
//go:embed all:fatbin
var compiled embed.FS

// sources are the kernels as text: their hash tells whether compiled kernels belong to this program.
//
//go:embed */*.cu */*.cuh
var sources embed.FS

// fatbinFile is what `make kernels` writes.
const fatbinFile = "fatbin/kernels.fatbin"

// ErrNoKernels says that the program was built without compiled kernels.
var ErrNoKernels = errors.New("this build holds no compiled kernels: run make kernels and build again")

// fatbin is the compiled kernels, nil when there are none.
func fatbin() []byte {
	b, err := compiled.ReadFile(fatbinFile)
	if err != nil {
		return nil
	}
	return b
}

// needDriver is the oldest driver, as 13000, that loads the compiled kernels: any of the major version of the toolkit that
// compiled them, which `make kernels` leaves beside them as text such as "12.4".
var needDriver = sync.OnceValue(func() int {
	b, err := compiled.ReadFile("fatbin/toolkit")
	if err != nil {
		return cuda.NeedDriver
	}
	major, _, _ := strings.Cut(string(b), ".")
	n, err := strconv.Atoi(major)
	if err != nil || n < 12 {
		return cuda.NeedDriver
	}
	return 1000 * n
})

// MachineCodeMajor is the first number of the newest compute capability for which this program has machine code (scripts/kernels.sh); for
// newer GPUs the driver compiles PTX.
const MachineCodeMajor = 9

// HasKernels says whether this build holds compiled kernels.
func HasKernels() bool { return fatbin() != nil }

// SourceHash names the kernels' sources: the first 16 digits of the SHA-256 of each file's
// path, length and text in the order of their paths, as scripts/kernel_hash.sh computes it.
var SourceHash = sync.OnceValue(func() string {
	files := sourceFiles()
	h := sha256.New()
	for _, f := range files {
		text, err := sources.ReadFile(f)
		if err != nil {
			panic("kernels: embedded " + f + ": " + err.Error())
		}
		fmt.Fprintf(h, "%s\n%d\n", f, len(text))
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
})

func sourceFiles() []string {
	var files []string
	_ = fs.WalkDir(sources, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	slices.Sort(files)
	return files
}

// loadModule loads the compiled kernels and checks that they were compiled from this program's sources. A build without
// any loads a text in their place, because the emulated driver accepts it: it has kernels of its own.
func loadModule(ctx *cuda.Context) (cuda.Module, error) {
	image := fatbin()
	if image == nil {
		image = []byte("no kernels\x00")
	}
	m, err := ctx.Load(image)
	if err != nil {
		if !HasKernels() {
			return m, ErrNoKernels
		}
		return m, fmt.Errorf("the compiled kernels of this program cannot be loaded: %w", err)
	}
	if _, err := m.Function("udml_sources_" + SourceHash()); err != nil {
		_ = m.Unload()
		return m, fmt.Errorf("the compiled kernels do not belong to this program, whose sources are %s: run make kernels and build again",
			SourceHash())
	}
	return m, nil
}
