// A libcudnn.so.9 for the emulated device: the functions that cgo/cudnn calls, by plain loops.
//
// It is strict where the real one is undefined: formats, algorithms and workspaces other than the binding's are refused.
// UDML_EMU_CUDNN_VERSION is the version it claims. Convolutions of stride UDML_EMU_CUDNN_REFUSE are not supported, which
// the question for the workspace tells; those of stride UDML_EMU_CUDNN_REFUSE_LATE, which only the call tells; those of stride
// UDML_EMU_CUDNN_REFUSE_DESCRIPTOR cannot be described. With UDML_EMU_CUDNN_REFUSE_BETA=1 calls that add to the old result are not
// supported. UDML_EMU_CUDNN_STATUS is the status of all these answers (3000).
#include "stand_in.h"

enum { kSuccess = 0, kBadParameter = 2000, kNotSupported = 3000, kExecutionFailed = 5000 };
enum { kFloat = 0, kBfloat16 = 9, kNhwc = 1, kCrossCorrelation = 1, kTensorOp = 1, kFma = 3 };
constexpr size_t kWorkspace = 1024;

// refusal is the status of a convolution that is not supported.
static int refusal() { return int(number("UDML_EMU_CUDNN_STATUS", kNotSupported)); }

struct Handle {
    void *stream;
};

// A tensor is n x h x w x c in memory, a filter o x h x w x c with n = o and c the channels of one group.
struct Tensor {
    int n, c, h, w, type;
};

static Numbers numbers(const void *descriptor, const void *at) {
    return {const_cast<void *>(at), static_cast<const Tensor *>(descriptor)->type == kBfloat16};
}

struct Convolution {
    int pad, stride, groups, math;
};

// Sizes of a convolution. `each` calls f with the offsets in y, x and the filters of every product.
struct Sizes {
    Tensor x, w, y;
    int pad, stride, groups;

    bool fit() const {
        return x.type == y.type && x.type == w.type && x.n == y.n && x.c == w.c * groups && y.c == w.n && y.c % groups == 0 &&
               y.h == (x.h + 2 * pad - w.h) / stride + 1 && y.w == (x.w + 2 * pad - w.w) / stride + 1;
    }

    template <typename F>
    void at_pixel(int n, int i, int j, F f) const {
        for (int p = 0; p < w.h; p++)
            for (int q = 0; q < w.w; q++) {
                int row = i * stride + p - pad, col = j * stride + q - pad;
                if (row < 0 || row >= x.h || col < 0 || col >= x.w) continue;
                size_t from = (size_t(n * x.h + row) * x.w + col) * x.c, filter = size_t(p * w.w + q) * w.c;
                f((size_t(n * y.h + i) * y.w + j) * y.c, from, filter);
            }
    }

    template <typename F>
    void each(F f) const {
        for (int n = 0; n < y.n; n++)
            for (int i = 0; i < y.h; i++)
                for (int j = 0; j < y.w; j++)
                    at_pixel(n, i, j, [&](size_t yi, size_t xi, size_t wi) {
                        for (int o = 0; o < y.c; o++) {
                            int first = o / (y.c / groups) * w.c;
                            for (int c = 0; c < w.c; c++) f(yi + o, xi + first + c, wi + size_t(o) * w.h * w.w * w.c + c);
                        }
                    });
    }
};

static size_t elements(const Tensor &t) { return size_t(t.n) * t.c * t.h * t.w; }

// add runs a pass: sums in double, then out = sum + beta out.
template <typename F>
static void add(const Tensor &shape, Numbers out, float beta, F sum) {
    size_t n = elements(shape);
    double *sums = static_cast<double *>(calloc(n, sizeof(double)));
    sum(sums);
    for (size_t i = 0; i < n; i++) out.set(i, float(sums[i] + (beta == 0 ? 0 : double(beta) * out.get(i))));
    free(sums);
}

static Sizes sizes(const void *x, const void *w, const void *conv, const void *y) {
    auto c = static_cast<const Convolution *>(conv);
    return {*static_cast<const Tensor *>(x), *static_cast<const Tensor *>(w), *static_cast<const Tensor *>(y), c->pad, c->stride, c->groups};
}

static int question(const Sizes &s, int algorithm, size_t *bytes) {
    if (!s.fit() || algorithm != 1) return kBadParameter;
    if (s.stride == number("UDML_EMU_CUDNN_REFUSE", -1)) return refusal();
    *bytes = kWorkspace;
    return kSuccess;
}

// start checks a call and puts its work into the handle's stream.
static int start(const void *handle, const Sizes &s, int algorithm, void *workspace, size_t bytes, const float *alpha,
                 const float *beta, const void *a, const void *b, const void *c, std::function<void()> work) {
    bool right = s.fit() && algorithm == 1 && bytes >= kWorkspace && workspace && *alpha == 1;
    if (!right || !aligned(a) || !aligned(b) || !aligned(c)) return kBadParameter;
    if (s.stride == number("UDML_EMU_CUDNN_REFUSE_LATE", -1)) return refusal();
    if (*beta != 0 && number("UDML_EMU_CUDNN_REFUSE_BETA", 0) == 1) return refusal();
    auto all = [=] {
        scribble(workspace, bytes);
        work();
    };
    return enqueue(static_cast<const Handle *>(handle)->stream, all) ? kSuccess : kExecutionFailed;
}

STAND_IN size_t cudnnGetVersion() { return size_t(number("UDML_EMU_CUDNN_VERSION", 90501)); }

STAND_IN const char *cudnnGetErrorString(int status) {
    switch (status) {
    case kSuccess: return "CUDNN_STATUS_SUCCESS";
    case kBadParameter: return "CUDNN_STATUS_BAD_PARAM";
    case kNotSupported: return "CUDNN_STATUS_NOT_SUPPORTED";
    default: return "CUDNN_STATUS_EXECUTION_FAILED";
    }
}

