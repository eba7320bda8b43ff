package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"udml-gpu/cgo/memory"
	"udml-gpu/engine/checkpoint"
	"udml-gpu/kernels/gemm"
	"udml-gpu/kernels/rng"
	"udml-gpu/models/disk"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(halfFile); dir != "" { // the child of TestNoHalfFiles
		beginHalfFile(dir)
		return
	}
	// Below nohup the programs that tests start would ignore the signal as well, which tests send them.
	if strings.HasSuffix(os.Args[0], ".test") && signal.Ignored(syscall.SIGHUP) {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	testscript.Main(m, map[string]func(){"udml-gpu": runAndExit, "curl": curlMain})
}

// TestScripts runs the program as a user does; each script in testdata is one case.
func TestScripts(t *testing.T) { runScripts(t, "testdata") }

func runScripts(t *testing.T, dir string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir: dir, Setup: withoutGPU, Condition: met,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"images": makeImages, "hugepng": makeHugePNG, "evilzip": makeEvilZip, "exitcode": exitCodeIs, "jsonhas": jsonHas,
			"restate": restate, "replace": replaceInFile, "oneline": oneLine, "stopwhen": stopWhen, "limited": limited, "pack": packDir,
			"countfiles": countFiles, "rawfile": makeRaw, "cutfiles": cutFiles, "scenes": makeScenes, "reencode": reencode, "cub": makeCub,
			"drawings": makeDrawings,
		},
	})
}

// withoutGPU hides the machine's GPU, so that scripts do the same everywhere; those for a GPU set the driver to $DRIVER.
func withoutGPU(e *testscript.Env) error {
	e.Setenv("UDML_LIBCUDA", "none")
	e.Setenv("DRIVER", gpuDriver())
	e.Setenv("DRIVER_KERNELS", emulatedKernels())
	libs, err := filepath.Abs("../../build/emu/libs")
	e.Setenv("STANDINS", libs) // for NVIDIA's libraries, on the emulated GPU
	if err != nil {
		return err
	}
	weights, err := filepath.Abs("../../testdata/weights")
	e.Setenv("WEIGHTS", weights)
	e.Setenv("HUB", filepath.Join(weights, "..", "hub"))
	e.Setenv("CARS", filepath.Join(weights, "..", "cars"))
	e.Setenv("IMAGES", filepath.Join(weights, "..", "images"))
	return err
}

// met says whether a condition of scripts holds: "emulated": the emulated GPU is used; "openblas": OpenBLAS is used; "cgo": the build
// can report that memory has run out.
func met(condition string) (bool, error) {
	switch condition {
	case "openblas":
		return strings.Contains(gemm.Backend(), "OpenBLAS"), nil
	case "cgo":
		return memory.Effective, nil
	case "emulated":
		return emulatedKernels() != "", nil
	}
	return false, fmt.Errorf("unknown condition %q", condition)
}

// makeImages DIR CLASSES COUNT SIZE: writes PNG files DIR/<class>/<n>.png of textures that differ by class.
func makeImages(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	classes, count, size := number3(ts, args[1:])
	for c := range classes {
		folder := filepath.Join(dir, fmt.Sprintf("class%02d", c))
		ts.Check(os.MkdirAll(folder, 0o777))
		for i := range count {
			var b bytes.Buffer
			ts.Check(png.Encode(&b, texture(c, i, size)))
			ts.Check(os.WriteFile(filepath.Join(folder, fmt.Sprintf("%03d.png", i)), b.Bytes(), 0o666))
		}
	}
}

func number3(ts *testscript.TestScript, args []string) (a, b, c int) {
	n := [3]int{}
	for i := range n {
		v, err := strconv.Atoi(args[i])
		ts.Check(err)
		n[i] = v
	}
	return n[0], n[1], n[2]
}

// texture is an image of stripes whose direction and colour depend on the class, with noise that depends on the image.
func texture(class, sample, size int) image.Image {
	im := image.NewRGBA(image.Rect(0, 0, size, size))
	key := rng.Key{Seed: uint64(class), Sample: uint32(sample), Op: rng.OpBench}
	for y := range size {
		for x := range size {
			noise := uint8(key.At(uint32(y*size + x))[0] % 60)
			stripe := uint8(((x*(class%3+1)+y*(class/3+1))/3%2)*120 + 40)
			im.Set(x, y, color.RGBA{stripe + noise, uint8(class*37) + noise/2, 255 - stripe, 255})
		}
	}
	return im
}

