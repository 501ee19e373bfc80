package safehtml

import (
	"encoding/json"
	"fmt"
	"html"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const (
	chromium    = "/usr/bin/chromium"
	pageHost    = "page.test" // reached through the proxy, as everything is
	browserTime = 55 * time.Second
	frameCSP    = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; sandbox"
)

// A bench is a browser whose every request ends here: the server is its proxy for all hosts, so that what a
// payload asks for is seen whatever its scheme, and nothing leaves the machine.
type bench struct {
	mux  *http.ServeMux
	done chan string

	mu    sync.Mutex
	asked []string
}

func (b *bench) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Host == pageHost && r.Method != http.MethodConnect {
		b.mux.ServeHTTP(w, r)
		return
	}
	if !ownHost(r.Host) {
		b.mu.Lock()
		b.asked = append(b.asked, r.Method+" "+r.Host+" "+r.URL.String())
		b.mu.Unlock()
	}
	http.Error(w, "refused", http.StatusForbidden)
}

// ownHost: what the browser asks for by itself, with an empty page too.
func ownHost(h string) bool {
	host, _, err := net.SplitHostPort(h)
	if err != nil {
		host = h
	}
	switch host {
	case "accounts.google.com", "clients2.google.com", "www.googleapis.com", "redirector.gvt1.com", "edgedl.me.gvt1.com", "android.clients.google.com", "mtalk.google.com":
		return true
	}
	return strings.HasSuffix(host, ".googleapis.com")
}

// browse opens the page and gives what its script reports at its end.
func (b *bench) browse(t *testing.T, path string) (report string, asked []string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: b}
	go srv.Serve(l)
	defer srv.Close()
	b.mux.HandleFunc("POST /done", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		b.done <- r.FormValue("report")
	})
	cmd := exec.Command(chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--disable-default-apps", "--disable-extensions", "--disable-dev-shm-usage", "--disable-features=OptimizationHints,MediaRouter,Translate,IsolateSandboxedIframes",
		"--user-data-dir="+t.TempDir(), "--proxy-server=http://"+l.Addr().String(), "--proxy-bypass-list=<-loopback>", "http://"+pageHost+path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Skip("chromium does not start:", err)
	}
	defer func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its own group: this browser and its children
		cmd.Wait()
		time.Sleep(200 * time.Millisecond) // let the profile folder go quiet before it is removed
	}()
	select {
	case report = <-b.done:
	case <-time.After(browserTime):
		t.Fatal("the page did not report in time")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return report, b.asked
}

func newBench(t *testing.T) *bench {
	if testing.Short() {
		t.Skip("short: no browser")
	}
	if _, err := os.Stat(chromium); err != nil {
		t.Skip("no " + chromium)
	}
	return &bench{mux: http.NewServeMux(), done: make(chan string, 1)}
}

// hooks note every way a payload says it ran.
const hooks = `<script>
window.__hit = [];
for (const f of ["alert","confirm","prompt","print","open","postMessage"]) window[f] = (...a) => { __hit.push(f + ":" + String(a[0]).slice(0,60)); };
window.addEventListener("message", e => __hit.push("message:" + String(e.data).slice(0,60)));
window.addEventListener("beforeunload", () => __hit.push("unload"));
const report = () => fetch("/done", {method:"POST", body:new URLSearchParams({report:JSON.stringify(__hit)})});
</script>`

// user does to every element what a person might, and lets no click through but notes where it would lead.
const user = `<script>
addEventListener("click", e => { const a = e.target.closest && e.target.closest("a[href]"); if (a) { e.preventDefault(); if (!/^(https?|mailto):$/.test(a.protocol)) __hit.push("link:" + a.href.slice(0,80)); } }, true);
addEventListener("submit", e => { e.preventDefault(); __hit.push("submit"); }, true);
const act = root => { for (const el of root.querySelectorAll("*")) {
  for (const n of ["mouseover","mouseenter","pointerover","mousedown","mouseup","click","auxclick","dblclick","focus","focusin","blur","keydown","dragstart","scroll","wheel","animationstart","toggle","copy","paste"])
    try { el.dispatchEvent(new MouseEvent(n, {bubbles:true, cancelable:true})); } catch (x) {}
  if (el.focus) el.focus();
  const p = getComputedStyle(el).position; if (p === "fixed" || p === "absolute") __hit.push("position:" + el.outerHTML.slice(0,80));
} };
</script>`

