package machine

import (
	"regexp"
	"runtime/debug"
	"sync"
)

// release is the version that is being worked on; CHANGELOG.md says what it brings. It is raised in the commit that follows a release.
const release = "0.3.0"

// Version is that of the program: of a release its tag without the "v", else the version being worked on with the commit that it was built from, as
// "0.3.0-dev+0123456789ab" ("-dirty": from files that are in no commit; without a commit where the build recorded none).
var Version = sync.OnceValue(func() string {
	info, _ := debug.ReadBuildInfo()
	return versionOf(info)
})

// tag is the version that Go gives to a build of a tagged commit without changes. Versions that it makes up for other commits end in a time and a commit.
var tag = regexp.MustCompile(`^v([0-9]+\.[0-9]+\.[0-9]+(-(alpha|beta|rc)[.0-9]*)?)$`)

// versionOf reads what the build recorded. info may be nil.
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
