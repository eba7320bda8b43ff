package archive

import "strings"

// splitNames are the folder names that can be splits, in lower case.
var splitNames = map[string]string{
	"train": "train", "training": "train",
	"test": "test", "testing": "test",
	"val": "val", "valid": "val", "validation": "val", "dev": "val",
}

// SplitOf is the split that a folder name stands for: Train and train2017 are "train"; "" where it is none.
func SplitOf(folder string) string {
	if folder == "" || !strings.ContainsRune("tvdTVD", rune(folder[0])) { // a quick no: this is called for every folder of every image
		return ""
	}
	name := strings.ToLower(folder)
	if at := len(name) - 4; at > 0 && name[at:at+2] == "20" && strings.Trim(name[at:], "0123456789") == "" { // a year, as in COCO
		name = name[:at]
	}
	return splitNames[name]
}
