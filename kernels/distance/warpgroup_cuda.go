package distance

import (
	"os"

	"udml-gpu/kernels"
)

// The sizes of include/warpgroup_walk.cuh.
const (
	groupRows    = 2 * gpuTile // rows of x that a block takes
	groupThreads = 384         // of a block
	groupStages  = 6           // chunks of y in shared memory
	groupFigures = 8           // tiles of y whose figures are there
	groupChunks  = 3           // of a row, at most
	groupAlign   = 1024        // what chunks begin at multiples of
	groupBars    = 128         // bytes of mbarriers

	// groupBlocks is gpuBlocks where one block fits a multiprocessor.
	groupBlocks = 132
)

// nearestGroups are the kernels of rows of one chunk, of two and of three.
var nearestGroups = [groupChunks]*kernels.Kernel{
	kernels.NewHopperKernel("distance_nearest_groups_64", groupShared(1)),
	kernels.NewHopperKernel("distance_nearest_groups_128", groupShared(2)),
	kernels.NewHopperKernel("distance_nearest_groups_192", groupShared(3)),
}

// groupShared is the dynamic shared memory that warpgroup_walk takes for rows of so many chunks.
func groupShared(chunks int) int {
	return groupBars + groupAlign + groupFigures*gpuTile*8 + (2*chunks+groupStages)*chunkBytes
}

// byGroups is false with UDML_NO_WGMMA=1, and in tests that compare with the usual kernels.
var byGroups = os.Getenv("UDML_NO_WGMMA") != "1"

// groups says whether the search for the nearest multiplies by warpgroups.
func (t tiling) groups() bool {
	return byGroups && t.format == tileBF16 && t.chunks <= groupChunks && t.dev.Hopper(groupShared(t.chunks))
}

// walkGroups is walk of nearestGroups.
func (t tiling) walkGroups(x, y operand, args ...kernels.Arg) {
	blocks := (x.tiles + 1) / 2
	count, per := partsFor(blocks, y.tiles, y.tiles, groupBlocks)
	l := kernels.Launch{Grid: kernels.Dim{X: blocks, Y: count}, Block: kernels.Dim{X: groupThreads}, Shared: groupShared(t.chunks)}
	t.dev.Launch(nearestGroups[t.chunks-1], l, t.arguments(x, y, per, args)...)
}
