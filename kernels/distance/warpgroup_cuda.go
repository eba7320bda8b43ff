package distance

import (
	"fmt"
	"os"

	"udml-gpu/kernels"
)

// The sizes of include/warpgroup_memory.cuh.
const (
	groupFigures = 8    // tiles of y whose figures are there
	groupAlign   = 1024 // what chunks begin at multiples of
	groupBars    = 192  // bytes of mbarriers

	// Bytes of the epilogues: of TopK for each of 256 rows, of the others for each of two rows of 512 threads, or four of 256.
	topKRest = 2 * gpuTile * 8
	bestRest = 1024 * 8
	mostRest = bestRest
)

// groupThreads are a block's, by tileFormat: four warpgroups that multiply, or two where rows are split, and one that copies.
var groupThreads = [3]int{384, 640, 640}

// groupBlocks is gpuBlocks where one block fits a multiprocessor. A test makes it small.
var groupBlocks = 132

// groupChunks is how many chunks a row has at most, by tileFormat: 128 elements where split, else 192.
var groupChunks = [3]int{4, 3, 3}

// groupKernels are the kernels of one search by warpgroups, by tileFormat, of rows of one chunk, of two and so on.
type groupKernels struct {
	of   [3][]*kernels.Kernel
	rest int // the epilogue's shared memory
}

func newGroupKernels(name string, rest int) groupKernels {
	k := groupKernels{rest: rest}
	for f, most := range groupChunks {
		for chunks := 1; chunks <= most; chunks++ {
			elements := chunks * tileFormat(f).depth()
			full := fmt.Sprintf("%s_groups_%s_%d", name, formatNames[f], elements)
			k.of[f] = append(k.of[f], kernels.NewHopperKernel(full, groupShared(chunks)+rest))
		}
	}
	return k
}

// groupShared is the dynamic shared memory that warpgroup_walk takes for rows of so many chunks.
func groupShared(chunks int) int {
	stages := 6 // chunks of y
	if chunks > 3 {
		stages = 5
	}
	return groupBars + groupAlign + groupFigures*gpuTile*8 + (2*chunks+stages)*chunkBytes
}

// byGroups is false with UDML_NO_WGMMA=1, and in tests that compare with the usual kernels.
var byGroups = os.Getenv("UDML_NO_WGMMA") != "1"

// groups says whether searches that can multiply by warpgroups do.
func (t tiling) groups() bool {
	return byGroups && t.chunks <= groupChunks[t.format] && t.dev.Hopper(groupShared(t.chunks)+mostRest)
}

// groupParts are parts where a block takes two tiles of x.
func groupParts(xTiles, yTiles, most int) (count, per int) {
	return partsFor((xTiles+1)/2, yTiles, most, groupBlocks)
}

// walkGroups is walk by warpgroups.
func (t tiling) walkGroups(k groupKernels, x, y operand, count, per int, args ...kernels.Arg) {
	l := kernels.Launch{
		Grid: kernels.Dim{X: (x.tiles + 1) / 2, Y: count}, Block: kernels.Dim{X: groupThreads[t.format]},
		Shared: groupShared(t.chunks) + k.rest,
	}
	t.dev.Launch(k.of[t.format][t.chunks-1], l, t.arguments(x, y, per, args)...)
}

// walkAny is walk by whichever multiplies faster, for results that any parts of y give.
func (t tiling) walkAny(k walkKernels, groups groupKernels, x, y operand, args ...kernels.Arg) {
	if t.groups() {
		count, per := groupParts(x.tiles, y.tiles, y.tiles)
		t.walkGroups(groups, x, y, count, per, args...)
		return
	}
	count, per := parts(x.tiles, y.tiles, gpuBlocks)
	t.walk(k, x, y, count, per, 0, args...)
}
