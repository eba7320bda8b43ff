// Runs the self tests of the emulated device: selftest BUILD_FOLDER. Each runs in a process of its own, because a fault
// is final for the process that meets it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"

static std::vector<Case> all_cases() {
    std::vector<Case> all;
    for (auto list : {right_cases(), matrix_cases(), wrong_cases(), wgmma_cases(), driver_cases(), capture_cases()}) {
        all.insert(all.end(), list.begin(), list.end());
    }
    return all;
}

struct Outcome {
    int status;
    std::string report;
};

[[noreturn]] static void become(const Case &test, size_t number, const std::string &libraries, int report) {
    for (const auto &setting : test.environment) putenv(strdup(setting.c_str()));
    setenv("LD_LIBRARY_PATH", libraries.c_str(), 1);
    dup2(report, STDERR_FILENO);
    alarm(30);  // a test that hangs is one that fails
    execl("/proc/self/exe", "selftest", "--case", std::to_string(number).c_str(), nullptr);
    _exit(127);
}

static Outcome run_apart(const Case &test, size_t number, const std::string &libraries) {
    int ends[2];
    if (pipe(ends) != 0) exit(2);
    pid_t child = fork();
    if (child == 0) become(test, number, libraries, ends[1]);
    close(ends[1]);
    Outcome outcome;
    char bytes[4096];
    for (ssize_t n; (n = read(ends[0], bytes, sizeof bytes)) > 0;) outcome.report.append(bytes, static_cast<size_t>(n));
    close(ends[0]);
    waitpid(child, &outcome.status, 0);
    return outcome;
}

// problem describes a wrong outcome; it is empty for a right one.
static std::string problem(const Case &test, const Outcome &outcome) {
    if (!WIFEXITED(outcome.status)) return "ended by signal " + std::to_string(WTERMSIG(outcome.status));
    if (WEXITSTATUS(outcome.status) != 0) return "exit status " + std::to_string(WEXITSTATUS(outcome.status));
    if (test.report.empty() && !outcome.report.empty()) return "a report where none should be";
    for (const auto &part : test.report)
        if (outcome.report.find(part) == std::string::npos) return "no \"" + part + "\" in the report";
    return "";
}

static bool run_and_print(const Case &test, size_t number, const std::string &folder, const char *build) {
    Outcome outcome = run_apart(test, number, folder + "/" + build);
    std::string wrong = problem(test, outcome), setting;
    for (const auto &one : test.environment) setting += " " + one;
    printf("%s %s (%s%s)\n", wrong.empty() ? "PASS" : "FAIL", test.name, build, setting.c_str());
    if (!wrong.empty()) printf("     %s\n%s", wrong.c_str(), outcome.report.c_str());
    fflush(stdout);
    return wrong.empty();
}

// The exit status is 0 only when the test returned the expected result.
static int run_here(const Case &test) {
    CUresult result = test.run();
    if (result == test.result) return 0;
    fprintf(stderr, "the result is %d, not %d\n", result, test.result);
    return 1;
}

int main(int count, char **arguments) {
    auto cases = all_cases();
    if (count == 3 && !strcmp(arguments[1], "--case")) return run_here(cases.at(strtoul(arguments[2], nullptr, 10)));
    if (count < 2) return 2;
    const char *only = count > 2 ? arguments[2] : "";
    int failed = 0, passed = 0;
    for (size_t i = 0; i < cases.size(); i++) {
        if (!strstr(cases[i].name, only)) continue;
        for (int build : {kPlainBuild, kCheckBuild}) {
            if (!(cases[i].builds & build)) continue;
            bool good = run_and_print(cases[i], i, arguments[1], build == kPlainBuild ? "plain" : "check");
            (good ? passed : failed)++;
        }
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed;
}
