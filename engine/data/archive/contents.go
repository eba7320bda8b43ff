package archive

import (
	"path"

	"udml-gpu/engine/data/archive/ignore"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
)

// contents is what an archive holds, before the files of rules in it are read: they may come last.
type contents struct {
	files, folders, rules []string
}

// isRules tells whether a file in an archive holds rules, by its clean name: not in a folder that is skipped.
func isRules(name string) bool {
	if path.Base(name) != ignore.Name {
		return false
	}
	why, _ := pathSkipReason(path.Dir(name))
	return path.Dir(name) == "." || why == ""
}

// list adds the folders to the listing and gives the files to add, without what the rules leave out, which the listing counts. read is
// the content of a file of rules, at most so many bytes.
func (c *contents) list(archive string, l *Listing, read func(name string, most int64) ([]byte, error), add func(name string)) error {
	t := &ruleTree{left: &l.Left, own: map[string]ignore.Rules{}, scopes: map[string]*scope{}, out: map[string]bool{".": false}}
	if err := t.readAll(archive, c, read); err != nil {
		return err
	}
	for _, name := range c.folders {
		if !t.folderOut(name) {
			l.addFolder(name)
		}
	}
	for _, name := range c.files {
		if !t.fileOut(name) {
			add(name)
		}
	}
	return nil
}

// mostMatching bounds the time that rules may take, by the lengths of all names times that of all rules: an archive may come from
// anywhere. A million names of 50 bytes go with rules of 2 KiB, few names with 2 MiB.
const mostMatching = 1 << 37

// ruleTree answers which names in an archive are left out. Folders are asked for once.
type ruleTree struct {
	left   *notes.Omissions
	own    map[string]ignore.Rules // by folder
	scopes map[string]*scope       // in a folder, that were asked for
	out    map[string]bool         // folders that are left out, or not
}

// readAll reads the files of rules.
func (t *ruleTree) readAll(archive string, c *contents, read func(name string, most int64) ([]byte, error)) error {
	if len(c.rules) == 0 {
		return nil
	}
	names, bytes := 0, 0
	for _, list := range [][]string{c.files, c.folders} {
		for _, name := range list {
			names += len(name)
		}
	}
	for _, name := range c.rules {
		b, err := read(name, maxRules)
		if err != nil {
			return baddata.Errorf("%s: its %s cannot be read: %w", archive, name, PlainCause(err))
		}
		rules, err := parseRules(archive+": its "+name, b)
		if err != nil {
			return err
		}
		if bytes += len(b); bytes > mostMatching/max(names, 1<<16) {
			return baddata.Errorf("%s: its files %s are too long for its %d files: shorten them, or unpack it", archive, ignore.Name,
				len(c.files))
		}
		if len(rules) > 0 {
			t.own[path.Dir(name)] = rules
		}
	}
	return nil
}

// scopeOf is the rules that hold in a folder.
func (t *ruleTree) scopeOf(folder string) *scope {
	s, ok := t.scopes[folder]
	if ok {
		return s
	}
	if folder != "." {
		s = t.scopeOf(path.Dir(folder))
	}
	if rules := t.own[folder]; rules != nil {
		s = &scope{s, inside(folder), rules}
	}
	t.scopes[folder] = s
	return s
}

// folderOut tells whether a folder is left out, or one that it lies in.
func (t *ruleTree) folderOut(name string) bool {
	out, ok := t.out[name]
	if ok || len(t.own) == 0 {
		return out
	}
	in := path.Dir(name)
	out = t.folderOut(in)
	if !out && t.scopeOf(in).leavesOut(name, true) {
		t.left.Add(notes.ReasonIgnored, name+"/")
		out = true
	}
	t.out[name] = out
	return out
}

// fileOut tells whether a file is left out, or a folder that it lies in.
func (t *ruleTree) fileOut(name string) bool {
	if len(t.own) == 0 {
		return false
	}
	in := path.Dir(name)
	if t.folderOut(in) {
		return true
	}
	if t.scopeOf(in).leavesOut(name, false) {
		t.left.Add(notes.ReasonIgnored, name)
		return true
	}
	return false
}
