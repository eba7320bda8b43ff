package archive

import (
	"errors"
	"io/fs"
	"path/filepath"

	"udml-gpu/engine/data/archive/ignore"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

// maxRules bounds a file of rules in bytes: each name is held against each line.
const maxRules = 1 << 20

// scope is the rules that hold in a folder: those of its own file, before those of the folders around it. nil: none.
type scope struct {
	around *scope
	in     string // the name of the folder with a slash, "" for the top
	rules  ignore.Rules
}

// enter is the scope of a folder in s.
func (s *scope) enter(p spot) (*scope, error) {
	path := filepath.Join(p.path, ignore.Name)
	b, err := disk.ReadFile(path, maxRules)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, disk.ErrNotRegular):
		return s, nil
	case err != nil:
		return nil, baddata.Errorf("%s cannot be read: %w", path, PlainCause(err))
	}
	rules, err := parseRules(path, b)
	if err != nil || len(rules) == 0 {
		return s, err
	}
	return &scope{s, inside(p.name), rules}, nil
}

// parseRules reads the content of a file of rules; name is for messages.
func parseRules(name string, b []byte) (ignore.Rules, error) {
	if IsUTF16(b) {
		return nil, baddata.Errorf("%s is in UTF-16: save it as UTF-8", name)
	}
	return ignore.Parse(string(b)), nil
}

// inside is how the names of what lies in a folder begin.
func inside(folder string) string {
	if folder == "" || folder == "." {
		return ""
	}
	return folder + "/"
}

// leavesOut tells whether a file or folder is left out: the innermost file with a rule for it decides.
func (s *scope) leavesOut(name string, folder bool) bool {
	for ; s != nil; s = s.around {
		if told, out := s.rules.Match(name[len(s.in):], folder); told {
			return out
		}
	}
	return false
}

// isRuleFile tells whether an entry of a folder holds rules, so that it is used and not counted.
func isRuleFile(e fs.DirEntry, mode fs.FileMode) bool {
	return e.Name() == ignore.Name && mode.IsRegular()
}
