// Captures of a stream into a graph: what is recorded, and the calls that a capture does not allow.
#include "cases.h"
#include "session.h"

static CUresult graph() {
    Session session;
    CUstream stream = new_stream(), side = new_stream();
    CUevent fork = new_event(), join = new_event();
    auto x = counting<float>(64);
    CUdeviceptr in = upload(x), sum = upload(std::vector<float>{0}), copy = upload(std::vector<float>{0});
    must(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    must(session.start(stream, "right_sum", 1, 64, 0, sum, in, 64));
    must(cuEventRecord(fork, stream));
    must(cuStreamWaitEvent(side, fork, 0));
    must(cuMemcpyDtoDAsync(copy, sum, 4, side));
    must(cuEventRecord(join, side));
    must(cuStreamWaitEvent(stream, join, 0));
    CUgraph graph;
    CUgraphExec program;
    must(cuStreamEndCapture(stream, &graph));
    must(cuGraphInstantiate(&program, graph, 0));
    must(cuGraphDestroy(graph));
    must(cuStreamSynchronize(stream));
    expect(download<float>(sum, 1)[0] == 0);
    for (int round = 1; round < 3; round++) {
        must(cuMemsetD32(in, 0, 1));
        must(cuGraphLaunch(program, stream));
        must(cuStreamSynchronize(stream));
        expect(download<float>(copy, 1)[0] == 63 * 32);
    }
    must(cuGraphExecDestroy(program));
    return CUDA_SUCCESS;
}

static CUresult allocation_in_capture() {
    Session session;
    CUstream stream = new_stream();
    must(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
    CUdeviceptr p;
    expect(cuMemAlloc(&p, 16) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    CUgraph graph;
    return cuStreamEndCapture(stream, &graph);
}

// Calls that wait for an event, or for another stream, end a capture on the same thread.
static CUresult waiting_in_capture() {
    Session session;
    CUstream stream = new_stream(), other = new_stream();
    CUevent event = new_event();
    must(cuEventRecord(event, other));
    CUgraph graph;
    must(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    expect(cuEventSynchronize(event) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    expect(cuStreamEndCapture(stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    must(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    expect(cuStreamSynchronize(other) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    return cuStreamEndCapture(stream, &graph);
}

// A captured stream may not depend on work outside of the capture.
static CUresult wait_for_outside() {
    Session session;
    CUstream stream = new_stream(), other = new_stream();
    CUevent event = new_event();
    must(cuEventRecord(event, other));
    must(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    return cuStreamWaitEvent(stream, event, 0);
}

static CUresult failing_graph() {
    Session session;
    CUstream stream = new_stream();
    must(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    CUgraph graph;
    CUgraphExec program;
    must(cuStreamEndCapture(stream, &graph));
    return cuGraphInstantiate(&program, graph, 0);
}

static CUresult unjoined_capture() {
    Session session;
    CUstream stream = new_stream(), side = new_stream();
    CUevent fork = new_event();
    CUdeviceptr x = allocate(4);
    must(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    must(cuEventRecord(fork, stream));
    must(cuStreamWaitEvent(side, fork, 0));
    must(cuMemsetD32Async(x, 0, 1, side));
    CUgraph graph;
    return cuStreamEndCapture(stream, &graph);
}

// An event of a capture that has ended is none to wait for, until it is recorded anew.
static CUresult event_of_ended_capture() {
    Session session;
    CUstream stream = new_stream(), side = new_stream();
    CUevent event = new_event();
    CUgraph graph;
    must(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    must(cuEventRecord(event, stream));
    must(cuStreamEndCapture(stream, &graph));
    expect(cuStreamWaitEvent(side, event, 0) == CUDA_ERROR_INVALID_VALUE);
    must(cuEventRecord(event, stream));
    must(cuStreamWaitEvent(side, event, 0));
    must(cuStreamSynchronize(side));
    must(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    must(cuEventRecord(event, stream));
    must(cuStreamWaitEvent(side, event, 0));
    expect(cuStreamEndCapture(stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
    return cuStreamWaitEvent(stream, event, 0);
}

std::vector<Case> capture_cases() {
    return {
        {"graph", kBothBuilds, graph, CUDA_SUCCESS, {}, {}},
        {"allocation in a capture", kPlainBuild, allocation_in_capture, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
            {"while a stream is being captured"}, {}},
        {"capture not joined", kPlainBuild, unjoined_capture, CUDA_ERROR_STREAM_CAPTURE_UNJOINED, {}, {}},
        {"event of a capture that has ended", kPlainBuild, event_of_ended_capture, CUDA_ERROR_INVALID_VALUE,
            {"a wait for an event of a capture that has ended"}, {}},
        {"waiting in a capture", kPlainBuild, waiting_in_capture, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
            {"while a stream is being captured"}, {}},
        {"waiting for work outside of a capture", kPlainBuild, wait_for_outside, CUDA_ERROR_STREAM_CAPTURE_ISOLATION, {}, {}},
        {"graph that fails as asked", kPlainBuild, failing_graph, CUDA_ERROR_NOT_SUPPORTED, {}, {"UDML_EMU_FAIL_GRAPH=1"}},
    };
}
