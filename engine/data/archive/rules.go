package archive

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

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
	case IsUTF16(b):
		return nil, baddata.Errorf("%s is in UTF-16: save it as UTF-8", path)
	}
	rules := ignore.Parse(string(b))
	if len(rules) == 0 {
		return s, nil
	}
	return &scope{s, strings.TrimPrefix(p.name+"/", "/"), rules}, nil
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
