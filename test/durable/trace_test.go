package durable

import (
	"bufio"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// op is one thing that happened to a file, or an answer to the sender, in the order of a strace.
type op struct {
	call   string // pwrite64, ftruncate, fsync, rename, answer
	path   string
	to     string // of a rename
	offset int64
	data   []byte
	upTo   int // of an fsync: how many operations had ended when it began; what is before is durable after it
}

// stored250 is in the answer to a letter, and in no other.
const stored250 = "Stored"

// traced are the calls that change files or flush them, and those that answer.
const traced = "pwrite64,write,ftruncate,fsync,fdatasync,rename,renameat,renameat2"

var (
	call    = regexp.MustCompile(`^(\d+) +(\w+)\((.*)$`)
	resumed = regexp.MustCompile(`^(\d+) +<\.\.\. \w+ resumed>(.*)$`)
	quoted  = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"`)
	opened  = regexp.MustCompile(`^\d+<((?:\\x[0-9a-f]{2})*)`)
	ended   = regexp.MustCompile(`= (-?\d+)`)
)

// readTrace reads what `strace -f -y -xx` wrote. Calls that failed are left out.
func readTrace(t testing.TB, file string) (ops []op) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	type begun struct {
		text, call string
		at         int
	}
	open := map[string]begun{} // by thread
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		line := lines.Text()
		if m := call.FindStringSubmatch(line); m != nil {
			if head, unfinished := strings.CutSuffix(m[3], " <unfinished ...>"); unfinished {
				open[m[1]] = begun{head, m[2], len(ops)}
				continue
			}
			ops = appendOp(ops, m[2], m[3], len(ops))
			continue
		}
		if m := resumed.FindStringSubmatch(line); m != nil {
			if b, ok := open[m[1]]; ok {
				delete(open, m[1])
				ops = appendOp(ops, b.call, b.text+m[2], b.at)
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return ops
}

func appendOp(ops []op, name, text string, at int) []op {
	results := ended.FindAllStringSubmatch(text, -1)
	if len(results) == 0 || strings.HasPrefix(results[len(results)-1][1], "-") {
		return ops
	}
	o := op{call: name, upTo: at}
	if m := opened.FindStringSubmatch(text); m != nil {
		o.path = unhex(m[1])
	}
	strs := quoted.FindAllStringSubmatch(text, -1)
	fields := strings.Split(text[:strings.LastIndex(text, ")")], ", ")
	last, _ := strconv.ParseInt(strings.TrimSpace(fields[len(fields)-1]), 10, 64) // no number: not asked for below
	switch name {
	case "pwrite64":
		o.data, o.offset = []byte(unhex(strs[0][1])), last
	case "ftruncate":
		o.offset = last
	case "fsync", "fdatasync":
		o.call = "fsync"
	case "write":
		o.data = []byte(unhex(strs[0][1]))
		if strings.HasPrefix(string(o.data), "250 2.") && strings.Contains(string(o.data), stored250) {
			o.call = "answer"
		}
	default:
		if len(strs) < 2 {
			return ops
		}
		o.call, o.path, o.to = "rename", unhex(strs[0][1]), unhex(strs[1][1])
	}
	return append(ops, o)
}

func unhex(s string) string {
	b := make([]byte, 0, len(s)/4)
	for i := 0; i+3 < len(s); i += 4 {
		n, _ := strconv.ParseUint(s[i+2:i+4], 16, 8) // the expression let nothing else through
		b = append(b, byte(n))
	}
	return string(b)
}
