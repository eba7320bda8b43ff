// Functions of the host in a stream: how the stand-ins for NVIDIA's libraries (libs/) put their work in its turn.
#include "driver.h"

using namespace udml;

CUresult cuLaunchHostFunc(CUstream stream, CUhostFn function, void *argument) {
    UDML_ENTER();
    if (!function) return CUDA_ERROR_INVALID_VALUE;
    return enqueue(stream, [=] {
        function(argument);
        return CUDA_SUCCESS;
    });
}
