package kernels

import "sync"

// remarks are what a device has to say to its user that is no fault.
type remarks struct {
	sync.Mutex
	said map[string]bool
	tell func(text string)
}

// OnRemark has tell called with what the device has to say that is no fault, such as that a library leaves work to slower code. Each
// text comes once. tell may be called in any goroutine, one call at a time, and must not use the device.
func (d *Device) OnRemark(tell func(text string)) {
	d.remarks.Lock()
	defer d.remarks.Unlock()
	d.remarks.tell = tell
}

// Remark is told to the user, once for each text.
func (d *Device) Remark(text string) {
	d.remarks.Lock()
	defer d.remarks.Unlock()
	if d.remarks.tell == nil || d.remarks.said[text] {
		return
	}
	if d.remarks.said == nil {
		d.remarks.said = map[string]bool{}
	}
	d.remarks.said[text] = true
	d.remarks.tell(text)
}
