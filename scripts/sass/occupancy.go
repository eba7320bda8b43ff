package main

// card is what a GPU's multiprocessor has; from "Technical specifications per compute capability" of the CUDA programming guide.
type card struct {
	name    string // its compute capability
	code    string // the machine code that it runs
	threads int    // at a time
	blocks  int    // at a time
	shared  int    // bytes of shared memory
}

// cards are the GPUs that the kernels are held against. Those of 8.6 and 8.9 run the machine code of 8.0.
var cards = []card{
	{"8.0", "sm_80", 2048, 32, 164 << 10},
	{"8.6", "sm_80", 1536, 16, 100 << 10},
	{"8.9", "sm_80", 1536, 24, 100 << 10},
	{"9.0", "sm_90a", 2048, 32, 228 << 10},
	{"10.0", "sm_100", 2048, 32, 228 << 10},
	{"12.0", "sm_120", 1536, 24, 100 << 10},
}

// The same on all of them.
const (
	warpThreads    = 32
	partitions     = 4        // of a multiprocessor, each with its part of the registers; a block's warps are dealt to them in turn
	registerFile   = 64 << 10 // of a multiprocessor, and the most a block may have
	registerGrain  = 256      // registers are given to a warp in so many
	sharedGrain    = 128      // bytes
	sharedReserved = 1 << 10  // bytes that the system takes for itself in each block
)

// occupancy is how many blocks of so many threads, registers a thread and bytes of shared memory run on a multiprocessor at a time, with
// all the memory that the card can give to shared memory. These are the rules of the CUDA occupancy calculator (cuda_occupancy.h):
//
//	warps         = threads / 32, rounded up
//	by threads    = (threads of the card / 32) / warps
//	by registers  = 4 (16,384 / (32 registers, rounded up to 256)) / warps
//	                (0 where a block, its warps rounded up to 4, needs more than 65,536)
//	by shared     = memory of the card / (shared + 1024, rounded up to 128)
//	blocks        = the least of them and of the card's number of blocks
func (c card) occupancy(threads, registers, shared int) int {
	warps := (threads + warpThreads - 1) / warpThreads
	blocks := min(c.blocks, c.threads/warpThreads/warps)
	perWarp := roundUp(max(registers, 1)*warpThreads, registerGrain)
	if perWarp*roundUp(warps, partitions) > registerFile {
		return 0
	}
	blocks = min(blocks, registerFile/partitions/perWarp*partitions/warps)
	return min(blocks, c.shared/roundUp(shared+sharedReserved, sharedGrain))
}

func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }
