package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"udml-gpu/models/disk"
)

// halfFile is the variable with the folder in which TestNoHalfFiles has its child begin a file.
const halfFile = "UDML_TEST_HALF_FILE"

// beginHalfFile begins to write a file and never ends.
func beginHalfFile(dir string) {
	leaveNoHalfFiles()
	_ = disk.ReplaceBy(disk.OS, filepath.Join(dir, "page.html"), func(w io.Writer) error {
		_, _ = w.Write([]byte("<html>"))
		time.Sleep(time.Minute)
		return nil
	})
}

// A signal ends a command that is writing a file as if it were not caught, and nothing of the file is left.
func TestNoHalfFiles(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), halfFile+"="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for begun := time.Now(); len(entries(dir)) == 0 && time.Since(begun) < 20*time.Second; {
			time.Sleep(2 * time.Millisecond)
		}
		if list := entries(dir); len(list) != 1 || !strings.Contains(list[0].Name(), "page.html.tmp-") {
			t.Errorf("%v while it is written", list)
		}
		_ = cmd.Process.Signal(s)
		_ = cmd.Wait()
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != s {
			t.Errorf("%v: ended with %v", s, cmd.ProcessState)
		}
		if list := entries(dir); len(list) != 0 {
			t.Errorf("%v left %v", s, list)
		}
	}
}

func entries(dir string) []os.DirEntry {
	list, _ := os.ReadDir(dir)
	return list
}
