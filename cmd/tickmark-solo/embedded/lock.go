package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// A lock is a file descriptor, and not an *os.File, which would be closed, and
// the lock lost, once the caller of Start lets go of a running Server.
type lock int

// lockDir makes dir this server's own until the lock is released, or the
// process ends however it ends.
func lockDir(dir string) (lock, error) {
	fd, err := syscall.Open(filepath.Join(dir, "lock"), syscall.O_RDWR|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return 0, fmt.Errorf("lock %s: %w", dir, err)
	}
	l := lock(fd)
	if err := syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer l.release()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return 0, fmt.Errorf("lock %s: %w", dir, err)
		}
		holder := make([]byte, 20)
		n, _ := syscall.Pread(fd, holder, 0)
		return 0, fmt.Errorf("%s is in use by another instance (process %s): stop that one, or choose another directory",
			dir, strings.TrimSpace(string(holder[:max(n, 0)])))
	}
	// Who has it is only for the message above.
	_ = syscall.Ftruncate(fd, 0)
	_, _ = syscall.Pwrite(fd, []byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return l, nil
}

func (l lock) release() { _ = syscall.Close(int(l)) }
