package licenses

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAllModules compares the embedded texts with the modules that the program is built from, with and without the CUDA backend.
func TestAllModules(t *testing.T) {
	have := map[string]Component{}
	for _, c := range All() {
		have[strings.TrimSpace(c.Name+" "+c.Version)] = c
	}
	for _, tags := range []string{"", "cuda"} {
		for _, m := range builtFrom(t, tags) {
			if have[m].Text == "" {
				t.Errorf("the program is built from %s (tags %q), whose licence it does not hold: run make notices", m, tags)
			}
		}
	}
}

// builtFrom are the modules of the program, as "path version".
func builtFrom(t *testing.T, tags string) []string {
	cmd := exec.Command(
		"go",
		"list",
		"-tags",
		tags,
		"-deps",
		"-f",
		"{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}",
		"../../cmd/udml-gpu",
	)
	cmd.Env = append(os.Environ(), "GOFLAGS=", "CGO_ENABLED=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}

// TestEmbedded: embedded data are listed with the words that their licences require to be kept.
func TestEmbedded(t *testing.T) {
	want := map[string]string{
		"udml-gpu": "Apache License", "SqueezeNet 1.0 weights": "Redistribution and use",
		"Omniglot images":     "Copyright (c) 2015 Brenden Lake",
		"Go standard library": "Copyright 2009 The Go Authors", "gorgonia.org/cu": "Apache License",
	}
	for _, c := range All() {
		if c.License == "" || len(c.Text) < 500 {
			t.Errorf("%s: licence %q with a text of %d bytes", c.Name, c.License, len(c.Text))
		}
		if w, ok := want[c.Name]; ok && strings.Contains(c.Text, w) {
			delete(want, c.Name)
		}
	}
	for name, w := range want {
		t.Errorf("%s is missing, or its text without %q", name, w)
	}
}

// TestProject: the embedded copy equals the repository's file.
func TestProject(t *testing.T) {
	var whole []string
	for _, name := range []string{"LICENSE", "NOTICE"} {
		b, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		whole = append(whole, string(b))
	}
	if strings.Join(whole, "\n") != project {
		t.Error("project.txt is not LICENSE and NOTICE: run make notices")
	}
}
