package data

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/store"
)

// shardScheme is the format of a WebDataset: tars whose members KEY.jpg are images, with their labels in KEY.cls or KEY.json. A prefix
// of a store that holds tars and no images, and a pattern with braces, are read so without the name.
func shardScheme() scheme { return scheme{name: "wds", open: openShards, read: readShards} }

// maxShards bounds what a pattern with braces stands for.
const maxShards = 1 << 20

// hasBraces tells whether a path is a pattern such as shard-{0000..0099}.tar.
func hasBraces(path string) bool {
	_, rest, ok := strings.Cut(path, "{")
	return ok && strings.Contains(rest, "..") && strings.Contains(rest, "}") && archive.IsShard(path)
}

// openShards opens one tar, those in a folder or below a prefix, or those of a pattern.
func openShards(p, keep string) (archive.Opener, error) {
	root, names, err := shardPlaces(p)
	if err != nil {
		return nil, err
	}
	if err := exists(root); err != nil {
		return nil, err
	}
	files, err := archive.Open(root, keep)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := files.Check(name); err != nil {
			files.Close()
			return nil, baddata.Errorf("%s cannot be opened: %w", lists{place: root}.display(name), archive.PlainCause(err))
		}
	}
	return shardsOf(p, files, names)
}

// shardsOf opens the tars of these names, nil: all, which are in files.
func shardsOf(p string, files archive.Opener, names []string) (archive.Opener, error) {
	s, err := archive.OpenShards(files, names)
	if err == nil {
		return s, nil
	}
	files.Close()
	if bad := (*baddata.Error)(nil); errors.As(err, &bad) {
		return nil, err
	}
	return nil, baddata.Errorf("%s cannot be read as a WebDataset: %w", p, err)
}

// asShards reads a prefix as a WebDataset if it holds tars and no images.
func asShards(files archive.Opener) (archive.Opener, error) {
	l, err := files.List()
	if err != nil || len(l.Images) > 0 {
		return files, err
	}
	var names []string
	for _, name := range l.Others {
		if archive.IsShard(name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return files, nil
	}
	return shardsOf("the prefix", files, names)
}

// shardPlaces is the folder or prefix of the tars that a path means, and their names in it; nil: all that are there.
func shardPlaces(p string) (root string, names []string, err error) {
	before, _, braces := strings.Cut(p, "{")
	if !braces && !archive.IsShard(p) {
		return p, nil, nil
	}
	root, rest := "", p
	if at := strings.LastIndexByte(before, '/'); at >= 0 {
		root, rest = p[:at+1], p[at+1:]
	}
	if root == "" {
		root = "."
	}
	if !store.Is(root) {
		root = filepath.Clean(root)
	}
	if names, err = expand(rest); err != nil {
		return "", nil, baddata.Errorf("--data %s: %w", p, err)
	}
	for _, name := range names {
		if why := archive.LeadsOut(name); why != "" || path.Clean(name) != name {
			return "", nil, baddata.Errorf("--data %s: the name %q cannot be that of a tar", p, name)
		}
	}
	return root, names, nil
}

// expand writes out {0000..0099}, with as many digits, and {a,b}, as a shell does.
func expand(pattern string) ([]string, error) {
	before, rest, ok := strings.Cut(pattern, "{")
	if !ok {
		return []string{pattern}, nil
	}
	inner, after, ok := strings.Cut(rest, "}")
	if !ok {
		return nil, errors.New("a brace is not closed")
	}
	words := strings.Split(inner, ",")
	if lo, hi, ok := strings.Cut(inner, ".."); ok {
		from, err := strconv.ParseUint(lo, 10, 31)
		to, err2 := strconv.ParseUint(hi, 10, 31)
		if err != nil || err2 != nil || from > to || to-from >= maxShards {
			return nil, fmt.Errorf("{%s} is no range such as {0000..0099}", inner)
		}
		words = words[:0]
		for n := from; n <= to; n++ {
			words = append(words, fmt.Sprintf("%0*d", len(lo), n))
		}
	}
	ends, err := expand(after)
	if err != nil {
		return nil, err
	}
	if len(words)*len(ends) > maxShards {
		return nil, fmt.Errorf("it stands for more than %d tars", maxShards)
	}
	var all []string
	for _, word := range words {
		for _, end := range ends {
			all = append(all, before+word+end)
		}
	}
	return all, nil
}

// readShards are the images of a WebDataset. Its splits are those of the tars' folders or names, such as train/000.tar or train-000.tar,
// if all have one.
func readShards(l lists, _ Options) ([]record, error) {
	s, ok := l.files.(*archive.Shards)
	if !ok {
		return nil, baddata.Errorf("%s is no WebDataset", l.place)
	}
	split := map[string]string{}
	for _, name := range s.Names() {
		split[name] = splitOfShard(name)
		if split[name] == "" {
			clear(split)
			break
		}
	}
	all, err := s.List()
	if err != nil {
		return nil, err
	}
	records := make([]record, len(all.Images))
	for i, name := range all.Images {
		shard := s.ShardOf(name)
		records[i] = record{name: name, class: s.Label(name), split: split[shard], list: shard, line: i + 1, unit: "image"}
	}
	return records, nil
}

// splitOfShard is the split in the name of a tar; "" where there is none.
func splitOfShard(name string) string {
	if folder, _, ok := strings.Cut(name, "/"); ok && archive.SplitOf(folder) != "" {
		return archive.SplitOf(folder)
	}
	base := path.Base(name)
	for i, part := range strings.FieldsFunc(base, func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
		if split := archive.SplitOf(part); split != "" && i < 2 { // train-000.tar, imagenet-train-000.tar
			return split
		}
	}
	return ""
}
