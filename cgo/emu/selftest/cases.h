// A self test: a function to run in a process of its own, and the expected outcome.
#pragma once
#include <cuda.h>

#include <string>
#include <vector>

enum Build { kPlainBuild = 1, kCheckBuild = 2, kBothBuilds = 3 };

struct Case {
    const char *name;
    int builds;
    CUresult (*run)();
    CUresult result;                       // that `run` must return
    std::vector<std::string> report;       // parts of standard error; empty: standard error must be empty
    std::vector<std::string> environment;  // NAME=value
};

std::vector<Case> right_cases();
std::vector<Case> matrix_cases();
std::vector<Case> wrong_cases();
std::vector<Case> wgmma_cases();
std::vector<Case> driver_cases();
std::vector<Case> capture_cases();
