package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	mdLink  = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"`)
	titles  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinks: every link of the documents within the repository leads to a file, and to a heading of it where it names one.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "commands", "*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages of commands: %v", err)
	}
	for _, file := range append(documents(t), pages...) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mdLink.FindAllStringSubmatch(fence.ReplaceAllString(string(b), ""), -1) {
			if fault := linkFault(file, m[1]+m[2]); fault != "" {
				t.Errorf("%s: %s", filepath.Base(file), fault)
			}
		}
	}
}

// linkFault says what is wrong with a link in a document; "" for a good one, and for one that leads elsewhere.
func linkFault(file, link string) string {
	name, anchor, _ := strings.Cut(link, "#")
	if strings.Contains(name, ":") {
		return ""
	}
	target := file
	if name != "" {
		target = filepath.Join(filepath.Dir(file), name)
	}
	b, err := os.ReadFile(target)
	if err != nil {
		return "the link " + link + " leads nowhere"
	}
	if anchor != "" && !slices.Contains(anchors(string(b)), anchor) {
		return "the link " + link + " names a heading that is not there"
	}
	return ""
}

// anchors are the headings of a document as links name them.
func anchors(text string) []string {
	var list []string
	for _, m := range titles.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		list = append(list, strings.ReplaceAll(notSlug.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return list
}

func TestLinkFault(t *testing.T) {
	readme := filepath.Join("..", "..", "README.md")
	for link, good := range map[string]bool{
		"docs/photos.md": true, "docs/none.md": false, "docs/data.md#what-is-not-used": true, "docs/data.md#nothing": false,
		"#figures": true, "https://example.org/none": true,
	} {
		if got := linkFault(readme, link); (got == "") != good {
			t.Errorf("%s: %q", link, got)
		}
	}
}
