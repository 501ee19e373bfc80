# Two commands do everything: `make demo` shows the main job, `make test` passes every test. The rest are their parts.

GO       ?= go
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -s -w -X main.version=$(VERSION)
# Linters run at pinned versions and stay out of go.mod, which is what the product is built from.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

.PHONY: pictures demo test build lib check lint types unit browser vuln fuzz soak memory interop bench-door bench-out clean needs

demo: lib ## everything on loopback, with sample data
	$(GO) run . demo

test: needs check ## installs what the tests need, then what CI runs

build: lib ## leaves ./aside
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o aside .

# The inbox's browser modules come from the lock file, are copied where they are served from, and are never committed.
lib: pb_public/lib/.made

pb_public/lib/.made: package-lock.json scripts/lib.mjs
	npm ci --no-audit --no-fund --loglevel=error
	node scripts/lib.mjs
	@touch $@

check: lint types unit browser vuln

lint: lib
	@bad=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$bad" ] || { echo "not gofmt'ed: $$bad"; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

types: lib
	npm run --silent types
	npm test --silent

# Under the race detector times say nothing: tests that measure them skip there and run here.
TIMED := Linear|M13|M14|PF9|T04

unit: lib
	$(GO) test -race -shuffle=on -timeout 20m ./...
	$(GO) test -p 1 -run '$(TIMED)' ./internal/...
	$(GO) test -run 'MailSettings|TestMatrix_EveryRoute|TestO01' ./test

pictures: build ## the pictures of the README, as the browser test takes them
	ASIDE_PICTURES=1 node --test --test-concurrency=1 test/browser/main_job.test.mjs

browser: build
	node --test --test-concurrency=1 test/browser/*.test.mjs

# The vulnerability database is not everywhere in reach: then this says so, and is no failure.
vuln:
	@$(GO) run $(GOVULNCHECK) ./... > .vuln.out 2>&1; code=$$?; \
	if grep -qiE 'fetching vulnerabilities|no such host|connection refused|dial tcp|forbidden|i/o timeout' .vuln.out; then echo "govulncheck: skipped, its database cannot be reached from here"; \
	else cat .vuln.out; rm -f .vuln.out; exit $$code; fi; rm -f .vuln.out

needs:
	@scripts/needs.sh

FUZZTIME ?= 60s
fuzz: lib ## every fuzz target for a minute
	@for pkg in $$($(GO) list ./internal/...); do for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
		echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; done; done

interop: lib ## real mail servers, as root: Postfix, Exim, chasquid, each way; what is not installed is skipped with its name
	ASIDE_INTEROP=1 ASIDE_EXIM="$${ASIDE_EXIM:-$$(scripts/exim.sh /tmp/aside-exim)}" $(GO) test -count=1 -timeout 30m -v -run Interop ./test/durable

soak: lib ## the long forms of what durability promises: a thousand kills, three hundred while sending, minutes of failing disks
	ASIDE_SOAK=1 $(GO) test -count=1 -timeout 120m -v -run 'RT0|R01|O11|Soak' ./test/durable ./internal/smtpd

memory: lib ## the peak of what is resident under hostile and heavy loads
	ASIDE_MEMORY=1 $(GO) test -count=1 -timeout 20m -v -run TestMemory ./test/durable

bench-door: lib ## the way in against Postfix and OpenDKIM, SQLite's commits, a server that discards, a slow disk, a full database (PF-1, PF-2)
	ASIDE_BENCH_DOOR=1 $(GO) test -count=1 -timeout 40m -v -run 'BenchDoor|PF2_|PF2b_|PF2d_' ./test/durable

bench-out: lib ## the way out against Postfix, against the cores' signing limit, and from Send to the relay (PF-10, PF-4)
	ASIDE_BENCH_OUT=1 $(GO) test -count=1 -timeout 20m -v -run 'PF10|PF4_' ./test/durable

clean:
	rm -rf aside node_modules pb_public/lib .vuln.out
