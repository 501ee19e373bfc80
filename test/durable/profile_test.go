package durable

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"aside/internal/config"
	"aside/test"
)

// TestProfileDoor takes letters inside the test's own process and writes where its time went, that of the letters alone:
//
//	ASIDE_PROFILE=/tmp/cpu.out go test ./test/durable -run ProfileDoor -v
func TestProfileDoor(t *testing.T) {
	profile := os.Getenv("ASIDE_PROFILE")
	if profile == "" {
		t.Skip("for a profile only: ASIDE_PROFILE=FILE")
	}
	program, s := smtpload(t, benchPlace(t)), newSeed(t, participants, 9)
	if n := envInt("ASIDE_STORED", 0); n > 0 {
		s.dir = storing(t, s, n).dir
	}
	a := test.NewApp(t, test.In(s.dir), test.WithConfig(func(c *config.Config) {
		c.SMTPTrusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	}))

	letters := envInt("ASIDE_LETTERS", 8000)
	load := exec.Command(program, "-addr", a.SMTP, "-rcpt", strings.Join(s.to, ","), "-rcptmod", strconv.Itoa(participants), "-n", strconv.Itoa(letters),
		"-c", strconv.Itoa(envInt("ASIDE_CONNECTIONS", 64)), "-reuse", "10", "-size", strconv.Itoa(envInt("ASIDE_SIZE", 10_000)), "-dkim-key", rsaKey(t, a))
	file, err := os.Create(profile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	before := cpuTime()
	if err := pprof.StartCPUProfile(file); err != nil {
		t.Fatal(err)
	}
	out, err := load.CombinedOutput()
	pprof.StopCPUProfile()
	t.Logf("%s %v", out, err)
	t.Logf("%.2f ms CPU a letter", (cpuTime()-before)*1000/float64(letters))
}

// rsaKey makes the key that smtpload signs with, and publishes it.
func rsaKey(t testing.TB, a *test.App) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	a.DNS.TXT("s1._domainkey.load.test", "v=DKIM1; k=rsa; p="+base64.StdEncoding.EncodeToString(public))
	a.DNS.TXT("load.test", "v=spf1 ip4:127.0.0.1 -all")
	a.DNS.TXT("_dmarc.load.test", "v=DMARC1; p=none")
	path := filepath.Join(t.TempDir(), "rsa.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// cpuTime is what this process has used so far, in seconds.
func cpuTime() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
