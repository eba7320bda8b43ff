package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

// curlMain stands in for curl in documented commands, so that they do not depend on the machine: the flags that the documents use, and an
// answer that is an error fails.
func curlMain() {
	if err := curl(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "curl:", err)
		os.Exit(1)
	}
}

func curl(words []string) error {
	method, address, body, head := "GET", "", "", http.Header{}
	for i := 0; i < len(words); i++ {
		word := words[i]
		if !strings.HasPrefix(word, "-") {
			address = word
			continue
		}
		if i++; i == len(words) {
			return fmt.Errorf("%s needs a value", word)
		}
		switch word {
		case "-H":
			name, value, _ := strings.Cut(words[i], ":")
			head.Set(name, strings.TrimSpace(value))
		case "-d", "--data-binary":
			method, body = "POST", words[i]
		case "-X":
			method = words[i]
		default:
			return fmt.Errorf("the stand-in has no %s", word)
		}
	}
	if name, ok := strings.CutPrefix(body, "@"); ok {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		body = string(b)
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	q, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	q.Header = head
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer func() { _ = r.Body.Close() }()
	answer, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode >= 400 {
		return fmt.Errorf("%s %s: %s", address, r.Status, answer)
	}
	return err
}
