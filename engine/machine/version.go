package machine

import (
	"regexp"
	"runtime/debug"
	"sync"
)

// release is the version being worked on; CHANGELOG.md lists its changes. The commit after a release raises it.
const release = "0.3.0"

// Version is the version of the program. Of a release it is the tag without the "v"; otherwise it is the version being
// worked on with the commit that was built, as "0.3.0-dev+0123456789ab". "-dirty" follows if files were changed since the
// commit; the commit is missing where the build recorded none.
var Version = sync.OnceValue(func() string {
	info, _ := debug.ReadBuildInfo()
	return versionOf(info)
})

// tag matches the version that Go gives to a build of an unchanged tagged commit. For other commits Go makes a version that
// ends in a time and a commit.
var tag = regexp.MustCompile(`^v([0-9]+\.[0-9]+\.[0-9]+(-(alpha|beta|rc)[.0-9]*)?)$`)

// versionOf is the version that the build recorded in info, which may be nil.
func versionOf(info *debug.BuildInfo) string {
	if info == nil {
		return release + "-dev"
	}
	if m := tag.FindStringSubmatch(info.Main.Version); m != nil {
		return m[1]
	}
	version, recorded := release+"-dev", map[string]string{}
	for _, s := range info.Settings {
		recorded[s.Key] = s.Value
	}
	if commit := recorded["vcs.revision"]; commit != "" {
		version += "+" + commit[:min(12, len(commit))]
		if recorded["vcs.modified"] == "true" {
			version += "-dirty"
		}
	}
	return version
}
