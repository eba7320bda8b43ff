package main

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// engineRooms are the rooms of engine/ in the order in which they may import: none imports one to its left. A folder below a room
// belongs to that room unless it is a room itself.
var engineRooms = []string{
	"bench", "reproduce", "train", "gallery", "serve", "export",
	"collection/fill", "collection/search", "collection/selection", "collection/groups",
	"collection/layout",
	"collection/audit",
	"collection/convert", "collection/push", "collection/duplicates", "collection/neighbours", "collection/sheet", "collection/pictures",
	"collection", "inference", "run/past", "run", "run/mirror", "preset", "images", "network", "dist/accord", "machine", "scaling",
	"dist/ranks", "dist/launch", "dist/tcp", "dist/mpi", "dist/nccl", "dist",
	"output", "setting", "method", "setting/table",
	"optim", "criteria", "eval", "whiten", "report", "checkpoint", "licenses",
	"data/loader", "data/cache", "data", "data/archive", "data/picture", "data/notes", "data/rawname", "data/datatest", "store",
	"data/baddata",
	"data/demo", "data/matfile",
}

// engineRoom is the index in engineRooms of the room of a folder of the module; -1 if it is in none.
func engineRoom(dir string) int {
	for inside, ok := strings.CutPrefix(dir, "engine/"); ok && inside != "."; inside = path.Dir(inside) {
		if at := slices.Index(engineRooms, inside); at >= 0 {
			return at
		}
	}
	return -1
}

// badRoom says what is wrong with an import from one folder of engine/ to another; "" if nothing is.
func badRoom(from, to string) string {
	if !strings.HasPrefix(from, "engine/") || !strings.HasPrefix(to, "engine/") {
		return ""
	}
	a, b := engineRoom(from), engineRoom(to)
	switch {
	case a < 0:
		return from + " is in no room of engineRooms"
	case b < a:
		return fmt.Sprintf("engine/%s must not import %s", engineRooms[a], to)
	}
	return ""
}
