// The threads of the operating system that run blocks.
#pragma once
#include "launch.h"

namespace udml {

// claim_failure makes `outcome` the running launch's, and says whether it is the first.
bool claim_failure(Outcome outcome);

}  // namespace udml
