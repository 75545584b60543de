package store

import (
	"syscall"
	"testing"
)

// cpu reports the processor time of an operation, which a busy machine does not change as much as it does the clock's.
func cpu(b *testing.B) func() {
	var from syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &from)
	return func() {
		var to syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &to)
		spent := to.Utime.Nano() + to.Stime.Nano() - from.Utime.Nano() - from.Stime.Nano()
		b.ReportMetric(float64(spent)/float64(b.N), "cpu-ns/op")
	}
}
