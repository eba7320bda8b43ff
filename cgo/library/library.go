// Package library finds a shared library at run time and opens it: the program links to none, and runs without. A Binding
// says which library a package calls and how; a Library is the outcome of the search.
//
// It is for the libraries that a GPU may have beside its driver, for the decoders of image files, and for MPI. A build without cgo has
// the same API and finds none.
package library

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"unsafe"
)

// NoCgo is the problem of every search in a build without cgo.
const NoCgo = "this build was made without cgo"

// Version is a version's three numbers, the major one first.
type Version [3]int

// String is the version as people write it: "12.9.3".
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

// Binding describes a library to search for.
type Binding struct {
	Name         string   // the library's, for messages
	FileVariable string   // the environment variable that names the file to open
	OffVariable  string   // the environment variable that forbids the library when it is 1; if "", FileVariable forbids it as "off"
	Files        []string // for the system's loader when FileVariable names none, the best first
	Majors       []int    // the major versions that can be called
	Global       bool     // other libraries find its functions too: for one that loads parts of itself which look for them
	// Bind finds the functions in the library that dlopen opened as handle, and its version; or it names a
	// missing function. Once nothing is missing it is not called for further files.
	Bind func(handle unsafe.Pointer) (v Version, missing string)
}

// Library is the outcome of a search.
type Library struct {
	File    string  // as it was opened, "" when none was
	Version Version // zero when none was opened
	Problem string  // why it cannot be used, "" when it can
	Wrong   error   // a *VersionError where one was opened that cannot be used, else nil
}

// Find looks for the library. A missing library is a Problem and no error.
func (b *Binding) Find() Library {
	if variable, value := b.forbidding(); os.Getenv(variable) == value {
		return Library{Problem: variable + " is " + value}
	}
	files := b.Files
	if file := os.Getenv(b.FileVariable); file != "" {
		files = []string{file}
	}
	l := b.first(files)
	if l.File != "" && !slices.Contains(b.Majors, l.Version[0]) {
		l.Wrong = &VersionError{File: l.File, Found: l.Version.String(), Binding: b}
		l.Problem = l.Wrong.Error()
	}
	return l
}

// forbidding is the environment variable that forbids the library, and the value with which it does.
func (b *Binding) forbidding() (variable, value string) {
	if b.OffVariable == "" {
		return b.FileVariable, "off"
	}
	return b.OffVariable, "1"
}

// Called is the library's name and version, such as "libtiff 4.5.0"; "" if l, the result of Find, cannot be used.
func (b *Binding) Called(l Library) string {
	if l.Problem != "" {
		return ""
	}
	return b.Name + " " + l.VersionText()
}

// first is the first of files that opens; if none does, Problem says what each one lacked.
func (b *Binding) first(files []string) Library {
	var problems []string
	for _, file := range files {
		version, problem := b.try(file)
		if problem == "" {
			return Library{File: file, Version: version}
		}
		problems = append(problems, problem)
	}
	return Library{Problem: strings.Join(slices.Compact(problems), "; ")} // without cgo all lack the same
}

// try opens one file.
func (b *Binding) try(file string) (v Version, problem string) {
	handle, problem := open(file, b.Global)
	if problem == "" {
		v, missing := b.Bind(handle)
		if missing == "" {
			return v, ""
		}
		problem = "it has no function " + missing
	}
	if problem == NoCgo {
		return Version{}, NoCgo
	}
	return Version{}, file + " cannot be used: " + problem
}

// VersionText is the version of the library found, such as "12.9.3", "" when there is none.
func (l Library) VersionText() string {
	if l.File == "" {
		return ""
	}
	return l.Version.String()
}

// VersionError says that the library found is of no major version that can be used.
type VersionError struct {
	File    string
	Found   string
	Binding *Binding
}

// Error names the file, the version found and those needed.
func (e *VersionError) Error() string {
	var majors []string
	for _, m := range e.Binding.Majors {
		majors = append(majors, fmt.Sprint(m))
	}
	variable, value := e.Binding.forbidding()
	return fmt.Sprintf("%s is %s %s, and this program needs version %s: name another file by %s, or do without by %s=%s",
		e.File, e.Binding.Name, e.Found, strings.Join(majors, " or "), e.Binding.FileVariable, variable, value)
}
