package mailauth

import (
	"fmt"
	"os"
	"path/filepath"
)

// readSecret refuses a file that group or world may touch.
func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s may be read by others (mode %04o): make new keys, then chmod 600", filepath.Base(path), info.Mode().Perm())
	}
	return os.ReadFile(path)
}

// writeSecret makes a file whole, with mode 0600 from its first moment, on disk
// when it returns: written beside, fsynced, renamed, the folder fsynced.
func writeSecret(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // CreateTemp uses 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing there after the rename
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
