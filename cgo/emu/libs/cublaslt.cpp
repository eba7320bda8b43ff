// A libcublasLt.so.12 for the emulated device: the functions that cgo/cublas calls, by plain loops.
//
// It is strict where the real one is undefined: a choice made for one product must not be used for another.
// UDML_EMU_CUBLASLT_VERSION is the version it claims; for sums of UDML_EMU_CUBLASLT_REFUSE terms it has no algorithm.
#include "stand_in.h"

enum { kSuccess = 0, kInvalidValue = 7, kExecutionFailed = 13, kNotSupported = 15 };
enum { kFloat = 0, kBfloat16 = 14, kTransA = 3, kTransB = 4 };
enum { kMaxWorkspace = 1, kReductionMask = 3, kAlignmentA = 5, kAlignmentD = 8 };
constexpr int kCompute = 68;
constexpr uint64_t kInPlace = 1, kWorkspace = 4096;

struct Product {
    int compute;
    bool transposed[2];
};

struct Layout {
    uint64_t rows, cols;
    int64_t ld;
    int type;
};

// A preference starts as the library's: any reduction, and operands on 256 bytes.
struct Preference {
    uint64_t workspace = 0, reductions = 7, alignment = 256;
};

// Algorithm is this library's content of the caller's 64 bytes.
struct Algorithm {
    uint64_t m, n, k, workspace, rest[4];
};

struct Result {
    Algorithm algorithm;
    size_t workspace;
    int state;
    float waves;
    int reserved[4];
};
static_assert(sizeof(Result) == 96, "the layout of cublasLtMatmulHeuristicResult_t");

// Sizes of c [m,n] = op(a) [m,k] op(b) [k,n], column-major, or m = 0 where the layouts do not fit.
static Algorithm sizes(const Product *p, const Layout *a, const Layout *b, const Layout *c) {
    uint64_t m = p->transposed[0] ? a->cols : a->rows, k = p->transposed[0] ? a->rows : a->cols;
    uint64_t n = p->transposed[1] ? b->rows : b->cols, inner = p->transposed[1] ? b->cols : b->rows;
    bool fit = m == c->rows && n == c->cols && k == inner && a->ld >= int64_t(a->rows) && b->ld >= int64_t(b->rows) && c->ld >= int64_t(m);
    // Factors of bfloat16 have one kind of product, and only these can have a result of bfloat16.
    bool brain = a->type == kBfloat16, typed = a->type == b->type && (brain ? p->compute == kCompute : c->type == kFloat);
    if (!fit || !typed) return {};
    return {m, n, k, kWorkspace, {}};
}

static double entry(const void *x, const Layout &l, bool transposed, uint64_t row, uint64_t col) {
    Numbers n = {const_cast<void *>(x), l.type == kBfloat16};
    return n.get(transposed ? col + row * l.ld : row + col * l.ld);
}

STAND_IN size_t cublasLtGetVersion() { return size_t(number("UDML_EMU_CUBLASLT_VERSION", 120903)); }

STAND_IN const char *cublasLtGetStatusString(int status) {
    switch (status) {
    case kSuccess: return "success";
    case kInvalidValue: return "an unsupported value or parameter was passed";
    case kNotSupported: return "the functionality requested is not supported";
    default: return "the function failed to launch on the GPU";
    }
}

STAND_IN int cublasLtCreate(void **h) { return make<int>(h); }
STAND_IN int cublasLtDestroy(void *h) { return destroy<int>(h); }
STAND_IN int cublasLtMatmulDescDestroy(void *d) { return destroy<Product>(d); }
STAND_IN int cublasLtMatrixLayoutDestroy(void *d) { return destroy<Layout>(d); }
STAND_IN int cublasLtMatmulPreferenceCreate(void **d) { return make<Preference>(d); }
STAND_IN int cublasLtMatmulPreferenceDestroy(void *d) { return destroy<Preference>(d); }

