package kernels

import "unsafe"

// OpenHandle sets a library up on the GPU: open runs on the thread of Queue, in whose context the handle then is, and
// OpenHandle waits for it. problem and wrong are what the search for the library gave. Where problem is not "", open is
// not called, and wrong, unless nil, is a fault of the device that names the call. That open fails is no fault: ops can do
// without the library. why says why there is no handle, and is "" where there is one or where the device broke earlier.
func OpenHandle[H any](d *Device, call, problem string, wrong error, open func() (H, error)) (handle H, why string) {
	why = problem
	d.QueueSync(call, func(unsafe.Pointer) error {
		if problem != "" {
			return wrong
		}
		h, err := open()
		if err != nil {
			why = err.Error()
			return nil
		}
		handle = h
		return nil
	})
	return handle, why
}
