// What the KERNEL macro leaves for the driver: each kernel's name, how many threads it allows, the sizes of its
// arguments, and a way to call it with arguments that arrive as pointers.
#pragma once

namespace udml {

constexpr int kMaxArguments = 40;

struct Kernel {
    const char *name;
    int max_threads;
    int arguments;
    int sizes[kMaxArguments];
    void (*body)();
    void (*call)(void (*body)(), const uint64_t *slots);
    Kernel *next;
};

// register_kernel adds to the list that udml_find_kernel searches; two kernels of one name end the program.
void register_kernel(Kernel *kernel);

template <int...>
struct Places {};
template <int n, int... rest>
struct PlacesTo : PlacesTo<n - 1, n - 1, rest...> {};
template <int... rest>
struct PlacesTo<0, rest...> {
    using type = Places<rest...>;
};

// The check build must not take the slots, which are the host's memory, for what a kernel reads.
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
    return {name, max_threads, sizeof...(A), {sizeof(A)...}, reinterpret_cast<void (*)()>(body), call_body<A...>, nullptr};
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
