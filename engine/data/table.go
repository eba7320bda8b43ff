package data

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/store"
)

// table is a csv or jsonl list in a file of its own; the images lie below its folder. An archive may be named instead of
// the list: it must hold one such list, at its top or deeper.
type table struct {
	archive.Opener
	file  string   // its name inside the opener
	roots []string // the folder's absolute path, as named and with links resolved
}

// openTable opens the folder of the list at p, or the archive p.
func openTable(p, keep string) (archive.Opener, error) {
	if slices.Contains(archive.Packs, strings.ToLower(filepath.Ext(p))) {
		return openFiles(p, keep)
	}
	if store.Is(p) {
		files, err := openFiles(above(p), keep)
		if err != nil {
			return nil, err
		}
		return table{Opener: files, file: path.Base(p)}, nil
	}
	dir := filepath.Dir(p)
	t := table{Opener: archive.Folder{Path: dir}, file: filepath.Base(p)}
	if abs, err := filepath.Abs(dir); err == nil { // without it, every absolute path in the list is refused
		t.roots = append(t.roots, abs)
		if real, err := filepath.EvalSymlinks(abs); err == nil && real != abs {
			t.roots = append(t.roots, real)
		}
	}
	return t, nil
}

// above is the folder or prefix that a list lies in.
func above(list string) string {
	if store.Is(list) {
		return list[:strings.LastIndexByte(list, '/')+1]
	}
	return filepath.Dir(list)
}

// relative makes a path in the list relative to the list's folder. Absolute paths must be below that folder: somebody else may have
// written the list, so nothing outside is opened for it.
func (l lists) relative(p string) (string, error) {
	t, ok := l.files.(table)
	if ok && strings.HasPrefix(p, "/") && !strings.Contains(p+"/", "/../") {
		clean := path.Clean(p)
		for _, root := range t.roots {
			if rest, below := strings.CutPrefix(clean, strings.TrimSuffix(root, "/")+"/"); below {
				p = rest
				break
			}
		}
	}
	why := archive.UnsafeName(p)
	if why == "" {
		return p, nil
	}
	if ok && strings.HasPrefix(p, "/") && len(t.roots) > 0 {
		why += " and not below " + t.roots[0]
	}
	return "", fmt.Errorf("the path %q %s: expected a path below the folder of the list", p, why)
}

// readTable finds the list and gives its name and content; in an archive it is the file with the extension ext.
func (l lists) readTable(ext string) (string, []byte, error) {
	if t, ok := l.files.(table); ok {
		b, err := l.text(t.file)
		return t.file, b, err
	}
	all, err := l.files.List()
	if err != nil {
		return "", nil, err
	}
	var found []string
	for _, name := range all.Others {
		if strings.ToLower(path.Ext(name)) == ext {
			found = append(found, name)
		}
	}
	if len(found) != 1 {
		return "", nil, baddata.Errorf("%s holds %d files ending in %s: expected one, which lists the images", l.place, len(found), ext)
	}
	b, err := l.text(found[0])
	return found[0], b, err
}

// row is a line of a csv or jsonl list.
type row struct {
	path, label, split string
	box                []string // x, y, w, h as text; empty: no box
}

// record checks a row and converts it. Its path is relative to the folder of list.
func (r row) record(l lists, list string, line int, o Options) (record, error) {
	out := record{class: r.label, split: r.split, list: list, line: line}
	if r.path == "" {
		return out, fmt.Errorf("the path is empty")
	}
	name, err := l.relative(r.path)
	if err != nil {
		return out, err
	}
	if !slices.Contains([]string{"", "train", "test", "val"}, r.split) {
		return out, fmt.Errorf("the split %q is not known: expected train, test, val or nothing", r.split)
	}
	out.name = path.Join(path.Dir(list), name)
	if len(r.box) == 0 || slices.Equal(r.box, []string{"", "", "", ""}) {
		return out, nil
	}
	box, err := parseBox(r.box)
	if o.Boxes != "ignore" {
		out.box = box
	}
	return out, err
}