STAND_IN int cublasLtMatmulDescCreate(void **d, int compute, int scale) {
    if ((compute != kCompute && compute != 75 && compute != 77) || scale != kFloat) return kInvalidValue;
    *d = new Product{compute, {false, false}};
    return kSuccess;
}

STAND_IN int cublasLtMatmulDescSetAttribute(void *d, int attribute, const int32_t *value, size_t bytes) {
    if ((attribute != kTransA && attribute != kTransB) || bytes != 4 || *value < 0 || *value > 1) return kInvalidValue;
    static_cast<Product *>(d)->transposed[attribute - kTransA] = *value;
    return kSuccess;
}

STAND_IN int cublasLtMatrixLayoutCreate(void **d, int type, uint64_t rows, uint64_t cols, int64_t ld) {
    if (type != kFloat && type != kBfloat16) return kInvalidValue;
    *d = new Layout{rows, cols, ld, type};
    return kSuccess;
}

STAND_IN int cublasLtMatmulPreferenceSetAttribute(void *d, int attribute, const void *value, size_t bytes) {
    uint64_t v = 0;
    if (bytes != (attribute == kMaxWorkspace ? 8u : 4u)) return kInvalidValue;
    memcpy(&v, value, bytes);
    auto p = static_cast<Preference *>(d);
    if (attribute == kMaxWorkspace) p->workspace = v;
    else if (attribute == kReductionMask) p->reductions = v;
    else if (attribute >= kAlignmentA && attribute <= kAlignmentD) p->alignment = v;
    else return kInvalidValue;
    return kSuccess;
}

STAND_IN int cublasLtMatmulAlgoGetHeuristic(void *, void *desc, void *a, void *b, void *c, void *d, void *preference, int want,
    Result *results,
                                            int *count) {
    auto p = static_cast<Preference *>(preference);
    Algorithm s = sizes(static_cast<Product *>(desc), static_cast<Layout *>(a), static_cast<Layout *>(b), static_cast<Layout *>(c));
    bool careful = !(p->reductions & kInPlace) && p->alignment <= 16 && p->workspace >= kWorkspace;
    if (!s.m || c != d || want < 1 || !careful) return kInvalidValue;
    *count = int64_t(s.k) == number("UDML_EMU_CUBLASLT_REFUSE", -1) ? 0 : 1;
    if (*count) *results = {s, kWorkspace, kSuccess, 1, {}};
    return kSuccess;
}

STAND_IN int cublasLtMatmul(void *, void *desc, const float *alpha, const void *a, void *ad, const void *b, void *bd, const float *beta,
                            const void *c, void *cd, void *d, void *dd, const Algorithm *algorithm, void *workspace, size_t bytes,
                                void *stream) {
    Product p = *static_cast<Product *>(desc);
    Layout la = *static_cast<Layout *>(ad), lb = *static_cast<Layout *>(bd), ld = *static_cast<Layout *>(dd);
    Algorithm s = sizes(&p, &la, &lb, &ld);
    bool right = cd == dd && c == d && memcmp(&s, algorithm, sizeof s) == 0 && s.m && bytes >= kWorkspace && workspace;
    if (!right || !aligned(a) || !aligned(b) || !aligned(d)) return kInvalidValue;
    auto work = [=, alpha = *alpha, beta = *beta] {
        scribble(workspace, bytes);
        for (uint64_t j = 0; j < s.n; j++)
            for (uint64_t i = 0; i < s.m; i++) {
                double sum = 0;
                for (uint64_t l = 0; l < s.k; l++) sum += entry(a, la, p.transposed[0], i, l) * entry(b, lb, p.transposed[1], l, j);
                Numbers out = {d, ld.type == kBfloat16};
                uint64_t at = i + j * ld.ld;
                out.set(at, float(alpha * sum + (beta == 0 ? 0 : double(beta) * out.get(at))));
            }
    };
    return enqueue(stream, work) ? kSuccess : kExecutionFailed;
}
