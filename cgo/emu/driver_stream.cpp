// Streams, and the order in which their work runs.
#include <algorithm>

#include "driver.h"

namespace udml {

// A GPU takes about a thousand launches ahead of the host; then a launch waits. This bounds the memory of the queues.
constexpr size_t kQueueLength = 1024;

CUstream real_stream(CUstream stream) {
    bool legacy = !stream || stream == CU_STREAM_LEGACY || stream == CU_STREAM_PER_THREAD;
    return legacy ? &driver.legacy : stream;
}

static bool known(CUstream stream) {
    if (stream == &driver.legacy) return true;
    return std::find(driver.streams.begin(), driver.streams.end(), stream) != driver.streams.end();
}

// run_before runs the work that must come first: the legacy stream and the blocking streams never overtake one another.
static CUresult run_before(CUstream stream, uint64_t sequence) {
    if (stream != &driver.legacy) return stream->blocking ? run_until(&driver.legacy, sequence) : CUDA_SUCCESS;
    CUresult first = CUDA_SUCCESS;
    for (CUstream other : std::vector<CUstream>(driver.streams)) {
        if (!other->blocking) continue;
        CUresult error = run_until(other, sequence);
        if (!first) first = error;
    }
    return first;
}

CUresult run_until(CUstream stream, uint64_t sequence) {
    while (!stream->queue.empty() && stream->queue.front().sequence <= sequence) {
        Operation operation = std::move(stream->queue.front());
        stream->queue.pop_front();
        run_before(stream, operation.sequence);
        if (driver.failed) continue;  // nothing runs after a fault
        driver.failed = operation.work();
    }
    return driver.failed;
}

CUresult run_all() {
    for (CUstream stream : std::vector<CUstream>(driver.streams)) run_until(stream, driver.sequence);
    return run_until(&driver.legacy, driver.sequence);
}

CUresult unsafe_in_capture() {
    for (const auto &capture : driver.captures) {
        bool applies = capture->mode == CU_STREAM_CAPTURE_MODE_GLOBAL ||
                       (capture->mode == CU_STREAM_CAPTURE_MODE_THREAD_LOCAL && pthread_equal(capture->thread, pthread_self()));
        if (!applies) continue;
        capture->invalid = true;
        return explain(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "a call that waits or allocates while a stream is being captured");
    }
    return CUDA_SUCCESS;
}

static CUresult capture_work(CUstream stream, Work work) {
    Capture &capture = *stream->capture;
    if (capture.invalid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    if (stream != capture.origin) capture.joined[stream] = false;
    capture.work.push_back(std::move(work));
    return CUDA_SUCCESS;
}

CUresult enqueue(CUstream stream, Work work) {
    stream = real_stream(stream);
    if (!known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    if (stream->capture) return capture_work(stream, std::move(work));
    if (stream == &driver.legacy)
        if (CUresult error = unsafe_in_capture()) return error;
    stream->queue.push_back({++driver.sequence, std::move(work)});
    if (stream->queue.size() <= kQueueLength) return CUDA_SUCCESS;
    return run_until(stream, stream->queue.front().sequence);
}

}  // namespace udml

using namespace udml;

CUresult cuStreamCreateWithPriority(CUstream *stream, unsigned flags, int) {
    UDML_ENTER();
    if (!stream || flags > CU_STREAM_NON_BLOCKING) return CUDA_ERROR_INVALID_VALUE;
    *stream = new CUstream_st{flags == CU_STREAM_DEFAULT, {}, nullptr};
    driver.streams.push_back(*stream);
    return CUDA_SUCCESS;
}

CUresult cuStreamCreate(CUstream *stream, unsigned flags) { return cuStreamCreateWithPriority(stream, flags, 0); }

// A GPU finishes a destroyed stream's work some time later; here it is run before the queue goes.
CUresult cuStreamDestroy_v2(CUstream stream) {
    UDML_ENTER();
    auto place = std::find(driver.streams.begin(), driver.streams.end(), stream);
    if (place == driver.streams.end()) return CUDA_ERROR_INVALID_HANDLE;
    CUresult error = run_until(stream, driver.sequence);
    driver.streams.erase(std::find(driver.streams.begin(), driver.streams.end(), stream));
    delete stream;
    return error;
}

CUresult cuStreamSynchronize(CUstream stream) {
    UDML_ENTER();
    stream = real_stream(stream);
    if (!known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    if (stream->capture) {
        stream->capture->invalid = true;
        return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    }
    if (CUresult error = unsafe_in_capture()) return error;
    return run_until(stream, driver.sequence);
}

// Each query runs one operation: otherwise a program that polls would wait for ever.
CUresult cuStreamQuery(CUstream stream) {
    UDML_ENTER();
    stream = real_stream(stream);
    if (!known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    if (stream->capture) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    if (stream->queue.empty()) return CUDA_SUCCESS;
    CUresult error = run_until(stream, stream->queue.front().sequence);
    if (error) return error;
    return stream->queue.empty() ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}
