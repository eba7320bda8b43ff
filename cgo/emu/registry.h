// The descriptions of kernels that the KERNEL macro makes for the driver: name, number of threads, sizes and types of the
// arguments, and a function that calls the kernel with arguments that arrive as pointers.
#pragma once

namespace udml {

constexpr int kMaxArguments = 40;

struct Kernel {
    const char *name;
    int max_threads;
    int arguments;
    int sizes[kMaxArguments];
    char types[kMaxArguments + 1];  // a letter each, as type_letter has it; ends with a 0
    void (*body)();
    void (*call)(void (*body)(), const uint64_t *slots);
    Kernel *next;
};

// register_kernel adds to the list that udml_find_kernel searches; two kernels of one name end the program.
void register_kernel(Kernel *kernel);

// type_letter is the letter of a parameter's type in Kernel::types: numbers have small letters, and pointers the
// capital letter of the type that they point to. kernels/gpu_arguments.go has the same letters.
template <typename T>
constexpr char type_letter = '?';
template <>
inline constexpr char type_letter<int> = 'i';
template <>
inline constexpr char type_letter<unsigned> = 'u';
template <>
inline constexpr char type_letter<long> = 'l';
template <>
inline constexpr char type_letter<long long> = 'l';
template <>
inline constexpr char type_letter<unsigned long> = 'm';
template <>
inline constexpr char type_letter<unsigned long long> = 'm';
template <>
inline constexpr char type_letter<float> = 'f';
template <>
inline constexpr char type_letter<double> = 'd';
template <typename T>
constexpr char type_letter<T *> = 'P';  // to anything that no array holds, such as a struct
template <typename T>
constexpr char type_letter<const T *> = type_letter<T *>;
template <>
inline constexpr char type_letter<float *> = 'F';
template <>
inline constexpr char type_letter<double *> = 'D';
template <>
inline constexpr char type_letter<int *> = 'I';
template <>
inline constexpr char type_letter<unsigned *> = 'I';  // arrays have no unsigned type: the kernel reads the bits of an int array
template <>
inline constexpr char type_letter<unsigned char *> = 'B';
}  // namespace udml

struct bfloat;  // kernels/include/pack.cuh has it

namespace udml {
template <>
inline constexpr char type_letter<bfloat *> = 'H';

template <int...>
struct Places {};
template <int n, int... rest>
struct PlacesTo : PlacesTo<n - 1, n - 1, rest...> {};
template <int... rest>
struct PlacesTo<0, rest...> {
    using type = Places<rest...>;
};

// The check build must not count reads of the slots, which are the host's memory, as reads of the kernel.
#define UDML_UNCHECKED __attribute__((no_sanitize_thread))

template <typename T>
UDML_UNCHECKED inline T argument(const uint64_t *slot) {
    static_assert(sizeof(T) <= 8, "an argument of a kernel must fit an 8-byte slot");
    static_assert(__is_trivially_copyable(T), "an argument of a kernel is copied as bytes");
    T x;
    __builtin_memcpy(&x, slot, sizeof x);
    return x;
}

template <typename... A, int... I>
UDML_UNCHECKED inline void call_with(void (*body)(A...), const uint64_t *slots, Places<I...>) {
    body(argument<A>(slots + I)...);
}

template <typename... A>
UDML_UNCHECKED void call_body(void (*body)(), const uint64_t *slots) {
    call_with(reinterpret_cast<void (*)(A...)>(body), slots, typename PlacesTo<sizeof...(A)>::type());
}

template <typename... A>
inline Kernel describe(const char *name, int max_threads, void (*body)(A...)) {
    static_assert(sizeof...(A) <= kMaxArguments, "too many arguments");
    return {name, max_threads, sizeof...(A), {sizeof(A)...}, {type_letter<A>..., '\0'}, reinterpret_cast<void (*)()>(body), call_body<A...>,
        nullptr};
}

struct Registration {
    Kernel kernel;
    template <typename... A>
    Registration(const char *name, int max_threads, void (*body)(A...)) : kernel(describe(name, max_threads, body)) {
        register_kernel(&kernel);
    }
};

}  // namespace udml

#define UDML_EMULATED(max_threads, name, ...)                                        \
    static void name(__VA_ARGS__);                                                   \
    static udml::Registration udml_registration_##name(#name, max_threads, name);    \
    static void name(__VA_ARGS__)
