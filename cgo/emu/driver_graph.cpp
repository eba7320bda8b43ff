// Stream capture and graphs. A graph is the captured work in the order of its calls, which respects every dependency. What a launch was
// captured with stays: cuLaunchKernel copies arguments at the call, so a number that the host changes later is the old one in every launch.
#include <algorithm>

#include "driver.h"

using namespace udml;

CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode mode) {
    UDML_ENTER();
    stream = real_stream(stream);
    if (stream == &driver.legacy) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    if (stream->capture) return CUDA_ERROR_ILLEGAL_STATE;
    auto capture = std::make_shared<Capture>();
    capture->origin = stream;
    capture->mode = mode;
    capture->thread = pthread_self();
    stream->capture = capture;
    driver.captures.push_back(capture);
    return CUDA_SUCCESS;
}

static CUresult outcome(const Capture &capture) {
    if (capture.invalid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    for (const auto &entry : capture.joined)
        if (!entry.second) return CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
    return CUDA_SUCCESS;
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph *graph) {
    UDML_ENTER();
    stream = real_stream(stream);
    auto capture = stream->capture;
    if (!capture || !graph) return CUDA_ERROR_ILLEGAL_STATE;
    if (capture->origin != stream) return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
    for (const auto &entry : capture->joined) entry.first->capture = nullptr;
    stream->capture = nullptr;
    capture->ended = true;
    driver.captures.erase(std::find(driver.captures.begin(), driver.captures.end(), capture));
    CUresult error = outcome(*capture);
    *graph = error ? nullptr : new CUgraph_st{std::move(capture->work)};
    return error;
}

CUresult cuStreamIsCapturing(CUstream stream, CUstreamCaptureStatus *status) {
    UDML_ENTER();
    auto capture = real_stream(stream)->capture;
    if (!capture) *status = CU_STREAM_CAPTURE_STATUS_NONE;
    else *status = capture->invalid ? CU_STREAM_CAPTURE_STATUS_INVALIDATED : CU_STREAM_CAPTURE_STATUS_ACTIVE;
    return CUDA_SUCCESS;
}

#undef cuGraphInstantiate
extern "C" CUresult cuGraphInstantiateWithFlags(CUgraphExec *program, CUgraph graph, unsigned long long) {
    UDML_ENTER();
    if (!program || !graph) return CUDA_ERROR_INVALID_VALUE;
    if (setting("UDML_EMU_FAIL_GRAPH", 0)) return CUDA_ERROR_NOT_SUPPORTED;
    *program = new CUgraphExec_st{graph->work};
    return CUDA_SUCCESS;
}

extern "C" CUresult cuGraphInstantiate_v2(CUgraphExec *program, CUgraph graph, CUgraphNode *, char *, size_t) {
    return cuGraphInstantiateWithFlags(program, graph, 0);
}

CUresult cuGraphLaunch(CUgraphExec program, CUstream stream) {
    UDML_ENTER();
    if (!program) return CUDA_ERROR_INVALID_VALUE;
    for (const Work &work : program->work)
        if (CUresult error = enqueue(stream, work)) return error;
    return CUDA_SUCCESS;
}

CUresult cuGraphGetNodes(CUgraph graph, CUgraphNode *nodes, size_t *count) {
    UDML_ENTER();
    if (!graph || !count || nodes) return CUDA_ERROR_INVALID_VALUE;  // only the count is known here
    *count = graph->work.size();
    return CUDA_SUCCESS;
}

CUresult cuGraphDestroy(CUgraph graph) {
    UDML_ENTER();
    if (!graph) return CUDA_ERROR_INVALID_VALUE;
    delete graph;
    return CUDA_SUCCESS;
}

CUresult cuGraphExecDestroy(CUgraphExec program) {
    UDML_ENTER();
    if (!program) return CUDA_ERROR_INVALID_VALUE;
    delete program;
    return CUDA_SUCCESS;
}
