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

// kinds are what a child begins, by what stands before its folder in halfFile, with the folder in which the file then lies.
var kinds = map[string]string{"": "", "folder:": ".tmp-groups"}

// A signal ends a command that is writing a file or a folder as if it were not caught, and nothing of either is left. Go ends no program by
// SIGUSR2 and SIGXCPU: there it is the exit code that a shell gives.
func TestNoHalfFiles(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR2, syscall.SIGXCPU} {
		for kind := range kinds {
			cmd := exec.Command(os.Args[0], "-test.run=^$")
			status := endedInHalfFile(t, cmd, kind, s)
			passes := s == syscall.SIGUSR2 || s == syscall.SIGXCPU
			if bySignal := status.Signaled() && status.Signal() == s; !bySignal && !(passes && status.ExitStatus() == 128+int(s)) {
				t.Errorf("%v: ended with %v", s, cmd.ProcessState)
			}
		}
	}
}

// As the first process of a container, which no signal of its own can end, the command exits with the code that a shell gives.
func TestNoHalfFilesOfFirstProcess(t *testing.T) {
	if os.Getuid() != 0 || exec.Command("unshare", "--pid", "--fork", "true").Run() != nil {
		t.Skip("a namespace for processes cannot be made here")
	}
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGUSR2} {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
		if status := endedInHalfFile(t, cmd, "", s); status.ExitStatus() != 128+int(s) {
			t.Errorf("%v: ended with %v", s, cmd.ProcessState)
		}
	}
}

// endedInHalfFile runs a program that begins one of kinds and never ends, sends it the signal, and says how it ended.
func endedInHalfFile(t *testing.T, cmd *exec.Cmd, kind string, s syscall.Signal) syscall.WaitStatus {
	t.Helper()
	dir := t.TempDir()
	cmd.Env = append(os.Environ(), halfFile+"="+kind+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	begun := func() bool {
		list := entries(filepath.Join(dir, kinds[kind]))
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
	if list := entries(dir); len(list) != 0 {
		t.Errorf("%v left %v", s, list)
	}
	return cmd.ProcessState.Sys().(syscall.WaitStatus)
}

func entries(dir string) []os.DirEntry {
	list, _ := os.ReadDir(dir)
	return list
}
