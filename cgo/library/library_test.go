package library

import (
	"errors"
	"strings"
	"testing"
	"unsafe"
)

// always is a file that opens wherever this package opens any.
const always = "libc.so.6"

// bound is a binding that finds this version, or misses a function.
func bound(v Version, missing string) *Binding {
	return &Binding{
		Name: "libx", FileVariable: "UDML_TEST_FILE", OffVariable: "UDML_TEST_OFF", Files: []string{"no such file", always},
		Majors: []int{3, 4},
		Bind: func(handle unsafe.Pointer) (Version, string) {
			if handle == nil {
				return Version{}, "nothing was opened"
			}
			return v, missing
		},
	}
}

func needCgo(t *testing.T) {
	t.Helper()
	if _, problem := open(always, false); problem == NoCgo {
		t.Skip(NoCgo)
	}
}

func TestFind(t *testing.T) {
	needCgo(t)
	if l := bound(Version{4, 5, 6}, "").Find(); l != (Library{File: always, Version: Version{4, 5, 6}}) || l.VersionText() != "4.5.6" {
		t.Errorf("the second file: %+v", l)
	}
	for major, right := range map[int]bool{0: false, 2: false, 3: true, 4: true, 5: false} {
		if l := bound(Version{major}, "").Find(); (l.Problem == "" && l.Wrong == nil) != right || l.File != always {
			t.Errorf("version %d: %+v", major, l)
		}
	}
	t.Setenv("UDML_TEST_FILE", "another")
	if l := bound(Version{4}, "").Find(); !strings.HasPrefix(l.Problem, "another cannot be used: ") || strings.Contains(l.Problem, ";") {
		t.Errorf("a file that is named: %+v", l)
	}
}

// TestCalled: a library that was opened and cannot be used has no name either.
func TestCalled(t *testing.T) {
	b := Binding{Name: "libx"}
	for want, l := range map[string]Library{
		"libx 4.5.6": {File: "libx.so", Version: Version{4, 5, 6}},
		"":           {File: "libx.so", Version: Version{9}, Problem: "version 9 is not one that can be called"},
	} {
		if got := b.Called(l); got != want {
			t.Errorf("%+v is called %q, want %q", l, got, want)
		}
	}
}

func TestFindNone(t *testing.T) {
	needCgo(t)
	l := bound(Version{}, "f").Find()
	first, second, _ := strings.Cut(l.Problem, "; ")
	if !strings.HasPrefix(first, "no such file cannot be used: ") || second != always+" cannot be used: it has no function f" {
		t.Errorf("no file that can be used: %q", l.Problem)
	}
	if l.File != "" || l.VersionText() != "" || l.Wrong != nil {
		t.Errorf("none was opened: %+v", l)
	}
}

func TestVersionError(t *testing.T) {
	needCgo(t)
	l := bound(Version{5, 0, 1}, "").Find()
	var wrong *VersionError
	if !errors.As(l.Wrong, &wrong) || wrong.File != always || wrong.Found != "5.0.1" || l.VersionText() != "5.0.1" {
		t.Fatalf("%+v", l)
	}
	want := always + " is libx 5.0.1, and this program needs version 3 or 4: name another file by UDML_TEST_FILE, " +
		"or do without by UDML_TEST_OFF=1"
	if l.Problem != want || wrong.Error() != want {
		t.Errorf("the message is %q", l.Problem)
	}
}

// TestOff holds in every build.
func TestOff(t *testing.T) {
	t.Setenv("UDML_TEST_OFF", "1")
	if l := bound(Version{4}, "").Find(); l != (Library{Problem: "UDML_TEST_OFF is 1"}) {
		t.Errorf("switched off, %+v", l)
	}
}

// TestOffByFile: a binding with one variable for both. "off" is then no file.
func TestOffByFile(t *testing.T) {
	b := bound(Version{9}, "")
	b.OffVariable = ""
	t.Setenv("UDML_TEST_FILE", "off")
	if l := b.Find(); l != (Library{Problem: "UDML_TEST_FILE is off"}) {
		t.Errorf("switched off, %+v", l)
	}
	if e := (&VersionError{Binding: b}).Error(); !strings.HasSuffix(e, "or do without by UDML_TEST_FILE=off") {
		t.Errorf("the message is %q", e)
	}
}

// TestNoCgo: without cgo the problem says so, and nothing of files.
func TestNoCgo(t *testing.T) {
	if _, problem := open(always, false); problem != NoCgo {
		t.Skip("this build was made with cgo")
	}
	if l := bound(Version{4}, "").Find(); l != (Library{Problem: NoCgo}) {
		t.Errorf("%+v", l)
	}
}
