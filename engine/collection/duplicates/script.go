package duplicates

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

// scriptHead moves a file, unless the one to keep is not there or something has its place already.
const scriptHead = `#!/bin/sh
# Moves the duplicates that udml-gpu found in %s into a folder, with their paths below it. Nothing is deleted or overwritten.
set -eu
if [ $# -ne 1 ] || [ -z "$1" ]; then
	printf 'usage: sh %%s FOLDER\n' "$0" >&2
	exit 2
fi
to=$1
case $to in /*) ;; *) to=./$to ;; esac
from=%s
moved=0
failed=0
refuse() {
	printf '%%s: %%s\n' "$1" "$2" >&2
	failed=$((failed + 1))
}
# move KEPT FILE
move() {
	if [ ! -f "$from/$2" ]; then
		refuse 'not there any more' "$2"
	elif [ ! -f "$from/$1" ] && [ ! -f "$to/$1" ]; then
		refuse 'left, since the image to keep is not there any more' "$2"
	elif [ -e "$to/$2" ] || [ -L "$to/$2" ]; then
		refuse 'left, since the folder has a file of that name' "$2"
	else
		target=$to/$2
		mkdir -p "${target%%/*}"
		mv "$from/$2" "$target"
		moved=$((moved + 1))
	fi
}
`

const scriptFoot = `printf '%d moved, %d left\n' "$moved" "$failed"
[ "$failed" -eq 0 ]
`

// WriteScript writes a POSIX shell script to the file at path that moves the images that are not kept into the folder of its first
// argument. The images must be files of a folder. Errors are *baddata.Error.
func WriteScript(path string, r *Report, c *collection.Collection) error {
	from, err := folderOf(c)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, scriptHead, oneLine(c.Path), quoted(from))
	for n := range r.Groups {
		g := &r.Groups[n]
		fmt.Fprintf(&b, "# group %d: %s\n", n+1, g.Kind)
		for _, other := range g.Items[1:] {
			fmt.Fprintf(&b, "move %s %s\n", quoted(g.Keep), quoted(other))
		}
	}
	b.WriteString(scriptFoot)
	err = disk.Replace(path, []byte(b.String()))
	if err == nil {
		err = os.Chmod(path, 0o755)
	}
	return written("--script", path, err)
}

// folderOf is the folder of the images, absolute.
func folderOf(c *collection.Collection) (string, error) {
	spec := c.Data()
	if data.IsDemo(spec) {
		return "", baddata.Errorf("--script moves files of a folder, and the images of %s are part of the program", c.Path)
	}
	place := data.Path(spec)
	info, err := os.Stat(place)
	if err != nil {
		return "", baddata.Errorf("--script: the images of %s are not there: %w", c.Path, err)
	}
	if !info.IsDir() {
		return "", baddata.Errorf("--script moves files of a folder, and the images of %s are in %s", c.Path, place)
	}
	if _, err := os.Lstat(filepath.Join(place, filepath.FromSlash(c.Items[c.Live()[0]].Path))); err != nil {
		return "", baddata.Errorf("--script moves files of a folder: %w", err)
	}
	return filepath.Abs(place)
}

// quoted is s as one word of a shell: nothing has a meaning between single quotes but the quote itself.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// oneLine is s within a comment.
func oneLine(s string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(s) }
