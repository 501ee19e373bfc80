package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"aside/internal/smtpd"
)

// What is kept of letters that the program stumbled over: enough to find the fault, too little to fill a disk. Kept are the first
// ones; the developer takes them away.
const (
	poisonDir     = "poison" // in the data folder
	poisonLetters = 50
	poisonBytes   = 64 << 20
)

// panicked is a fault of ours at one letter: the sender is asked to come again, and other letters go on (M-17, R-8).
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic at a letter: %v\n%s", p.value, p.stack) }

// guard turns a panic into an error.
func guard(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{p, debug.Stack()}
		}
	}()
	return do()
}

// keepPoison stores a letter that made the program panic, with where it did, for the developer alone. A letter that comes again is
// kept once.
func (in *Intake) keepPoison(e *smtpd.Envelope, err error) {
	var p *panicked
	if !errors.As(err, &p) {
		return
	}
	if err := savePoison(filepath.Join(in.App.DataDir(), poisonDir), e.Data, p.Error()); err != nil {
		in.App.Logger().Error("a letter that made the program panic could not be kept", "error", err)
	}
}

func savePoison(dir string, raw []byte, where string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	taken := int64(len(raw))
	for _, entry := range there {
		if info, err := entry.Info(); err == nil {
			taken += info.Size()
		}
	}
	if len(there) >= 2*poisonLetters || taken > poisonBytes { // a letter and where it happened
		return nil
	}
	sum := sha256.Sum256(raw)
	name := filepath.Join(dir, hex.EncodeToString(sum[:8]))
	return errors.Join(os.WriteFile(name+".eml", raw, 0o600), os.WriteFile(name+".txt", []byte(where), 0o600))
}

// ForgetPoison deletes the kept letters of which names says that they are to go, with the account of what happened at them.
func ForgetPoison(dataDir string, names func(raw []byte) bool) error {
	kept, err := filepath.Glob(filepath.Join(dataDir, poisonDir, "*.eml"))
	if err != nil {
		return err
	}
	for _, name := range kept {
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !names(raw) {
			continue
		}
		if err := errors.Join(os.Remove(name), os.Remove(strings.TrimSuffix(name, ".eml")+".txt")); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
