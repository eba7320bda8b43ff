// Package mpi is MPI as this project uses it: a few calls that move bytes between the processes that mpirun or srun has started. The
// library is looked for when Open is called: the program links to none, and runs without.
//
// The binary interfaces of MPI libraries differ, and one build speaks all three: Open MPI's, that of MPICH, which Intel MPI, MVAPICH and
// Cray's MPI share, and that of the standard since MPI 5.0. UDML_LIBMPI names the file to open in place of those that Open tries; "off"
// opens none. A build without cgo has the same API and finds none.
//
// MPI is told that one thread calls it (MPI_THREAD_FUNNELED), which every library allows. So Library.Init and all that follows have to
// come from one goroutine that has called runtime.LockOSThread and never unlocks it.
package mpi

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"udml-gpu/cgo/library"
)

// FileVariable is the environment variable that names the library's file; "off" opens none.
const FileVariable = "UDML_LIBMPI"

// ABI is a library's binary interface: what its handles are.
type ABI int

// The binary interfaces.
const (
	OpenMPI  ABI = 1 // addresses of the library's variables
	MPICH    ABI = 2 // numbers of type int
	Standard ABI = 3 // those of the standard since MPI 5.0
)

// String is the interface's name.
func (a ABI) String() string {
	switch a {
	case OpenMPI:
		return "Open MPI's binary interface"
	case MPICH:
		return "MPICH's binary interface"
	}
	return "the standard's binary interface"
}

// Library is an MPI library that was opened.
type Library struct {
	File     string          // as it was opened
	Standard library.Version // of MPI's standard, that it follows
	Name     string          // what it says of itself, as "Open MPI v4.1.4" or "MPICH 4.0.2"
	ABI      ABI
}

// Files are the files that Open tries, the best first. Which launcher has started this process decides: a library of another one would
// see one process alone. env looks up an environment variable, as os.Getenv does.
func Files(env func(string) string) []string {
	const openMPI, mpich, debian, standard = "libmpi.so.40", "libmpi.so.12", "libmpich.so.12", "libmpi_abi.so.1"
	switch {
	case env("OMPI_COMM_WORLD_RANK") != "":
		return []string{openMPI, standard, mpich, debian}
	case env("PMI_RANK") != "":
		return []string{mpich, debian, standard, openMPI}
	}
	return []string{openMPI, mpich, debian, standard}
}

// bindingOf is the search for a library in an environment.
func bindingOf(env func(string) string) *library.Binding {
	return &library.Binding{
		Name: "MPI", FileVariable: FileVariable, Files: Files(env),
		Majors: []int{3, 4, 5}, // 3.0 brought the last functions that are used
		Global: true,           // Open MPI 4 loads parts of itself that look for its functions
		Bind:   bind,
	}
}

var (
	opening sync.Mutex
	opened  *Library
)

// Open looks for an MPI library and opens it. Nothing of MPI begins: neither other processes nor the network are touched. After the first
// success all calls return the same library. An error says which files were tried and what to do.
func Open() (*Library, error) {
	opening.Lock()
	defer opening.Unlock()
	if opened != nil {
		return opened, nil
	}
	b := bindingOf(os.Getenv)
	found := b.Find()
	if found.Problem != "" {
		return nil, missing(found, os.Getenv)
	}
	opened = &Library{File: found.File, Standard: found.Version, Name: nameOf(libraryText()), ABI: abiOfOpened()}
	return opened, nil
}

// missing is the error of a search that has found nothing that can be used.
func missing(found library.Library, env func(string) string) error {
	switch file := env(FileVariable); {
	case found.Problem == library.NoCgo:
		return errors.New("MPI cannot be used: " + library.NoCgo)
	case found.Wrong != nil:
		return found.Wrong
	case file == "off":
		return fmt.Errorf("%s is off: unset it, or start one process", FileVariable)
	case file != "":
		return fmt.Errorf("%s (named by %s)", found.Problem, FileVariable)
	}
	return fmt.Errorf("none of %s could be opened: install Open MPI or MPICH, or set %s to the library of the mpirun that you use",
		strings.Join(Files(env), ", "), FileVariable)
}

// nameOf is the library's name and version from its own text, which has many lines in MPICH.
func nameOf(text []byte) string {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	name, _, _ := bytes.Cut(line, []byte(", package:")) // Open MPI goes on with who built it
	return strings.Join(strings.Fields(strings.Replace(string(name), "MPICH Version:", "MPICH", 1)), " ")
}

// failed is an error code of MPI as an error, with the library's words; nil for success.
func failed(call string, code int) error {
	if code == 0 {
		return nil
	}
	text := strings.Join(strings.Fields(errorText(code)), " ")
	return fmt.Errorf("%s failed: %s (MPI's error %d)", call, text, code)
}

// Init begins MPI: it waits until all processes of the launcher have come so far. It can be done once in a process.
func (l *Library) Init() error {
	enough, code := start()
	if err := failed("MPI_Init_thread", code); err != nil {
		return err
	}
	if !enough {
		return fmt.Errorf("%s (%s) does not allow a program of several threads", l.Name, l.File)
	}
	return nil
}

// Request is a message on its way. Its memory must not be used for anything else before it is done.
type Request struct {
	Handle  uint64 // the library's
	Receive bool
}
