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

// halfFile is the variable with the folder in which TestNoHalfFiles has its child begin a file, or with "folder:" before it a folder.
const halfFile = "UDML_TEST_HALF_FILE"

// beginHalfFile begins to write a file or a folder and never ends.
func beginHalfFile(what string) {
	leaveNoHalfFiles()
	file := func(dir string) error {
		return disk.ReplaceBy(disk.OS, filepath.Join(dir, "page.html"), func(w io.Writer) error {
			_, _ = w.Write([]byte("<html>"))
			time.Sleep(time.Minute)
			return nil
		})
	}
	if dir, ok := strings.CutPrefix(what, "folder:"); ok {
		_ = disk.NewFolder(filepath.Join(dir, "groups"), func(fresh string) error {
			_ = disk.WriteNew(disk.OS, filepath.Join(fresh, "a.jpg"), []byte("a"))
			return file(fresh)
		})
		return
	}
	_ = file(what)
}

// A signal ends a command that is writing a file or a folder as if it were not caught, and nothing of either is left.
func TestNoHalfFiles(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for kind, within := range map[string]string{"": "", "folder:": ".tmp-groups"} {
			dir := t.TempDir()
			cmd := exec.Command(os.Args[0], "-test.run=^$")
			cmd.Env = append(os.Environ(), halfFile+"="+kind+dir)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			begun := func() bool {
				list := entries(filepath.Join(dir, within))
				return len(list) > 0 && strings.Contains(list[0].Name(), "page.html.tmp-")
			}
			for start := time.Now(); !begun() && time.Since(start) < 20*time.Second; {
				time.Sleep(2 * time.Millisecond)
			}
			if !begun() {
				t.Errorf("%v while it is written", entries(dir))
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
}

func entries(dir string) []os.DirEntry {
	list, _ := os.ReadDir(dir)
	return list
}
