package durable

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func interop(t testing.TB) {
	t.Helper()
	if os.Getenv("ASIDE_INTEROP") == "" {
		t.Skip("real mail servers, as root: make interop")
	}
	if os.Getuid() != 0 {
		t.Skip("Postfix and Exim of one's own need root")
	}
}

// TestInterop_PostfixDrainsThroughKills gives a real Postfix a queue for us, over STARTTLS and in clear, and kills the server again and
// again while it comes. Postfix has what was not answered; in the end every letter is there once.
func TestInterop_PostfixDrainsThroughKills(t *testing.T) {
	interop(t)
	requires(t, "postfix", "smtp-source")
	for name, level := range map[string]string{"over STARTTLS": "encrypt", "in clear, several letters a connection": "none"} {
		t.Run(name, func(t *testing.T) {
			s := newSeed(t, 60, 0)
			d := newDaemon(t, s)
			d.start()
			p := startPostfix(t, d.smtp, level)
			const each, kills = 5, 12
			for i, to := range s.to {
				p.inject(t, s.from[i], to, each)
			}
			total := each * len(s.to)
			for range kills {
				time.Sleep(400 * time.Millisecond)
				d.kill()
				time.Sleep(100 * time.Millisecond)
				d.start()
				p.Flush()
			}
			p.drained(t, 90*time.Second)
			db := d.open()
			defer db.Close()
			n := count(t, db, "SELECT (SELECT count(*) FROM side_messages WHERE direction = 'in') + (SELECT count(*) FROM held_mail)")
			if n != total {
				t.Errorf("Postfix sent %d letters, %d are there", total, n)
			}
			d.check(&log{})
			t.Logf("%d letters through %d kills", n, kills)
		})
	}
}

// TestInterop_Clients hands letters over with programs that others wrote, to the built server.
func TestInterop_Clients(t *testing.T) {
	interop(t)
	s := newSeed(t, 20, 0)
	d := newDaemon(t, s)
	d.start()
	_, port, _ := net.SplitHostPort(d.smtp)
	want := 0
	for i, command := range []string{
		"swaks --server 127.0.0.1 --port PORT --helo mail.load.test --from FROM --to TO --header-From FROM --header-To TO --pipeline",
		"swaks --server 127.0.0.1 --port PORT --helo mail.load.test --from FROM --to TO --header-From FROM --header-To TO --tls",
		"msmtp --host=127.0.0.1 --port=PORT --from=FROM --auth=off --tls=on --tls-starttls=on --tls-certcheck=off TO",
		"smtp-source -c -s 5 -m 20 -l 20000 -f FROM -t TO 127.0.0.1:PORT",
	} {
		program, _, _ := strings.Cut(command, " ")
		if _, err := exec.LookPath(program); err != nil {
			t.Logf("%s is not installed", program)
			continue
		}
		args := strings.Fields(strings.NewReplacer("PORT", port, "FROM", s.from[i], "TO", s.to[i]).Replace(command))
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stdin = strings.NewReader(fmt.Sprintf("From: %s\nTo: %s\nSubject: from %s\nMessage-ID: <%d@load.test>\n\nHello.\n", s.from[i], s.to[i], program, time.Now().UnixNano()))
		if out, err := cmd.CombinedOutput(); err != nil {
			if strings.Contains(string(out), "TLS not available") {
				t.Log("swaks has no TLS here")
				continue
			}
			t.Errorf("%s: %v\n%s", command, err, out)
			continue
		}
		if want++; program == "smtp-source" {
			want += 19
		}
	}
	db := d.open()
	defer db.Close()
	if n := count(t, db, "SELECT (SELECT count(*) FROM side_messages WHERE direction = 'in') + (SELECT count(*) FROM held_mail)"); n != want {
		t.Errorf("%d letters were handed over, %d are there", want, n)
	}
}

// TestInterop_Exim lets Exim relay to us: it sends BDAT where CHUNKING is offered (RFC 3030), over STARTTLS, and pipelines.
// ASIDE_EXIM names the program where it is not installed (Debian does not let it stand beside Postfix).
func TestInterop_Exim(t *testing.T) {
	interop(t)
	exim := os.Getenv("ASIDE_EXIM")
	if exim == "" {
		exim = "exim4"
	}
	requires(t, exim)
	for name, chunking := range map[string]string{"with CHUNKING": "*", "without": ""} {
		t.Run(name, func(t *testing.T) {
			s := newSeed(t, 10, 0)
			d := newDaemon(t, s)
			d.start()
			_, port, _ := net.SplitHostPort(d.smtp)
			dir := t.TempDir()
			openUp(t, dir)
			if out, err := exec.Command("chown", "mail:mail", dir).CombinedOutput(); err != nil { // Exim delivers nothing as root
				t.Skipf("no user mail: %v %s", err, out)
			}
			conf := filepath.Join(dir, "exim.conf")
			text := fmt.Sprintf("exim_path = "+exim+"\nexim_user = mail\nexim_group = mail\nspool_directory = %[1]s/spool\nlog_file_path = %[1]s/log-%%s\nprimary_hostname = mail.load.test\nkeep_environment =\n"+
				"untrusted_set_sender = *\nbegin routers\nall:\n  driver = manualroute\n  route_list = * 127.0.0.1\n  self = send\n  transport = out\nbegin transports\nout:\n  driver = smtp\n  port = %[2]s\n"+
				"  hosts_try_chunking = %[3]s\n  hosts_require_tls = *\n  tls_verify_hosts =\n  tls_try_verify_hosts =\n  allow_localhost\n", dir, port, chunking)
			if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			dialog := "" // the last one's
			for i := range s.to {
				cmd := exec.Command(exim, "-C", conf, "-v", "-i", "-odi", "-f", s.from[i], s.to[i])
				cmd.Stdin = strings.NewReader(fmt.Sprintf("From: %s\nTo: %s\nSubject: from Exim\n\n.\n..two\n%s\n", s.from[i], s.to[i], strings.Repeat("A line of text.\n", 2000*i)))
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("exim: %v %s", err, out)
				}
				dialog = string(out)
			}
			db := d.open()
			defer db.Close()
			if n := count(t, db, "SELECT count(*) FROM side_messages WHERE body LIKE '%..two%'"); n != len(s.to) {
				main, _ := os.ReadFile(filepath.Join(dir, "log-main"))
				panics, _ := os.ReadFile(filepath.Join(dir, "log-panic"))
				t.Errorf("%d of %d letters came whole\n%s%s", n, len(s.to), main, panics)
			}
			if used := strings.Contains(dialog, "BDAT "); used != (chunking != "") {
				t.Errorf("BDAT used: %t\n%s", used, dialog)
			}
		})
	}
}
