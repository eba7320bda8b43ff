package hub

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// hubName is OWNER/NAME of a model on a hub.
var hubName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$`)

// NameOf is the name OWNER/NAME that a hub knows the model in the folder at path by: that of the folder in a hub's cache, or what its
// config.json says. "" where neither says it.
func NameOf(path string) string {
	for _, part := range strings.Split(filepath.ToSlash(path), "/") {
		if cached, ok := strings.CutPrefix(part, "models--"); ok {
			return plainName(strings.Replace(cached, "--", "/", 1))
		}
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return ""
	}
	o, err := folder{path: path}.object(configFile)
	if err != nil {
		return ""
	}
	if architecture, tag := o.text("architecture"), o.objectOr("pretrained_cfg").text("tag"); architecture != "" && tag != "" {
		return plainName("timm/" + architecture + "." + tag)
	}
	return plainName(o.text("_name_or_path"))
}

// plainName is the name, or "" for what is none, such as a path of its publisher's machine.
func plainName(name string) string {
	if len(name) > 200 || !hubName.MatchString(name) {
		return ""
	}
	return name
}
