package intake

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"aside/internal/smtpd"

	"github.com/pocketbase/pocketbase/core"
)

// TestM17_AReadingThatPanicsIsKeptForTheDeveloper has no Checker, so that judging a letter panics.
func TestM17_AReadingThatPanicsIsKeptForTheDeveloper(t *testing.T) {
	in := &Intake{App: core.NewBaseApp(core.BaseAppConfig{DataDir: t.TempDir()})}
	raw := []byte("From: a@b.test\r\n\r\nx\r\n")
	if err := in.Receive(t.Context(), &smtpd.Envelope{Data: raw}); err == nil || !strings.Contains(err.Error(), "panic at a letter") {
		t.Fatalf("it says %v", err)
	}
	there, err := os.ReadDir(in.App.DataDir() + "/" + poisonDir)
	if err != nil || len(there) != 2 {
		t.Fatalf("kept: %v %v", there, err)
	}
}

func TestM17_WhatIsKeptIsBounded(t *testing.T) {
	dir := t.TempDir()
	for i := range poisonLetters + 10 {
		if err := savePoison(dir, fmt.Appendf(nil, "letter %d", i), "here"); err != nil {
			t.Fatal(err)
		}
	}
	if there, _ := os.ReadDir(dir); len(there) != 2*poisonLetters {
		t.Errorf("%d files are kept", len(there))
	}
	if err := savePoison(t.TempDir(), make([]byte, poisonBytes+1), "here"); err != nil {
		t.Error(err)
	}
}
