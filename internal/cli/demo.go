package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"aside/internal/config"
	"aside/internal/doctor"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/spf13/cobra"
)

// What the demo is made of. The domain is of RFC 2606's "test", which no resolver of the world knows.
const (
	demoDomain   = "in.acme.test"
	demoPassword = "blue-widget-44" // of sample people on a server that only this machine reaches
	demoHTTP     = "127.0.0.1:8090"
	demoMail     = "127.0.0.1:8026"
	demoPatience = 30 * time.Second // for all of the sample data; it takes one or two
)

// Demo is `aside demo`: the whole of Aside on loopback with sample data in a temporary folder. Around the real server it puts a
// small internet: a name server that knows every domain, a mail server that takes every letter, and a page where the letters are
// read and answered as their recipients would. Nothing leaves the machine.
//
// High-level approach: DataDir gives the folder before PocketBase opens; Command overrides the flags that lead outside, serves in
// a goroutine, fills in sample data through the real doors, and prints where to go once everything answers. PocketBase ends the
// process's servers at a signal; close, the outermost of its terminate handlers, takes down the rest and the folder.
type Demo struct {
	App      core.App
	Config   *config.Config
	SMTPAddr func() net.Addr // where the running SMTP door listens
	Doctor   *doctor.Doctor  // how the doctor's page looks around: it must not look outside

	runs    bool   // the command line asks for the demo
	dir     string // the temporary folder, "" when the operator named one
	http    string
	mail    string
	names   *demoNames
	catcher *catcher
	page    *http.Server
	failed  error
}

// DataDir is a new temporary folder when args run the demo, else "" for PocketBase's default. A folder named by --dir is left
// alone: PocketBase reads the flag itself, and the demo neither fills one with data in it nor removes it.
func (d *Demo) DataDir(args []string) string {
	named, help := false, false
	command := ""
	for _, arg := range args {
		named = named || arg == "--dir" || strings.HasPrefix(arg, "--dir=")
		help = help || arg == "-h" || arg == "--help"
		if command == "" && !strings.HasPrefix(arg, "-") {
			command = arg
		}
	}
	if d.runs = command == "demo" && !help; !d.runs || named {
		return ""
	}
	dir, err := os.MkdirTemp("", "aside-demo-") // 0700: the machine may have other users
	if err != nil {
		return ""
	}
	d.dir = dir
	return dir
}

// Out is where the server may greet: nowhere in the demo, which prints everything itself once the sample data is there.
func (d *Demo) Out(w io.Writer) io.Writer {
	if d.runs {
		return io.Discard
	}
	return w
}

// Command is the cobra command. App, Config and SMTPAddr must be set before.
func (d *Demo) Command() *cobra.Command {
	c := &cobra.Command{Use: "demo", Short: "Try Aside on this machine alone: sample data, caught mail, nothing leaves", Args: cobra.NoArgs,
		SilenceUsage: true, SilenceErrors: true, RunE: func(cmd *cobra.Command, _ []string) error {
			d.failed = d.run(cmd)
			return d.failed
		}}
	c.Flags().StringVar(&d.http, "http", demoHTTP, "loopback address of the inbox and the portal")
	c.Flags().StringVar(&d.mail, "mail", demoMail, "loopback address of the caught-mail page")
	d.App.OnTerminate().Bind(&hook.Handler[*core.TerminateEvent]{Id: "asideDemo", Priority: -1_000_000, Func: func(e *core.TerminateEvent) error {
		err := e.Next()
		d.close()
		return errors.Join(err, d.failed) // PocketBase drops what a command returns; main turns this into exit 1
	}})
	return c
}

func (d *Demo) run(cmd *cobra.Command) error {
	if n, err := d.App.CountRecords("projects"); err == nil && n > 0 {
		return errors.New("demo: --dir names a folder that has data in it; the demo wants an empty one")
	}
	web, notes, err := d.prepare(cmd)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- d.serve(web) }()
	ctx, cancel := context.WithTimeout(cmd.Context(), demoPatience)
	defer cancel()
	ready := make(chan error, 1)
	go func() { ready <- d.furnish(ctx) }()
	select {
	case err := <-served:
		return err
	case err := <-ready:
		if err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	d.announce(cmd.OutOrStdout(), notes)
	return <-served
}