// TestX01_CleanedAloneInChromium loads what Clean makes of every payload into a page with no other defence, both as
// the parser meets it and by innerHTML, and acts on every element.
func TestX01_CleanedAloneInChromium(t *testing.T) {
	all := payloads(t)
	b := newBench(t)
	var page strings.Builder
	var outs []string
	page.WriteString("<!DOCTYPE html><meta charset=utf-8><link rel=icon href=data:,>" + hooks + user + "<main>")
	for _, p := range all {
		out := string(Clean(p.HTML, nil))
		outs = append(outs, out)
		fmt.Fprintf(&page, "<div class=\"case\">%s</div>", out)
	}
	page.WriteString(`</main><div id=inner></div><script>
if (document.querySelectorAll("main > div.case").length !== ` + strconv.Itoa(len(all)) + `) __hit.push("a case escaped its box");
fetch("/cases").then(r => r.json()).then(cases => {
  for (const c of cases) { const d = document.createElement("div"); d.innerHTML = c; inner.append(d); }
  act(document.querySelector("main")); act(inner); setTimeout(report, 3000);
});
</script>`)
	b.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, page.String())
	})
	b.mux.HandleFunc("/cases", func(w http.ResponseWriter, r *http.Request) { json.NewEncoder(w).Encode(outs) })
	judgeBrowser(t, b, len(all), false)
}

// TestX01_FrameAloneInChromium loads every payload raw into the sandboxed frame of the message view: the other layer, alone.
func TestX01_FrameAloneInChromium(t *testing.T) {
	seen := map[string]bool{}
	all := slices.DeleteFunc(payloads(t), func(p payload) bool {
		again := seen[p.HTML] || !strings.Contains(p.HTML, "<")
		seen[p.HTML] = true
		return again
	})
	b := newBench(t)
	var loaded atomic.Int64
	defer func() { t.Logf("%d of %d frames loaded in the time there was", loaded.Load(), len(all)) }()
	b.mux.HandleFunc("/frame/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.PathValue("n"))
		if err != nil || n < 0 || n >= len(all) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", frameCSP)
		loaded.Add(1)
		fmt.Fprint(w, "<!DOCTYPE html><meta charset=utf-8><body>"+all[n].HTML)
	})
	b.mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!DOCTYPE html><meta charset=utf-8><link rel=icon href=data:,>"+hooks+`<div id=box></div><script>
const all = `+strconv.Itoa(len(all))+`, end = performance.now() + 30000; let n = 0, open = 0;
const fill = () => { if ((n >= all || performance.now() > end) && open === 0) { document.title = n; if (n < all / 2) __hit.push("only " + n + " frames in time"); return setTimeout(report, 3000); }
  while (open < 40 && n < all && performance.now() < end) { const f = document.createElement("iframe"); open++; let over = false;
    const leave = () => { if (over) return; over = true; f.remove(); open--; fill(); };
    f.setAttribute("sandbox", ""); f.referrerPolicy = "no-referrer"; f.src = "/frame/" + n++; f.width = f.height = 40;
    f.onload = () => setTimeout(leave, 400); setTimeout(leave, 3000); box.append(f); } };
fill();
</script>`)
	})
	judgeBrowser(t, b, len(all), true)
}

// judgeBrowser fails on every hit and request. preconnect lets the browser open a connection it then says nothing on:
// Chromium 156 does so for <iframe src=https://…> before it asks the policy, which then refuses the frame.
func judgeBrowser(t *testing.T, b *bench, n int, preconnect bool) {
	t.Helper()
	report, asked := b.browse(t, "/")
	var hits []string
	if err := json.Unmarshal([]byte(report), &hits); err != nil {
		t.Fatalf("the page reports %q: %v", report, err)
	}
	for _, h := range hits {
		t.Errorf("something ran: %s", html.UnescapeString(h))
	}
	for _, a := range asked {
		if preconnect && strings.HasPrefix(a, "CONNECT ") {
			t.Logf("a connection, but no request: %s", a)
			continue
		}
		t.Errorf("something was asked for: %s", a)
	}
	t.Logf("%d payloads, %d hits, %d requests", n, len(hits), len(asked))
}

// TestTheBenchSeesAnAttack: the browser test would notice a script that runs and a picture that is fetched.
func TestTheBenchSeesAnAttack(t *testing.T) {
	b := newBench(t)
	b.mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!DOCTYPE html>"+hooks+user+`<main><img src="http://tracker.test/p.gif"><p onmouseover="alert(1)">x</p><a href="javascript:alert(2)">y</a></main><script>act(document.querySelector("main")); setTimeout(report, 1000)</script>`)
	})
	report, asked := b.browse(t, "/")
	if !strings.Contains(report, "alert:1") || !strings.Contains(report, "link:javascript") || !strings.Contains(strings.Join(asked, " "), "tracker.test") {
		t.Errorf("the bench is blind: %s %v", report, asked)
	}
}
