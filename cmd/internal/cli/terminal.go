//go:build linux || darwin

package cli

import (
	"os"
	"syscall"
	"unsafe"
)

// terminal returns how many columns a terminal has; where it does not tell, how many a line has before it is broken.
func terminal(f *os.File) int {
	var size struct{ rows, columns, x, y uint16 }
	_, _, failed := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
	if failed != 0 || size.columns == 0 {
		return width
	}
	return int(size.columns)
}
