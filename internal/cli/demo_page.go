package cli

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"aside/internal/email"
)

//go:embed demo/page.html demo/page.css demo/page.js
var demoFiles embed.FS

var demoTemplate = template.Must(template.ParseFS(demoFiles, "demo/page.html"))

// Policies of the caught-mail page. A letter may show its own pictures and open its links in a new tab; it can run, load and send nothing.
const (
	pageCSP   = "default-src 'none'; img-src data:; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	letterCSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data: http://%s/letters/%d/; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)

// maxAnswer is the form with one attachment: as much as the door takes.
const maxAnswer = 25 << 20

// caughtMail is the server of the caught-mail page.
func (d *Demo) caughtMail() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", d.showList)
	mux.HandleFunc("GET /version", d.showVersion)
	mux.HandleFunc("GET /letters/{id}", d.showLetter)
	mux.HandleFunc("GET /letters/{id}/body", d.showBody)
	mux.HandleFunc("GET /letters/{id}/source", d.showSource)
	mux.HandleFunc("GET /letters/{id}/files/{n}", d.showFile)
	mux.HandleFunc("GET /letters/{id}/answers/{n}", d.showAnswer)
	mux.HandleFunc("POST /letters/{id}/answers", d.postAnswer)
	for _, name := range []string{"page.css", "page.js"} {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, demoFiles, "demo/"+name) })
	}
	return &http.Server{Handler: d.guard(http.NewCrossOriginProtection().Handler(mux)), ReadHeaderTimeout: 10 * time.Second}
}

// guard lets in only requests that name this server as we printed it: a stranger's page whose domain was turned to 127.0.0.1 does
// not (DNS rebinding).
func (d *Demo) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, port, _ := net.SplitHostPort(r.Host)
		_, own, _ := net.SplitHostPort(d.mail)
		if port != own || host != "localhost" && !net.ParseIP(host).IsLoopback() {
			http.Error(w, "This page answers at http://"+d.mail+"/ alone.", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", pageCSP)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // and not no-referrer, which would make a form's Origin null
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (d *Demo) showVersion(w http.ResponseWriter, _ *http.Request) {
	_, version := d.catcher.all()
	fmt.Fprint(w, version)
}

func (d *Demo) showList(w http.ResponseWriter, r *http.Request) {
	d.render(w, r, nil, "", http.StatusOK)
}

func (d *Demo) showLetter(w http.ResponseWriter, r *http.Request) {
	if l, ok := d.letter(w, r); ok {
		d.render(w, r, &l, "", http.StatusOK)
	}
}

// render writes the page with a letter open, or none.
func (d *Demo) render(w http.ResponseWriter, r *http.Request, l *caughtLetter, trouble string, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	letters, version := d.catcher.all()
	p := mailPage{Version: version, Inbox: d.Config.PublicURL, Box: strings.ToLower(r.FormValue("box"))}
	p.list(letters, l, d.audience)
	if l != nil {
		p.open(*l, r.FormValue("view"), d.audience(l.To))
		p.Letter.Trouble, p.Letter.Draft = trouble, r.PostFormValue("text")
	}
	_ = demoTemplate.Execute(w, p) // the reader went away
}

// letter finds the letter of a request, or answers 404.
func (d *Demo) letter(w http.ResponseWriter, r *http.Request) (caughtLetter, bool) {
	id, _ := strconv.Atoi(r.PathValue("id"))
	letters, _ := d.catcher.all()
	for _, l := range letters {
		if l.ID == id {
			return l, true
		}
	}
	http.NotFound(w, r)
	return caughtLetter{}, false
}

// showBody is a letter's HTML as the whole of a sandboxed frame.
func (d *Demo) showBody(w http.ResponseWriter, r *http.Request) {
	l, ok := d.letter(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Security-Policy", fmt.Sprintf(letterCSP, r.Host, l.ID))
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, frame(l))
}

func (d *Demo) showSource(w http.ResponseWriter, r *http.Request) {
	if l, ok := d.letter(w, r); ok {
		download(w, fmt.Sprintf("letter-%d.eml", l.ID), l.Raw)
	}
}

func (d *Demo) showAnswer(w http.ResponseWriter, r *http.Request) {
	l, ok := d.letter(w, r)
	n, err := strconv.Atoi(r.PathValue("n"))
	switch {
	case !ok:
	case err != nil || n < 0 || n >= len(l.Answers):
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write(l.Answers[n].Raw)
	}
}

// showFile is an attachment as a download; pictures that the letter shows in its text come as pictures.
func (d *Demo) showFile(w http.ResponseWriter, r *http.Request) {
	l, ok := d.letter(w, r)
	n, err := strconv.Atoi(r.PathValue("n"))
	switch {
	case !ok:
	case err != nil || n < 0 || n >= len(l.Message.Attachments):
		http.NotFound(w, r)
	case isPicture(l.Message.Attachments[n]):
		w.Header().Set("Content-Type", l.Message.Attachments[n].Type)
		_, _ = w.Write(l.Message.Attachments[n].Data)
	default:
		download(w, l.Message.Attachments[n].Name, l.Message.Attachments[n].Data)
	}
}

func download(w http.ResponseWriter, name string, data []byte) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, _ = w.Write(data)
}

// postAnswer sends what was written as the letter's recipient and shows what the door said.
func (d *Demo) postAnswer(w http.ResponseWriter, r *http.Request) {
	l, ok := d.letter(w, r)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxAnswer)
	a, err := readAnswer(r)
	if err == nil {
		a.Letter = l
		_, err = d.answer(a)
	}
	if err != nil {
		d.render(w, r, &l, err.Error(), http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, "/letters/"+strconv.Itoa(l.ID)+boxQuery(r.FormValue("box"))+"#answer-"+strconv.Itoa(len(l.Answers)), http.StatusSeeOther)
}

// Sentences of the answer form.
var (
	errNoText   = errors.New("write something first")
	errTooLarge = errors.New("the file is too large: 25 MB is what the door takes")
)

func readAnswer(r *http.Request) (a demoAnswer, err error) {
	if err := r.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return a, errTooLarge
		}
		return a, err
	}
	a = demoAnswer{Mode: answerMode(r.PostFormValue("mode")), Text: strings.ReplaceAll(r.PostFormValue("text"), "\r\n", "\n"), Quote: r.PostFormValue("quote") != ""}
	if strings.TrimSpace(a.Text) == "" {
		return a, errNoText
	}
	if r.MultipartForm == nil {
		return a, nil
	}
	for _, part := range r.MultipartForm.File["file"] {
		f, err := part.Open()
		if err != nil {
			return a, err
		}
		data, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			return a, err
		}
		a.Files = append(a.Files, email.Attachment{Name: part.Filename, Type: part.Header.Get("Content-Type"), Data: data})
	}
	return a, nil
}
