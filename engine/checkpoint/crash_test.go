package checkpoint

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"udml-gpu/models/disk"
)

// TestKill kills a process that saves continuously, at times spread over its work. Everything that it reported as
// saved must be there.
func TestKill(t *testing.T) {
	if dir := os.Getenv("CHECKPOINT_TEST_DIR"); dir != "" {
		saveForever(dir)
		return
	}
	dir := t.TempDir()
	for round := range 8 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
		cmd.Env = append(os.Environ(), "CHECKPOINT_TEST_DIR="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		saved, timer := "", (*time.Timer)(nil)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			saved = lines.Text()
			if timer == nil { // the time counts from the end of the first save
				timer = time.AfterFunc(time.Duration(17*round)*time.Millisecond, func() { _ = cmd.Process.Kill() })
			}
		}
		_ = cmd.Wait() // killed, or ended before the first save
		if timer == nil {
			t.Fatal("the process saved nothing")
		}
		timer.Stop()
		release, _, err := Lock(dir)
		if err != nil {
			t.Fatal(err)
		}
		got, warnings, err := Latest(dir)
		if err != nil || len(warnings) > 0 || filepath.Base(got) < saved {
			t.Fatalf("%s was saved; latest is %q, %q, %v", saved, got, warnings, err)
		}
		_ = release()
	}
}

func saveForever(dir string) {
	release, _, err := Lock(dir)
	if err != nil {
		panic(err)
	}
	defer func() { _ = release() }()
	first := 0
	if list, err := NewStore(disk.OS, dir).list(); err == nil && len(list) > 0 {
		first = list[0].at.Epoch // saved again, to test the replacement too
	}
	for epoch := first; ; epoch++ {
		if err := saveAt(dir, At{Epoch: epoch}, content(epoch), 2); err != nil {
			panic(err)
		}
		fmt.Printf("%06d\n", epoch)
	}
}
