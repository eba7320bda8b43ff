// The largest launch that a kernel may have, from the file that UDML_EMU_LAUNCHES names (kernels/launches.tsv): kernel, threads of a block,
// bytes of dynamic shared memory. What scripts/sass says of the kernels' place on a multiprocessor is computed from that file, so that it
// has to be true.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

namespace udml {

static std::map<std::string, LargestLaunch> read_launches(const char *file) {
    std::map<std::string, LargestLaunch> all;
    FILE *in = fopen(file, "r");
    if (!in) {
        fprintf(stderr, "udml emulator: UDML_EMU_LAUNCHES names %s, which cannot be read\n", file);
        exit(2);
    }
    char line[512], name[128];
    while (fgets(line, sizeof line, in)) {
        LargestLaunch l;
        if (line[0] != '#' && sscanf(line, "%127s %d %d", name, &l.threads, &l.shared) == 3) all[name] = l;
    }
    fclose(in);
    return all;
}

// A kernel that the file does not name may have any threads and no dynamic shared memory; without a file, everything is allowed.
LargestLaunch largest_launch(const std::string &kernel) {
    constexpr LargestLaunch kAny = {1024, 1 << 30};
    const char *file = getenv("UDML_EMU_LAUNCHES");
    if (!file || !*file) return kAny;
    static const std::map<std::string, LargestLaunch> all = read_launches(file);
    auto found = all.find(kernel);
    return found == all.end() ? LargestLaunch{1024, 0} : found->second;
}

}  // namespace udml
