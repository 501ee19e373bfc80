package statement

import (
	"sync"

	"modernc.org/libc"
)

// SQLite's allocator gives a page back to the system as soon as nothing is left in it, and asks for one anew for the next statement: at every
// letter a dozen system calls and the page faults behind them, which took longer than its rows. A block of each size that is never freed
// keeps its page at hand.
const (
	allocatorPage = 64 << 10
	smallest      = 256               // bytes of a block; every size is twice the one before
	largest       = allocatorPage / 4 // what is larger is a mapping of its own
	pagesKept     = 4                 // of each size, together 2 MB: what the statements of one letter need at a time
)

// keepPages fills pages with blocks of each size and frees them again, all but one of each page.
var keepPages = sync.OnceFunc(func() {
	tls := libc.NewTLS()
	defer tls.Close()
	for size := smallest; size <= largest; size *= 2 {
		blocks := make([]uintptr, pagesKept*allocatorPage/size)
		for i := range blocks {
			blocks[i] = allocate(libc.Xmalloc, tls, size-1) // the allocator rounds up
		}
		kept := map[uintptr]bool{}
		for _, block := range blocks {
			if page := block &^ (allocatorPage - 1); !kept[page] {
				kept[page] = true
				continue
			}
			libc.Xfree(tls, block)
		}
	}
})

// allocate calls malloc, whose size has another type on every system.
func allocate[Size ~uint32 | ~uint64](malloc func(*libc.TLS, Size) uintptr, tls *libc.TLS, size int) uintptr {
	return malloc(tls, Size(size))
}
