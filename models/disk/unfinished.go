package disk

import (
	"os"
	"sync"
)

// writing are the files that this process is writing under a name of their own, for RemoveUnfinished.
var writing = struct {
	sync.Mutex
	paths map[string]bool
}{paths: map[string]bool{}}

// keepTrack notes that the process is writing the file; end forgets it.
func keepTrack(fsys FS, path string) (end func()) {
	if fsys != OS {
		return func() {}
	}
	writing.Lock()
	defer writing.Unlock()
	writing.paths[path] = true
	return func() {
		writing.Lock()
		defer writing.Unlock()
		delete(writing.paths, path)
	}
}

// RemoveUnfinished removes the new files that Replace and ReplaceBy have not completed in this process, which is about to be ended by a
// signal. What they were to replace stays.
func RemoveUnfinished() {
	writing.Lock()
	defer writing.Unlock()
	for path := range writing.paths {
		_ = os.Remove(path) // a complete one has its own name by now
	}
}
