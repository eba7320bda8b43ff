// Prints occupancy.tsv, what cuda_occupancy.h of the toolkit says of launches on the cards of scripts/sass:
//   g++ -I build/toolchain/cu13/include scripts/sass/testdata/occupancy.cpp -o build/occupancy
//   build/occupancy >scripts/sass/testdata/occupancy.tsv
#include <cstdio>
#include <initializer_list>

#include "cuda_occupancy.h"

struct Card {
    int major, minor, threads;
    size_t shared;
};

static int blocks(Card c, int threads, int registers, size_t shared) {
    cudaOccDeviceProp p{};
    p.computeMajor = c.major, p.computeMinor = c.minor, p.maxThreadsPerBlock = 1024, p.maxThreadsPerMultiprocessor = c.threads;
    p.regsPerBlock = p.regsPerMultiprocessor = 65536, p.warpSize = 32, p.numSms = 100;
    p.sharedMemPerBlock = 48 << 10, p.sharedMemPerMultiprocessor = c.shared, p.sharedMemPerBlockOptin = c.shared - 1024;
    p.reservedSharedMemPerBlock = 1024;
    cudaOccFuncAttributes a{};
    a.maxThreadsPerBlock = 1024, a.numRegs = registers, a.maxDynamicSharedSizeBytes = c.shared - 1024;
    a.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN, a.partitionedGCConfig = PARTITIONED_GC_OFF;
    cudaOccDeviceState s{};
    s.cacheConfig = CACHE_PREFER_SHARED, s.carveoutConfig = SHAREDMEM_CARVEOUT_MAX_SHARED;
    cudaOccResult r{};
    cudaOccError error = cudaOccMaxActiveBlocksPerMultiprocessor(&r, &p, &a, &s, threads, shared);
    return error == CUDA_OCC_SUCCESS ? r.activeBlocksPerMultiprocessor : -1;
}

int main() {
    const Card cards[] = {{8, 0, 2048, 164 << 10}, {8, 6, 1536, 100 << 10}, {8, 9, 1536, 100 << 10},
                          {9, 0, 2048, 228 << 10}, {10, 0, 2048, 228 << 10}, {12, 0, 1536, 100 << 10}};
    printf("# capability threads registers shared blocks\n");
    for (Card c : cards)
        for (int threads : {32, 160, 256, 1024})
            for (int registers : {16, 33, 64, 128, 168, 255})
                for (int shared : {0, 1000, 8192, 68608, 83968, 101376})
                    printf("%d.%d\t%d\t%d\t%d\t%d\n", c.major, c.minor, threads, registers, shared, blocks(c, threads, registers, shared));
}
