// Program testrun runs `go test` and reports what was left out: at the end it lists every skipped test with its reason, and with
// -devices it compares the tests that used a GPU with those in the source.
//
//	go run ./scripts/testrun [-variant NAME] [-devices DIR] -- ARGUMENTS OF go test
//	go run ./scripts/testrun -list
//
// -variant names a kind of run in skips.txt: with -strict (or UDML_STRICT_SKIPS=1) a skipped test that is not listed there fails.
// -devices ./kernels counts the device tests of the packages below that folder: those that did not run are named and fail, as do
// skipped ones that are not listed.
// -list prints the device tests of the tree, as PACKAGE TEST. With -read, the output of `go test -json` is read from standard
// input (used in the bundle for a machine without Go), and -source names a file written by -list.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
)

func main() {
	var o options
	flag.StringVar(&o.variant, "variant", "plain", "the kind of run, as in skips.txt")
	flag.BoolVar(&o.strict, "strict", os.Getenv("UDML_STRICT_SKIPS") == "1", "fail on a skipped test that skips.txt does not list")
	flag.StringVar(&o.devices, "devices", "", "compare the device tests of packages below this folder with those in the source")
	flag.StringVar(&o.source, "source", "", "read the device tests in the source from this file, written by -list")
	flag.BoolVar(&o.read, "read", false, "read the output of go test -json from standard input")
	list := flag.Bool("list", false, "print the device tests in the source")
	flag.Parse()
	o.args = flag.Args()
	var err error
	if *list {
		err = printDeviceTests(os.Stdout)
	} else {
		err = o.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "testrun:", err)
		os.Exit(1)
	}
}

type options struct {
	variant, devices, source string
	strict, read             bool
	args                     []string // of go test
}

// run is nil when all tests passed and no test was left out that must run.
func (o *options) run() error {
	results, testErr := o.results()
	if results == nil {
		return testErr
	}
	unlisted, err := printSkips(os.Stdout, results, skipsFile, o.variant)
	if err != nil {
		return err
	}
	errs := []error{testErr, results.verdict()}
	for _, t := range unlisted {
		if o.strict || o.devices != "" && results.usesDevice(t) {
			errs = append(
				errs,
				fmt.Errorf("%s %s was skipped, and skips.txt does not list it for the variant %s", t.pkg, t.name, o.variant),
			)
		}
	}
	if o.devices != "" {
		errs = append(errs, o.holdDevices(results))
	}
	return errors.Join(errs...)
}

// results are the results of a run of go test, or of the one on standard input.
func (o *options) results() (*results, error) {
	if o.read {
		return readEvents(os.Stdin, os.Stdout)
	}
	goCommand := os.Getenv("GO")
	if goCommand == "" {
		goCommand = "go"
	}
	cmd := exec.Command(goCommand, append([]string{"test", "-json"}, o.args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	r, err := readEvents(out, os.Stdout)
	return r, errors.Join(err, cmd.Wait())
}

// holdDevices compares the tests that ran on a device with those in the source.
func (o *options) holdDevices(r *results) error {
	wanted, err := o.wantedDevices()
	if err != nil {
		return err
	}
	return compareDevices(os.Stdout, r, wanted)
}

// wantedDevices are the device tests of the packages below the folder given by -devices.
func (o *options) wantedDevices() (map[string][]string, error) {
	list, err := deviceTests(".")
	if o.source != "" {
		list, err = readList(o.source)
	}
	below := path.Join(module, o.devices) + "/"
	maps.DeleteFunc(list, func(pkg string, _ []string) bool { return !strings.HasPrefix(pkg+"/", below) })
	return list, err
}

// readList reads the output of -list.
func readList(file string) (map[string][]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	list := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		pkg, test, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			return nil, fmt.Errorf("%s: expected PACKAGE TEST, found %q", file, line)
		}
		list[pkg] = append(list[pkg], test)
	}
	return list, nil
}

func printDeviceTests(w io.Writer) error {
	tests, err := deviceTests(".")
	if err != nil {
		return err
	}
	var lines []string
	for pkg, names := range tests {
		for _, name := range names {
			lines = append(lines, pkg+" "+name)
		}
	}
	slices.Sort(lines)
	_, err = fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}
