package durable

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aside/internal/desk"
	"aside/test"
	"aside/test/fake"

	"github.com/pocketbase/pocketbase/core"
)

// queueLength is how many letters each side of PF-10 empties its queue of.
const queueLength = 2000

// sinkLetter is a short letter as people write them.
var sinkLetter = "From: a@in.test\r\nTo: b@sink.test\r\nSubject: Hinge\r\nMessage-ID: <x@in.test>\r\n\r\n" + strings.Repeat(strings.Repeat("Hinges and screws. ", 4)+"\r\n", 25)

// TestPF10_TheQueueAgainstPostfix empties a durable queue into smtp-sink, ours and Postfix's in turn, and prints the ratio. It runs when
// ASIDE_BENCH_OUT is set: it needs Postfix, a quiet machine and a minute.
func TestPF10_TheQueueAgainstPostfix(t *testing.T) {
	if os.Getenv("ASIDE_BENCH_OUT") == "" {
		t.Skip("set ASIDE_BENCH_OUT to measure")
	}
	requires(t, "smtp-sink", "smtp-source", "postfix", "postqueue", "postconf")
	sink := freeAddr(t)
	cmd := exec.Command("smtp-sink", "-u", "nobody", "-c", sink, "500")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	var ours, theirs []float64
	for range 3 {
		ours, theirs = append(ours, drainOurs(t, "--relay", "smtp://"+sink)), append(theirs, drainPostfix(t, sink))
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	t.Logf("PF-10: Aside %.0f/s, Postfix %.0f/s, ratio %.2f (medians of %v and %v)", ours[1], theirs[1], ours[1]/theirs[1], ours, theirs)
}

// TestPF10_StraightToOneDomain empties the queue into one domain's own mail server, over STARTTLS, four letters at once as a domain gets
// at most. Letters that wait share connections; it says how many a connection carried.
func TestPF10_StraightToOneDomain(t *testing.T) {
	if os.Getenv("ASIDE_BENCH_OUT") == "" {
		t.Skip("set ASIDE_BENCH_OUT to measure")
	}
	ip := loopbackNet + ".99"
	if taken(ip) {
		t.Skip("port 25 of loopback cannot be had: it needs root")
	}
	mx := fake.NewMXAt(t, ip+":25").StartTLS(fake.SelfSigned(t, "mx.sink.test"))
	names := fake.NewDNS(t).MX("sink.test", 10, "mx.sink.test").A("mx.sink.test", ip)
	rate := drainOurs(t, "--dns", names.Addr(), "--mxAllow", ip+"/32")
	each := float64(len(mx.Letters())) / float64(mx.Sessions())
	t.Logf("PF-10 straight to one domain over TLS: %.0f/s, %.1f letters a connection", rate, each)
	if each < 5 {
		t.Errorf("%d letters took %d connections", len(mx.Letters()), mx.Sessions())
	}
}

// drainOurs queues letters while nothing runs, and measures from the start of the server until the last is written down as sent. road
// are the flags that say where to.
func drainOurs(t *testing.T, road ...string) float64 {
	a := test.NewApp(t)
	team := a.NewTeam()
	err := a.RunInTransaction(func(tx core.App) error {
		for i := range queueLength {
			d := desk.NewDelivery{ID: core.GenerateDefaultRandomId(), Project: team.Project.Id, Recipient: fmt.Sprintf("p%d@sink.test", i), Sender: "bounce@in.test", Raw: []byte(sinkLetter), Due: time.Now().Add(time.Hour)}
			if _, err := desk.QueueDelivery(tx, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	a.Stop()
	d := newDaemon(t, &seed{dir: a.Dir()})
	d.args = append([]string{"--mailDomain", "in.test"}, road...)
	db := d.open()
	defer db.Close()
	if _, err := db.Exec("UPDATE deliveries SET nextAttempt = '2020-01-01 00:00:00.000Z'"); err != nil {
		t.Fatal(err)
	}
	d.start()
	began := time.Now()
	before := count(t, db, "SELECT count(*) FROM deliveries WHERE state = 'sent'")
	for count(t, db, "SELECT count(*) FROM deliveries WHERE state != 'sent'") > 0 {
		if time.Sleep(5 * time.Millisecond); time.Since(began) > time.Minute {
			t.Fatalf("%d are left after a minute\n%s", count(t, db, "SELECT count(*) FROM deliveries WHERE state != 'sent'"), d.log.String())
		}
	}
	rate := float64(queueLength-before) / time.Since(began).Seconds()
	t.Logf("Aside: %d letters in %v, %.0f/s, peak memory %d MiB", queueLength-before, time.Since(began).Round(time.Millisecond), rate, memory(t, d.pid(), "VmHWM")>>20)
	d.kill()
	return rate
}

// drainPostfix fills a Postfix of its own whose queue is held, lets it go, and measures until the queue is empty.
func drainPostfix(t *testing.T, sink string) float64 {
	dir, err := os.MkdirTemp(shared, "postfix-")
	if err != nil {
		t.Fatal(err)
	}
	_ = os.Chmod(dir, 0o755)
	conf, in := filepath.Join(dir, "conf"), freeAddr(t)
	must := func(name string, args ...string) string {
		out, err := exec.Command(name, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	must("sh", "-c", fmt.Sprintf(`mkdir -p %[1]s/conf %[1]s/spool %[1]s/data && chown postfix %[1]s/data && cp /etc/postfix/master.cf %[1]s/conf/ && sed -i 's/^smtp  *inet.*/%[2]s inet n - n - - smtpd/; s/^\([a-z]*  *unix  *[-a-z]  *[-a-z]  *\)y/\1n/' %[1]s/conf/master.cf`, dir, in))
	main := fmt.Sprintf("compatibility_level = 3.6\nqueue_directory = %[1]s/spool\ndata_directory = %[1]s/data\nmyhostname = in.test\nmydestination =\nrelayhost = [%[2]s]:%[3]s\nmynetworks = 127.0.0.0/8\ninet_interfaces = loopback-only\n"+
		"maillog_file = /dev/stdout\ndefault_destination_concurrency_limit = 20\ninitial_destination_concurrency = 20\nsmtp_connection_cache_destinations = [%[2]s]:%[3]s\nsmtpd_client_connection_count_limit = 0\nlocal_recipient_maps =\nalias_maps =\nsmtp_tls_security_level = none\ndefault_process_limit = 100\n", dir, strings.Split(sink, ":")[0], strings.Split(sink, ":")[1])
	if err := os.WriteFile(filepath.Join(conf, "main.cf"), []byte(main+"defer_transports = smtp\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	must("postfix", "-c", conf, "start")
	defer func() { _ = exec.Command("postfix", "-c", conf, "stop").Run() }()
	waitUntil(t, "Postfix greets", func() bool { return greeted(in) })
	must("smtp-source", "-c", "-s", "20", "-m", fmt.Sprint(queueLength), "-l", fmt.Sprint(len(sinkLetter)), "-f", "a@in.test", "-t", "b@sink.test", in)
	waiting := func() int {
		n, _ := filepath.Glob(filepath.Join(dir, "spool", "deferred", "*", "*"))
		m, _ := filepath.Glob(filepath.Join(dir, "spool", "active", "*"))
		i, _ := filepath.Glob(filepath.Join(dir, "spool", "incoming", "*"))
		return len(n) + len(m) + len(i)
	}
	waitUntil(t, "Postfix has all in its deferred queue", func() bool {
		n, _ := filepath.Glob(filepath.Join(dir, "spool", "deferred", "*", "*"))
		return len(n) >= queueLength
	})
	if err := os.WriteFile(filepath.Join(conf, "main.cf"), []byte(main), 0o644); err != nil {
		t.Fatal(err)
	}
	must("postfix", "-c", conf, "reload")
	began := time.Now()
	must("postqueue", "-c", conf, "-f")
	waitUntil(t, "Postfix's queue is empty", func() bool { return waiting() == 0 })
	rate := queueLength / time.Since(began).Seconds()
	t.Logf("Postfix: %d letters in %v, %.0f/s", queueLength, time.Since(began).Round(time.Millisecond), rate)
	return rate
}

func waitUntil(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// TestPF4_FromSendToTheRelay measures, one letter after another, from the request to the letter in the relay's hands.
func TestPF4_FromSendToTheRelay(t *testing.T) {
	if os.Getenv("ASIDE_BENCH_OUT") == "" {
		t.Skip("set ASIDE_BENCH_OUT to measure")
	}
	s := newWriting(t)
	mx := fake.NewMX(t)
	d := newDaemon(t, s.seed)
	d.args = []string{"--mailDomain", "in.test", "--dns", s.dns, "--relay", "smtp://" + mx.Addr()}
	d.start()
	const letters = 300
	var p99 []time.Duration
	for round := range 3 {
		times := make([]time.Duration, 0, letters)
		for i := round * letters; i < (round+1)*letters; i++ {
			began := time.Now()
			if !s.post(d, i, 1) {
				t.Fatal("no answer")
			}
			times = append(times, mx.Wait(t, i+1)[i].At.Sub(began))
		}
		slices.Sort(times)
		t.Logf("PF-4: p50 %v, p99 %v", times[letters/2].Round(time.Microsecond), times[letters*99/100].Round(time.Microsecond))
		p99 = append(p99, times[letters*99/100])
	}
	slices.Sort(p99)
	if p99[1] > 100*time.Millisecond {
		t.Errorf("PF-4: p99 is %v (the median of %v), over 100 ms", p99[1], p99)
	}
}
