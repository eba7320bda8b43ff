package hub

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode"

	"udml-gpu/models/disk"
)

// maxFrontMatter bounds how much of a README is read: its facts stand at the beginning.
const maxFrontMatter = 64 << 10

// licence is the name of the licence in the front matter of the folder's README, which hubs show; "" where there is none.
func (f folder) licence() string {
	file, _, err := disk.Open(f.in(readmeFile))
	if err != nil {
		return ""
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, maxFrontMatter))
	if err != nil {
		return ""
	}
	return frontMatterLicence(b)
}

// frontMatterLicence reads "license:" between the lines "---". Where that is "other", "license_name:" has the name.
func frontMatterLicence(b []byte) string {
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	lines.Buffer(nil, maxFrontMatter)
	if !lines.Scan() || strings.TrimSpace(lines.Text()) != "---" {
		return ""
	}
	licence, name, list := "", "", false
	for lines.Scan() {
		line := lines.Text()
		key, value, _ := strings.Cut(line, ":")
		switch {
		case strings.TrimSpace(line) == "---":
			if licence == "other" && name != "" {
				return name
			}
			return licence
		case key == "license":
			licence, list = plainWord(value), strings.TrimSpace(value) == ""
			continue
		case key == "license_name":
			name = plainWord(value)
		case list && licence == "" && strings.HasPrefix(strings.TrimSpace(line), "- "):
			licence = plainWord(strings.TrimPrefix(strings.TrimSpace(line), "- "))
		}
		list = list && strings.HasPrefix(strings.TrimSpace(line), "- ")
	}
	return "" // the front matter does not end
}

// plainWord is a value without quotes; "" for one that is no name.
func plainWord(text string) string {
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	if len(text) > 100 || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return text
}
