package mpi

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The environment of real runs. make test-mpi sets the first one: the command that starts processes, without their number.
const (
	mpirunVariable = "UDML_MPIRUN"
	rankVariable   = "UDML_TEST_MPI_RANK"   // set for a rank: the name of what it does
	folderVariable = "UDML_TEST_MPI_FOLDER" // the same: where it writes what it has to say
)

// TestMain is also the program of the ranks in real runs.
func TestMain(m *testing.M) {
	if name := os.Getenv(rankVariable); name != "" {
		os.Exit(runRank(name))
	}
	os.Exit(m.Run())
}

// start runs a case on so many ranks, one alone without mpirun, and gives the exit code with what they said.
func start(t *testing.T, ranks int, name string) (code int, said string) {
	t.Helper()
	command := strings.Fields(os.Getenv(mpirunVariable))
	if len(command) == 0 {
		t.Skip(mpirunVariable + " names no mpirun")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command = append(command, "-n", strconv.Itoa(ranks), program)
	if ranks == 1 {
		command = []string{program}
	}
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	run := exec.CommandContext(ctx, command[0], command[1:]...)
	folder := t.TempDir()
	run.Env = append(os.Environ(), rankVariable+"="+name, folderVariable+"="+folder)
	var out bytes.Buffer
	run.Stdout, run.Stderr = &out, &out
	run.WaitDelay = time.Second
	err = run.Run()
	var exit *exec.ExitError
	if ctx.Err() != nil || err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s on %d ranks: %v %v\n%s", name, ranks, err, ctx.Err(), out.String())
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		said += string(b)
	}
	if !strings.Contains(said, "all is right") {
		t.Logf("%s on %d ranks: %s", name, ranks, out.String())
	}
	return run.ProcessState.ExitCode(), said
}

// TestRuns: whatever is exchanged arrives, on any number of ranks.
func TestRuns(t *testing.T) {
	for ranks := 1; ranks <= 4; ranks++ {
		code, out := start(t, ranks, "exchange")
		if code != 0 || strings.Count(out, "all is right\n") != ranks {
			t.Errorf("%d ranks: code %d\n%s", ranks, code, out)
		}
	}
}

// TestRunsAdd: the sums of MPI's own all-reduce, on any number of ranks.
func TestRunsAdd(t *testing.T) {
	for ranks := 1; ranks <= 4; ranks++ {
		code, out := start(t, ranks, "add")
		if code != 0 || strings.Count(out, "all is right\n") != ranks {
			t.Errorf("%d ranks: code %d\n%s", ranks, code, out)
		}
	}
}

// TestRunsLarge: messages of many pieces, both ways at a time.
func TestRunsLarge(t *testing.T) {
	code, out := start(t, 2, "large")
	if code != 0 || strings.Count(out, "all is right\n") != 2 {
		t.Errorf("code %d\n%s", code, out)
	}
	t.Log(out)
}

// TestRunsEnd: what happens to the others, and to mpirun, when rank 1 of 3 comes to a bad end.
func TestRunsEnd(t *testing.T) {
	for _, c := range []struct {
		name  string
		code  int // 0: any but 0, as launchers differ
		ranks int // that say so
		says  string
	}{
		{"exit", 0, 0, ""},
		{"kill", 0, 0, ""},
		{"hang", 6, 1, "rank 1 on HOST: no answer in 1 s (gather features)"},
		{"stop", 6, 1, "rank 1 on HOST: no answer in 1 s (gather features)"},
		{"hang in a sum", 6, 1, "another rank: no answer in 1 s (add gradients)"},
		{"leave a sum", 3, 2, "rank 1 has ended the run with code 3: no space left on the disk"},
		{"hang in Close", 6, 1, "rank 1 on HOST: no answer in 1 s (end the run)"},
		{"leave", 3, 2, "rank 1 has ended the run with code 3: no space left on the disk"},
		{"leave with large messages under way", 3, 2, "rank 1 has ended the run with code 3: no space left on the disk"},
		{"leave beside Close", 3, 2, "rank 1 has ended the run with code 3: no space left on the disk"},
	} {
		began := time.Now()
		code, out := start(t, 3, c.name)
		host, _ := os.Hostname()
		says := strings.ReplaceAll(c.says, "HOST", host)
		if code == 0 || c.code != 0 && code != c.code || strings.Count(out, says+"\n") < c.ranks {
			t.Errorf("%s: code %d, want %d and %d times %q\n%s", c.name, code, c.code, c.ranks, says, out)
		}
		t.Logf("%s: code %d after %.1f s", c.name, code, time.Since(began).Seconds())
	}
}

// TestRunsUneven: ranks that disagree about the length of a message.
func TestRunsUneven(t *testing.T) {
	code, out := start(t, 2, "uneven")
	host, _ := os.Hostname()
	if want := "rank 1 on " + host + ": 5 bytes came where 8 were expected (gather features)\n"; code != 6 || !strings.Contains(out, want) {
		t.Errorf("code %d\n%s", code, out)
	}
}

// TestRunsForeign: the library of another launcher sees one rank alone.
func TestRunsForeign(t *testing.T) {
	code, out := start(t, 1, "foreign")
	want := "the launcher has started 2 processes, but " + os.Getenv("UDML_LIBMPI")
	if code != 2 || !strings.Contains(out, want) {
		t.Errorf("code %d, want %q\n%s", code, want, out)
	}
}
