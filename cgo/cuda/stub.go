//go:build !cgo || !cuda

package cuda

import "unsafe"

// Built says whether the CUDA backend is part of this build.
const Built = false

// Problem is why no device can be used.
func Problem() string { return ErrNoBackend.Error() }

// DriverFile is the file of the driver, "" when there is none.
func DriverFile() string { return "" }

// DriverVersion is the CUDA version of the driver, such as 13000; 0 without one.
func DriverVersion() int { return 0 }

// Count is the number of devices.
func Count() int { return 0 }

// Describe is the description of device i.
func Describe(int) (Info, error) { return Info{}, ErrNoBackend }

// The handles of the driver; in this build there are none.
type (
	Context  struct{}
	Module   struct{}
	Function struct{}
	Stream   struct{}
	Event    struct{}
	Graph    struct{}
	Counter  struct{}
)

// Open makes the primary context of device i current in the calling thread.
func Open(int) (*Context, error) { return nil, ErrNoBackend }

// Close gives the primary context back.
func (c *Context) Close() error { return ErrNoBackend }

// Load loads a fatbin or PTX.
func (c *Context) Load([]byte) (Module, error) { return Module{}, ErrNoBackend }

// Unload gives the module back.
func (m Module) Unload() error { return ErrNoBackend }

// Function finds a kernel of the module.
func (m Module) Function(string) (Function, error) { return Function{}, ErrNoBackend }

// Types asks the emulated driver for the types of a kernel's parameters.
func (m Module) Types(string) (types string, known bool) { return "", false }

// SetShared allows the kernel that many bytes of dynamic shared memory.
func (f Function) SetShared(int) error { return ErrNoBackend }

// Occupancy is that of launches with blocks of one size.
func (f Function) Occupancy(_, _ int) (Occupancy, error) { return Occupancy{}, ErrNoBackend }

// Launch queues a kernel.
func (f Function) Launch(_, _ [3]int, _ int, _ Stream, _ []uint64) error { return ErrNoBackend }

// Alloc is new device memory.
func (c *Context) Alloc(int) (uint64, error) { return 0, ErrNoBackend }

// FreeMemory gives memory of Alloc back.
func (c *Context) FreeMemory(uint64) error { return ErrNoBackend }

// MemInfo is free and total device memory in bytes.
func (c *Context) MemInfo() (free, total int64, err error) { return 0, 0, ErrNoBackend }

// AllocHost is new pinned host memory.
func (c *Context) AllocHost(int) (unsafe.Pointer, error) { return nil, ErrNoBackend }

// FreeHost gives memory of AllocHost back.
func (c *Context) FreeHost(unsafe.Pointer) error { return ErrNoBackend }

// NewStream is a stream that does not wait for the default stream.
func (c *Context) NewStream() (Stream, error) { return Stream{}, ErrNoBackend }

// Destroy ends the stream.
func (s Stream) Destroy() error { return ErrNoBackend }

// Sync waits for the stream.
func (s Stream) Sync() error { return ErrNoBackend }

// Wait makes later work of the stream wait for e.
func (s Stream) Wait(Event) error { return ErrNoBackend }

// NewCounter is a counter at 0.
func NewCounter() Counter { return Counter{} }

// Passed is how often the counter has counted.
func (c Counter) Passed() uint64 { return 0 }

// Count has the counter count one when all earlier work of the stream is done.
func (s Stream) Count(Counter) error { return ErrNoBackend }

// Handle is the driver's own handle, for libraries that take one.
func (s Stream) Handle() unsafe.Pointer { return nil }

// Fill sets n bytes at dst to b.
func (s Stream) Fill(uint64, byte, int) error { return ErrNoBackend }

// ToDevice copies n bytes from host memory.
func (s Stream) ToDevice(uint64, unsafe.Pointer, int) error { return ErrNoBackend }

// ToHost copies n bytes to host memory.
func (s Stream) ToHost(unsafe.Pointer, uint64, int) error { return ErrNoBackend }

// Copy copies n bytes on the device.
func (s Stream) Copy(uint64, uint64, int) error { return ErrNoBackend }

// BeginCapture turns later work of the stream into nodes of a graph instead of running it.
func (s Stream) BeginCapture() error { return ErrNoBackend }

// EndCapture is the graph captured, ready to launch.
func (s Stream) EndCapture() (Graph, error) { return Graph{}, ErrNoBackend }

// Launch queues the whole graph.
func (g Graph) Launch(Stream) error { return ErrNoBackend }

// Destroy gives the graph back.
func (g Graph) Destroy() error { return ErrNoBackend }

// NewEvent is an event that measures time when timed.
func (c *Context) NewEvent(bool) (Event, error) { return Event{}, ErrNoBackend }

// Record marks the present end of the stream.
func (e Event) Record(Stream) error { return ErrNoBackend }

// Sync waits until the work before the mark is done.
func (e Event) Sync() error { return ErrNoBackend }

// Since is the seconds from another timed event to e.
func (e Event) Since(Event) (float64, error) { return 0, ErrNoBackend }

// Destroy gives the event back.
func (e Event) Destroy() error { return ErrNoBackend }