STAND_IN int cudnnCreate(void **h) { return make<Handle>(h); }
STAND_IN int cudnnDestroy(void *h) { return destroy<Handle>(h); }
STAND_IN int cudnnCreateTensorDescriptor(void **d) { return make<Tensor>(d); }
STAND_IN int cudnnDestroyTensorDescriptor(void *d) { return destroy<Tensor>(d); }
STAND_IN int cudnnCreateFilterDescriptor(void **d) { return make<Tensor>(d); }
STAND_IN int cudnnDestroyFilterDescriptor(void *d) { return destroy<Tensor>(d); }
STAND_IN int cudnnCreateConvolutionDescriptor(void **d) { return make<Convolution>(d); }
STAND_IN int cudnnDestroyConvolutionDescriptor(void *d) { return destroy<Convolution>(d); }

STAND_IN int cudnnSetStream(void *h, void *stream) {
    static_cast<Handle *>(h)->stream = stream;
    return kSuccess;
}

STAND_IN int cudnnSetTensor4dDescriptor(void *d, int format, int type, int n, int c, int h, int w) {
    if (format != kNhwc || (type != kFloat && type != kBfloat16) || n < 1 || c < 1 || h < 1 || w < 1) return kBadParameter;
    *static_cast<Tensor *>(d) = {n, c, h, w, type};
    return kSuccess;
}

STAND_IN int cudnnSetFilter4dDescriptor(void *d, int type, int format, int o, int c, int h, int w) {
    return cudnnSetTensor4dDescriptor(d, format, type, o, c, h, w);
}

STAND_IN int cudnnSetConvolution2dDescriptor(void *d, int padh, int padw, int u, int v, int dilationh, int dilationw, int mode, int type) {
    if (padh != padw || u != v || dilationh != 1 || dilationw != 1 || mode != kCrossCorrelation || type != kFloat) return kBadParameter;
    if (u == number("UDML_EMU_CUDNN_REFUSE_DESCRIPTOR", -1)) return refusal();
    *static_cast<Convolution *>(d) = {padh, u, 1, 0};
    return kSuccess;
}

STAND_IN int cudnnSetConvolutionGroupCount(void *d, int groups) {
    if (groups < 1) return kBadParameter;
    static_cast<Convolution *>(d)->groups = groups;
    return kSuccess;
}

STAND_IN int cudnnSetConvolutionMathType(void *d, int math) {
    if (math != kFma && math != kTensorOp) return kBadParameter;
    static_cast<Convolution *>(d)->math = math;
    return kSuccess;
}

STAND_IN int cudnnGetConvolutionForwardWorkspaceSize(void *, void *x, void *w, void *conv, void *y, int algorithm, size_t *bytes) {
    return question(sizes(x, w, conv, y), algorithm, bytes);
}

STAND_IN int cudnnGetConvolutionBackwardDataWorkspaceSize(void *, void *w, void *y, void *conv, void *x, int algorithm, size_t *bytes) {
    return question(sizes(x, w, conv, y), algorithm, bytes);
}

STAND_IN int cudnnGetConvolutionBackwardFilterWorkspaceSize(void *, void *x, void *y, void *conv, void *w, int algorithm, size_t *bytes) {
    return question(sizes(x, w, conv, y), algorithm, bytes);
}

STAND_IN int cudnnConvolutionForward(void *handle, const float *alpha, void *xd, const void *x, void *wd, const void *w, void *conv,
                                     int algorithm, void *workspace, size_t bytes, const float *beta, void *yd, void *y) {
    Sizes s = sizes(xd, wd, conv, yd);
    Numbers of_x = numbers(xd, x), of_w = numbers(wd, w), of_y = numbers(yd, y);
    return start(handle, s, algorithm, workspace, bytes, alpha, beta, x, w, y, [=, beta = *beta] {
        add(s.y, of_y, beta, [&](double *out) {
            s.each([&](size_t yi, size_t xi, size_t wi) { out[yi] += of_x.get(xi) * of_w.get(wi); });
        });
    });
}

STAND_IN int cudnnConvolutionBackwardData(void *handle, const float *alpha, void *wd, const void *w, void *yd, const void *dy, void *conv,
                                          int algorithm, void *workspace, size_t bytes, const float *beta, void *xd, void *dx) {
    Sizes s = sizes(xd, wd, conv, yd);
    Numbers of_dx = numbers(xd, dx), of_w = numbers(wd, w), of_dy = numbers(yd, dy);
    return start(handle, s, algorithm, workspace, bytes, alpha, beta, dx, w, dy, [=, beta = *beta] {
        add(s.x, of_dx, beta, [&](double *out) {
            s.each([&](size_t yi, size_t xi, size_t wi) { out[xi] += of_dy.get(yi) * of_w.get(wi); });
        });
    });
}

STAND_IN int cudnnConvolutionBackwardFilter(void *handle, const float *alpha, void *xd, const void *x, void *yd, const void *dy,
                                            void *conv,
                                            int algorithm, void *workspace, size_t bytes, const float *beta, void *wd, void *dw) {
    Sizes s = sizes(xd, wd, conv, yd);
    Numbers of_x = numbers(xd, x), of_dw = numbers(wd, dw), of_dy = numbers(yd, dy);
    return start(handle, s, algorithm, workspace, bytes, alpha, beta, x, dw, dy, [=, beta = *beta] {
        add(s.w, of_dw, beta, [&](double *out) {
            s.each([&](size_t yi, size_t xi, size_t wi) { out[wi] += of_dy.get(yi) * of_x.get(xi); });
        });
    });
}
