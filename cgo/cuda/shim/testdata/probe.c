// Prints what a program linked with the shim sees, one answer a line, for scripts/shim_test.sh.
#include <cuda.h>
#include <stdio.h>

const char *udml_cuda_driver_problem(void);
const char *udml_cuda_driver_file(void);

int main(void) {
	int init = cuInit(0);
	int version = -1, devices = -1;
	int got_version = cuDriverGetVersion(&version);
	int got_devices = cuDeviceGetCount(&devices);
	CUdeviceptr memory = 0;
	// More arguments than registers: the jump must leave the stack alone.
	int launch = cuLaunchKernel((CUfunction)1, 2, 3, 4, 5, 6, 7, 8, (CUstream)9, (void **)10, (void **)11);
	printf("init %d\nversion %d %d\ndevices %d %d\n", init, got_version, version, got_devices, devices);
	printf("launch %d\nalloc %d\n", launch, cuMemAlloc(&memory, 16));
	printf("problem %s\nfile %s\n", udml_cuda_driver_problem(), udml_cuda_driver_file());
	return 0;
}