// prepare takes the ports and turns everything that could lead outside to the demo's own servers.
func (d *Demo) prepare(cmd *cobra.Command) (web net.Listener, notes []string, err error) {
	if d.names, err = newDemoNames(demoDomain); err != nil {
		return nil, nil, err
	}
	if d.catcher, err = newCatcher(); err != nil {
		return nil, nil, err
	}
	ports := demoPorts{cmd: cmd}
	smtp := config.DefaultSMTP // what the environment says is for the real server
	if cmd.Flags().Changed("smtp") {
		smtp = d.Config.SMTP
	}
	web = ports.take("http", d.http)
	pages := ports.take("mail", d.mail)
	door := ports.free("smtp", smtp)
	if ports.err != nil {
		return nil, nil, ports.err
	}
	for flag, value := range map[string]string{"mailDomain": demoDomain, "smtp": door, "publicURL": "http://" + web.Addr().String(),
		"dns": d.names.addr(), "relay": "smtp://" + d.catcher.addr(), "smtpTrusted": "", "mxAllow": ""} {
		if err := cmd.Flags().Set(flag, value); err != nil {
			return nil, nil, fmt.Errorf("--%s: %w", flag, err)
		}
	}
	d.http, d.mail = web.Addr().String(), pages.Addr().String()
	_, port, _ := net.SplitHostPort(door)
	*d.Doctor = doctor.Doctor{Port: port, TimeURL: "http://" + d.mail + "/"}
	d.page = d.caughtMail()
	go d.page.Serve(pages) //nolint:errcheck // ends with close
	return web, ports.notes, nil
}

// serve is PocketBase's own, on the listener that is taken already. It returns at the end of the process.
func (d *Demo) serve(web net.Listener) error {
	d.App.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Listener = web
		return e.Next()
	})
	err := apis.Serve(d.App, apis.ServeConfig{HttpAddr: web.Addr().String()})
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// furnish waits for the server and fills in the sample data.
func (d *Demo) furnish(ctx context.Context) error {
	if err := answering(ctx, d.Config.PublicURL+"/healthz"); err != nil {
		return err
	}
	keys, err := (&Mail{App: d.App, Config: d.Config}).signer()
	if err != nil {
		return err
	}
	d.names.publish(keys.Records())
	if err := newSeed(d).run(ctx); err != nil {
		return fmt.Errorf("sample data: %w", err)
	}
	return answering(ctx, "http://"+d.mail+"/")
}

// answering waits until a page of ours is there.
func answering(ctx context.Context, url string) error {
	for {
		res, err := loopbackClient.Get(url)
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer", url)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// close takes down what PocketBase does not know of.
func (d *Demo) close() {
	if d.page != nil {
		d.page.Close()
	}
	if d.catcher != nil {
		d.catcher.close()
	}
	if d.names != nil {
		d.names.close()
	}
	if d.dir != "" {
		os.RemoveAll(d.dir)
	}
}

// announce is all the demo prints, once everything answers.
func (d *Demo) announce(w io.Writer, notes []string) {
	where := "The data is in " + d.dir + " until then."
	if d.dir == "" {
		where = "The data stays in " + d.App.DataDir() + "."
	}
	fmt.Fprintf(w, `
The demo is ready. Nothing leaves this machine: names, mail and pages are all on 127.0.0.1.

  Inbox         %[1]s/
                ada@acme.test   owner    password  %[3]s
                mel@acme.test   member   the same
                vic@acme.test   viewer   the same
  Caught mail   http://%[2]s/
                every letter Aside sent; read and answer it as the vendor, the customer or the agent
  SMTP door     %[4]s   for swaks and the like: to acme@%[5]s, or to a reply address
  Dashboard     %[1]s/_/   operator@acme.test, the same password

  Sign in as Ada, open #128 (the cracked widget), press New under Side conversations, write to bob@vendor.test.
  Then read what Bob got under Caught mail: answer it there, or by its View conversation button on the portal.

`, d.Config.PublicURL, d.mail, demoPassword, d.SMTPAddr(), demoDomain)
	for _, note := range notes {
		fmt.Fprintln(w, "  "+note)
	}
	fmt.Fprintln(w, "Ctrl-C stops it. "+where)
}
