package checkpoint

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLockCleansUp(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, 0)
	save(t, dir, 2, 0)
	parent := filepath.Join(dir, folder)
	// stopped between the two renames of a checkpoint that replaces another
	if err := os.Rename(filepath.Join(parent, "000002"), filepath.Join(parent, oldPrefix+"000002")); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{tmpPrefix + "000002", oldPrefix + "000001"} {
		if err := os.Mkdir(filepath.Join(parent, d), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	release, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if got := names(t, dir); !slices.Equal(got, []string{"000001", "000002", "last"}) {
		t.Errorf("folder holds %v", got)
	}
	wantLatest(t, dir, "000002", 0)
}

func TestLockNamesItsHolder(t *testing.T) {
	dir := t.TempDir()
	release, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Lock(dir)
	want := fmt.Sprintf("process %d on ", os.Getpid())
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "since 20") {
		t.Errorf("error %v, want %q in it", err, want)
	}
	if err := os.WriteFile(filepath.Join(dir, LockFile), []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err = Lock(dir); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("error %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	again, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	again()
}

// TestKill kills a process that saves without pause, at moments spread over its work. Whatever it had reported as
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
		timer := time.AfterFunc(time.Duration(60+17*round)*time.Millisecond, func() { cmd.Process.Kill() })
		saved := ""
		for lines := bufio.NewScanner(out); lines.Scan(); {
			saved = lines.Text()
		}
		cmd.Wait()
		timer.Stop()
		release, err := Lock(dir)
		if err != nil {
			t.Fatal(err)
		}
		got, warnings, err := Latest(dir)
		if saved != "" && (err != nil || len(warnings) > 0 || filepath.Base(got) < saved) {
			t.Fatalf("%s was saved; latest is %q, %q, %v", saved, got, warnings, err)
		}
		release()
	}
}

func saveForever(dir string) {
	release, err := Lock(dir)
	if err != nil {
		panic(err)
	}
	defer release()
	first := 0
	if list, err := epochs(filepath.Join(dir, folder)); err == nil && len(list) > 0 {
		first = list[0].epoch // written again: the way in which it is replaced is tested too
	}
	for epoch := first; ; epoch++ {
		if err := Save(dir, epoch, content(epoch), 2); err != nil {
			panic(err)
		}
		fmt.Printf("%06d\n", epoch)
	}
}
