package main

import (
	"bytes"
	"errors"
	"image/png"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/machine"
)

// TestRanksDiffer: a rank with another flag, another program or another image ends all with code 2, and names itself and the difference.
// What is left does not hinder the same command when it is put right.
func TestRanksDiffer(t *testing.T) {
	v := newRanksHarness(t)
	whole := v.whole("whole")
	other := filepath.Join(v.dir, "other") // the same program with a byte more
	program, err := os.ReadFile(v.bin)
	if err == nil {
		err = os.Mkdir(other, 0o777)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(other, "udml-gpu"), append(program, 0), 0o777) //nolint:gosec // it is started
	}
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(v.dir, "elsewhere")
	changedImages(t, filepath.Join(v.dir, "photos"), filepath.Join(elsewhere, "photos"))
	for name, c := range map[string]struct {
		change func(dir string, args []string) (string, []string)
		says   string
	}{
		"flag": {
			func(dir string, args []string) (string, []string) { return dir, append(args, "--lr", "0.25") },
			`has other settings than rank 0: "lr: 0.25", and there "lr: 0.001"`,
		},
		"program": {func(dir string, args []string) (string, []string) {
			return dir, append([]string{filepath.Join(other, "udml-gpu")}, args[1:]...)
		}, "has other programs than rank 0: "},
		"image": {func(_ string, args []string) (string, []string) { return elsewhere, args }, "has other images than rank 0: "},
	} {
		out := filepath.Join(v.dir, name)
		list := v.ranks(3, func(rank int) (string, []string) {
			if rank == 1 {
				return c.change(v.dir, v.train(out))
			}
			return v.dir, v.train(out)
		})
		for rank, p := range list {
			if code := v.within(p, stuckAfter); code != exitUsage {
				t.Errorf("%s: rank %d ends with code %d: %s", name, rank, code, p.said())
			}
		}
		if said := list[1].said(); !strings.Contains(said, "rank 1 on "+machine.Host()+" "+c.says) {
			t.Errorf("%s: not %q: %s", name, c.says, said)
		}
		v.absent(name)
		v.finishes(whole, name, 2)
	}
}

// changedImages copies a folder of images, but for one of them.
func changedImages(t *testing.T, from, to string) {
	t.Helper()
	var b bytes.Buffer
	if err := errors.Join(os.CopyFS(to, os.DirFS(from)), png.Encode(&b, texture(1, 99, 20)),
		os.WriteFile(filepath.Join(to, "03.png"), b.Bytes(), 0o666)); err != nil {
		t.Fatal(err)
	}
}

// TestRanksPortInUse: rank 0 says which port another program uses.
func TestRanksPortInUse(t *testing.T) {
	v := newRanksHarness(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := v.start(v.dir, []string{"UDML_RANK=0", "UDML_RANKS=2", "UDML_MASTER=" + l.Addr().String()}, v.train("run")...)
	said := "rank 0 cannot listen at " + l.Addr().String()
	if code := v.within(p, stuckAfter); code != exitUsage || !strings.Contains(p.said(), said) || !strings.Contains(p.said(), "UDML_MASTER") {
		t.Errorf("code %d, want %q: %s", code, said, p.said())
	}
	v.absent("run")
}
