package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is not understood is an error, never passed over.
func TestForeignLinesAreErrors(t *testing.T) {
	listing := string(stored(t, "sm_80.sass"))
	code := "        /*0000*/                   MOV R1, c[0x0][0x28] ; /* 0x0000000000000000 */\n"
	for _, foreign := range []string{
		"        0x0010: MOV R1, R2\n",
		"        /*0010*/                   MOV R1, R2\n",
		"	.another	directive\n",
		"        /*0000*/                   {   MOV R1, R2 ; /* 0x0000000000000000 */\n",
	} {
		_, err := readListing(strings.NewReader(strings.Replace(listing, code, code+foreign, 1)))
		if err == nil || !strings.Contains(err.Error(), "is not understood") {
			t.Errorf("%q: %v", foreign, err)
		}
	}
	_, err := readListing(strings.NewReader(strings.Replace(listing, code, "", 1)))
	if err == nil || !strings.Contains(err.Error(), "goes on at") {
		t.Errorf("a gap in the addresses: %v", err)
	}
	for _, op := range []string{"BRX R2 -0x10 ;", "JMP 0x10 ;", "BRA R2 ;", "BRA 0x7770 ;"} {
		line := strings.Replace(code, "MOV R1, c[0x0][0x28] ;", op, 1) + strings.Replace(code, "0000", "0010", 1)
		all, err := readListing(strings.NewReader("\t\tFunction : jumps\n" + line))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := blocks(all[0]); err == nil || !strings.Contains(err.Error(), "jumps") {
			t.Errorf("%s: %v", op, err)
		}
	}
	if _, err := readResources(strings.NewReader(" Function f:\n  REG:6 STACK:0 SPILLS:4\n")); err == nil {
		t.Error("foreign resources are read")
	}
	if _, err := readBounds(strings.NewReader(".visible .entry f(\n.maxntid 128\n")); err == nil {
		t.Error("foreign bounds are read")
	}
}

// The occupancy of 864 launches equals that of cuda_occupancy.h (testdata/occupancy.cpp).
func TestOccupancyEqualsNVIDIAs(t *testing.T) {
	n := 0
	for line := range strings.Lines(string(stored(t, "occupancy.tsv"))) {
		var name string
		var threads, registers, shared, want int
		if got, _ := fmt.Sscan(line, &name, &threads, &registers, &shared, &want); got != 5 {
			continue
		}
		for _, c := range cards {
			if c.name != name {
				continue
			}
			n++
			if got := c.occupancy(threads, registers, shared); got != want {
				t.Errorf("%s: %d threads, %d registers, %d bytes: %d blocks, NVIDIA says %d", name, threads, registers, shared, got, want)
			}
		}
	}
	if n != 864 {
		t.Errorf("%d launches were compared", n)
	}
}

func TestMarksAndLaunchesAreRead(t *testing.T) {
	dir := t.TempDir()
	source := "KERNEL_WGMMA(tile_a)\nKERNEL_STACK_ALLOWED( table )\n// not KERNEL_WGMMA(tile_b)\n"
	if err := os.WriteFile(filepath.Join(dir, "a.cu"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := readMarks(dir)
	if err != nil || len(m.wgmma) != 1 || !m.wgmma["tile_a"] || len(m.stack) != 1 || !m.stack["table"] {
		t.Errorf("%+v, %v", m, err)
	}
	file := filepath.Join(dir, "launches.tsv")
	for text, wrong := range map[string]string{
		"# words\na\t256\t1024\n": "",
		"a\t256\n":                "line 1",
		"a\t256\t0\t1\n":          "line 1",
		"# words\na\t2048\t0\n":   "line 2",
		"a\t256\t0\na\t128\t0\n":  "stands there twice",
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		l, err := readLaunches(file)
		right := wrong == "" && err == nil && l["a"] == launch{256, 1024}
		if !right && (wrong == "" || err == nil || !strings.Contains(err.Error(), wrong)) {
			t.Errorf("%q: %+v, %v", text, l, err)
		}
	}
}

// TestStraightAsks: of two ways round a loop, the one that passes a reduction of the warp counts, though the other is shorter.
func TestStraightAsks(t *testing.T) {
	var f function
	for _, op := range []string{"HGMMA.64x128x16", "FFMA", "FFMA", "REDUX.OR", "MOV", "BRA"} {
		f.code = append(f.code, instruction{op: op})
	}
	all := []block{{0, 1, []int{1, 2}}, {1, 4, []int{3}}, {4, 5, []int{3}}, {5, 6, []int{0}}}
	l := loop{header: 0, blocks: map[int]bool{0: true, 1: true, 2: true, 3: true}, back: map[int]bool{3: true}}
	if n := l.straight(f, all); n != 5 {
		t.Errorf("%d instructions, want 5", n)
	}
	f.code[3].op = "FMUL"
	if n := l.straight(f, all); n != 3 {
		t.Errorf("without the reduction %d instructions, want 3", n)
	}
}
