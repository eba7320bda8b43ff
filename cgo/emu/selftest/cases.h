// A self test: what to run in a process of its own, and what must come of it.
#pragma once
#include <cuda.h>

#include <string>
#include <vector>

enum Build { kPlainBuild = 1, kCheckBuild = 2, kBothBuilds = 3 };

struct Case {
    const char *name;
    int builds;
    CUresult (*run)();
    CUresult result;                       // what `run` must return
    std::vector<std::string> report;       // what standard error must hold; nothing else may be there when this is empty
    std::vector<std::string> environment;  // NAME=value
};

std::vector<Case> right_cases();
std::vector<Case> matrix_cases();
std::vector<Case> wrong_cases();
std::vector<Case> driver_cases();
