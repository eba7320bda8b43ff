package disk

import (
	"os"
	"sync"
)

// writing are the files and folders that this process is writing under a name of their own, for RemoveUnfinished.
var writing = struct {
	sync.Mutex
	paths map[string]bool
}{paths: map[string]bool{}}

// beginTracked makes the file or folder that create names, and notes that the process is writing it; end forgets it. A signal comes before
// both or after both.
func beginTracked(fsys FS, create func() (path string, err error)) (end func(), err error) {
	writing.Lock()
	defer writing.Unlock()
	path, err := create()
	if err != nil || fsys != OS {
		return func() {}, err
	}
	writing.paths[path] = true
	return func() {
		writing.Lock()
		defer writing.Unlock()
		delete(writing.paths, path)
	}, nil
}

// RemoveUnfinished removes the new files and folders that Replace, ReplaceBy and NewFolder have not completed in this process, which is
// about to be ended by a signal. What they were to replace stays. None of these functions returns any more: what fails for want of its
// file would be reported as a fault of the disk before the signal ends the process.
func RemoveUnfinished() {
	writing.Lock()
	removeUnfinished()
}

// removeUnfinished is RemoveUnfinished of a process that goes on.
func removeUnfinished() {
	for path := range writing.paths {
		_ = os.RemoveAll(path) // a complete one has its own name by now
	}
}