// makeHugePNG FILE SIDE: writes a PNG header that claims a square image of that side, without the pixels.
func makeHugePNG(ts *testscript.TestScript, _ bool, args []string) {
	side, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b bytes.Buffer
	ts.Check(png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))))
	raw := b.Bytes()
	big := []byte{byte(side >> 24), byte(side >> 16), byte(side >> 8), byte(side)}
	copy(raw[16:], big)
	copy(raw[20:], big)
	fixCRC(raw)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), raw, 0o666))
}

// makeEvilZip FILE NAME: writes a zip with one good image and one entry called NAME.
func makeEvilZip(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	z := zip.NewWriter(f)
	for _, name := range []string{"a/good.png", args[1]} {
		w, err := z.Create(name)
		ts.Check(err)
		ts.Check(png.Encode(w, texture(1, 1, 8)))
	}
	ts.Check(z.Close())
}

// exitCodeIs CODE ARG...: runs the program, which must end with that code and without a stack trace.
func exitCodeIs(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec("udml-gpu", args[1:]...)
	got := 0
	if err != nil {
		code, ok := strings.CutPrefix(err.Error(), "exit status ")
		if !ok {
			ts.Fatalf("udml-gpu: %v", err)
		}
		got, _ = strconv.Atoi(code)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	for _, bad := range []string{"goroutine ", "panic:", "internal error"} {
		if strings.Contains(ts.ReadFile("stderr"), bad) {
			ts.Fatalf("the message holds %q", bad)
		}
	}
}

// jsonHas FILE PATH [MIN MAX]: the JSON document must have a number at the dotted path, within the bounds.
func jsonHas(ts *testscript.TestScript, _ bool, args []string) {
	var v any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &v); err != nil {
		ts.Fatalf("not one JSON document: %v", err)
	}
	for _, key := range strings.Split(args[1], ".") {
		m, ok := v.(map[string]any)
		if !ok || m[key] == nil {
			ts.Fatalf("%s is missing", args[1])
		}
		v = m[key]
	}
	if len(args) < 4 {
		return
	}
	lo, _ := strconv.ParseFloat(args[2], 64)
	hi, _ := strconv.ParseFloat(args[3], 64)
	if x, ok := v.(float64); !ok || !(x >= lo && x <= hi) {
		ts.Fatalf("%s is %v, want %g to %g", args[1], v, lo, hi)
	}
}

// replaceInFile FILE OLD NEW: replaces every OLD in the file, which must hold it.
func replaceInFile(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	if !bytes.Contains(b, []byte(args[1])) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, bytes.ReplaceAll(b, []byte(args[1]), []byte(args[2])), 0o666))
}

// restate RUN OLD NEW: writes the run's last checkpoint again with OLD replaced in state.json and a manifest that fits.
func restate(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	last, _, err := checkpoint.Latest(dir)
	ts.Check(err)
	files := map[string][]byte{}
	for _, name := range []string{"model.safetensors", "optimizer.safetensors", "state.json"} {
		files[name], err = os.ReadFile(filepath.Join(last, name))
		ts.Check(err)
	}
	changed := bytes.ReplaceAll(files["state.json"], []byte(args[1]), []byte(args[2]))
	if bytes.Equal(changed, files["state.json"]) {
		ts.Fatalf("state.json does not hold %q", args[1])
	}
	files["state.json"] = changed
	at, ok := checkpoint.ParseAt(filepath.Base(last))
	if !ok {
		ts.Fatalf("%s is not a checkpoint", last)
	}
	ts.Check(checkpoint.NewStore(disk.OS, dir).Save(at, files, 9))
}

// oneLine: the program must have printed a single line on standard error, not counting its JSON log.
func oneLine(ts *testscript.TestScript, _ bool, _ []string) {
	n := 0
	for _, l := range strings.Split(strings.TrimSpace(ts.ReadFile("stderr")), "\n") {
		if !strings.HasPrefix(l, "{") {
			n++
		}
	}
	if n != 1 {
		ts.Fatalf("%d lines of message, want 1", n)
	}
}
