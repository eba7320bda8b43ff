// Events: points in streams, to wait for and to measure time between.
#include <time.h>

#include "driver.h"

using namespace udml;

static double now() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

CUresult cuEventCreate(CUevent *event, unsigned flags) {
    UDML_ENTER();
    if (!event) return CUDA_ERROR_INVALID_VALUE;
    *event = new CUevent_st{!(flags & CU_EVENT_DISABLE_TIMING), nullptr, nullptr, nullptr};
    return CUDA_SUCCESS;
}

CUresult cuEventDestroy_v2(CUevent event) {
    UDML_ENTER();
    if (!event) return CUDA_ERROR_INVALID_HANDLE;
    delete event;
    return CUDA_SUCCESS;
}

// In a capture the recorded work is in order already, so an event matters only for the streams that it joins.
static CUresult record_in_capture(CUevent event, CUstream stream) {
    event->capture = stream->capture;
    event->captured_stream = stream;
    event->mark = nullptr;
    return CUDA_SUCCESS;
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
    UDML_ENTER();
    if (!event) return CUDA_ERROR_INVALID_HANDLE;
    stream = real_stream(stream);
    if (stream->capture) return record_in_capture(event, stream);
    auto mark = std::make_shared<Mark>(Mark{stream, driver.sequence + 1, false, 0});
    CUresult error = enqueue(stream, [mark] {
        mark->done = true;
        mark->milliseconds = now();
        return CUDA_SUCCESS;
    });
    if (error) return error;
    event->capture = nullptr;
    event->mark = mark;
    return CUDA_SUCCESS;
}

static CUresult reach(const Mark &mark) { return mark.done ? CUDA_SUCCESS : run_until(mark.stream, mark.sequence); }

// A stream that waits for a captured event becomes part of that capture. One that has ended cannot be joined, whatever it ended with: the
// driver of an H200 (580, CUDA 13.0) refuses the wait.
static CUresult join_capture(CUstream stream, CUevent event) {
    if (event->capture->ended) return explain(CUDA_ERROR_INVALID_VALUE, "a wait for an event of a capture that has ended");
    if (stream->capture && stream->capture != event->capture) return CUDA_ERROR_STREAM_CAPTURE_MERGE;
    if (stream == event->capture->origin) event->capture->joined[event->captured_stream] = true;
    else {
        stream->capture = event->capture;
        event->capture->joined.emplace(stream, false);
    }
    return CUDA_SUCCESS;
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned) {
    UDML_ENTER();
    if (!event) return CUDA_ERROR_INVALID_HANDLE;
    stream = real_stream(stream);
    if (event->capture) return join_capture(stream, event);
    if (!event->mark) return CUDA_SUCCESS;
    if (stream->capture) {
        stream->capture->invalid = true;
        return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
    }
    auto mark = event->mark;
    return enqueue(stream, [mark] { return reach(*mark); });
}

CUresult cuEventSynchronize(CUevent event) {
    UDML_ENTER();
    if (!event) return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult error = unsafe_in_capture()) return error;
    if (event->capture) return CUDA_ERROR_CAPTURED_EVENT;
    return event->mark ? reach(*event->mark) : CUDA_SUCCESS;
}

// As with streams, each query runs one operation, so that polling ends.
CUresult cuEventQuery(CUevent event) {
    UDML_ENTER();
    if (!event) return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult error = unsafe_in_capture()) return error;
    if (event->capture) return CUDA_ERROR_CAPTURED_EVENT;
    if (!event->mark || event->mark->done) return CUDA_SUCCESS;
    CUstream stream = event->mark->stream;
    if (CUresult error = run_until(stream, stream->queue.front().sequence)) return error;
    return event->mark->done ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

CUresult cuEventElapsedTime_v2(float *milliseconds, CUevent start, CUevent end) {
    UDML_ENTER();
    if (!start || !end || !start->mark || !end->mark || !start->timed || !end->timed) return CUDA_ERROR_INVALID_HANDLE;
    if (!start->mark->done || !end->mark->done) return CUDA_ERROR_NOT_READY;
    *milliseconds = static_cast<float>(end->mark->milliseconds - start->mark->milliseconds);
    return CUDA_SUCCESS;
}

#undef cuEventElapsedTime
extern "C" CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end) {
    return cuEventElapsedTime_v2(milliseconds, start, end);
}
