package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// session is a document being followed: its folder, and the server that it has started, if any.
type session struct {
	dir    string
	serve  *exec.Cmd
	addr   string // HOST:PORT of the server
	output *bytes.Buffer
}

// runDocumented follows a document; the first command that fails ends it.
func runDocumented(t *testing.T, commands []step) {
	s := &session{dir: newWorld(t)}
	program, err := exec.LookPath("udml-gpu") // the copy of this test that testscript.Main has put there
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(s.dir, "bin", "udml-gpu")); err != nil {
		t.Fatal(err)
	}
	defer s.stop(t)
	for _, text := range prepared[filepath.ToSlash(commands[0].document)] {
		if out, err := s.shell(text).CombinedOutput(); err != nil {
			t.Fatalf("before %s: %s: %v\n%s", commands[0].document, text, err, out)
		}
	}
	for _, d := range commands {
		began := time.Now()
		if err := s.run(t, d.text); err != nil {
			t.Fatalf("%s\n%v", d, err)
		}
		t.Logf("%.1f s %s", time.Since(began).Seconds(), d)
	}
}

func (s *session) shell(text string) *exec.Cmd {
	c := exec.CommandContext(context.Background(), "sh", "-c", text)
	c.Dir = s.dir
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "UDML_") || strings.HasPrefix(v, "UDML_OPENBLAS=") || strings.HasPrefix(v, "UDML_ONEDNN=") {
			c.Env = append(c.Env, v)
		}
	}
	c.Env = append(append(c.Env, smallSettings...), "UDML_LIBCUDA=none", "HOME="+s.dir, "TMPDIR="+filepath.Join(s.dir, "tmp"))
	return c
}

var serves = regexp.MustCompile(`^(?:\S*/)?udml-gpu serve `)

// run gives one command. A serve is begun and goes on until the next one, or the end of the document; curl speaks to it.
func (s *session) run(t *testing.T, text string) error {
	switch {
	case serves.MatchString(text):
		s.stop(t)
		return s.start(strings.Replace(text, ":7319", ":0", 1))
	case strings.HasPrefix(text, "curl "):
		if s.serve == nil {
			return fmt.Errorf("no udml-gpu serve is documented before it")
		}
		known, err := s.withIDs(text)
		if err != nil {
			return err
		}
		text = strings.ReplaceAll(known, "127.0.0.1:7319", s.addr)
	}
	out, err := s.shell(text).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

var address = regexp.MustCompile(` is at https?://(\S+:)(\d+)/`)

// start begins a server and waits until it answers.
func (s *session) start(text string) error {
	s.serve, s.output = s.shell("exec "+text), &bytes.Buffer{}
	s.serve.Stderr = s.output
	out, err := s.serve.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.serve.Start(); err != nil {
		return err
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	m := address.FindStringSubmatch(line)
	if m == nil {
		err := s.serve.Wait()
		s.serve = nil
		return fmt.Errorf("it has not said where it is: %q, %v\n%s", line, err, s.output)
	}
	s.addr = "127.0.0.1:" + m[2]
	for range 300 {
		r, err := http.Get("http://" + s.addr + "/readyz")
		if err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK || r.StatusCode == http.StatusUnauthorized { // with --token
				return nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("it is not ready after 30 s\n%s", s.output)
}

// stop ends the server as Ctrl-C does.
func (s *session) stop(t *testing.T) {
	if s.serve == nil {
		return
	}
	if err := s.serve.Process.Signal(syscall.SIGINT); err != nil {
		t.Error(err)
	}
	if err := s.serve.Wait(); err != nil {
		t.Errorf("serve ended with %v\n%s", err, s.output)
	}
	s.serve = nil
}

var shortened = regexp.MustCompile(`[0-9a-f]{4}\.\.\.`)

// withIDs puts the ids of images of the collection in the places of shortened ones, such as 0123...
func (s *session) withIDs(text string) (string, error) {
	if !shortened.MatchString(text) {
		return text, nil
	}
	r, err := http.Get("http://" + s.addr + "/v1/items?limit=20")
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Body.Close() }()
	var page struct{ Items []struct{ ID string } }
	if err := json.NewDecoder(r.Body).Decode(&page); err != nil {
		return "", err
	}
	next := 0
	return shortened.ReplaceAllStringFunc(text, func(string) string {
		next++
		return page.Items[next-1].ID
	}), nil
}
