package smtpd

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"testing"
	"time"
)

// TestSoak_Slowloris holds nearly every place with clients that type a byte every other
// second, for longer than Idle, while an honest one sends a letter every second.
func TestSoak_Slowloris(t *testing.T) {
	if os.Getenv("ASIDE_SOAK") == "" {
		t.Skip("takes more than a minute: set ASIDE_SOAK=1 to run it")
	}
	door, s := open(t, nil)
	var slow []net.Conn
	for i := range 480 {
		c, _ := door.from(t, fmt.Sprintf("127.4.%d.1", i%48))
		c.SetDeadline(time.Time{})
		slow = append(slow, c)
	}
	memory := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	most, worst := uint64(0), time.Duration(0)
	for start, n := time.Now(), 0; time.Since(start) < Idle+5*time.Second; n++ {
		for _, c := range slow {
			if n%2 == 0 {
				c.Write([]byte("E"))
			}
		}
		begin := time.Now()
		p := talk(t, door, "plain", "c base", "c -> DATA", "s <- 354", "c -> x", "c -> .", "s <- 250")
		p.close()
		worst, most = max(worst, time.Since(begin)), max(most, memory())
		time.Sleep(time.Second)
	}
	t.Logf("heap and stacks at most %d MiB (both ends), worst letter %v, %v", most>>20, worst, s.Stats())
	if open := s.Stats()["open"]; open > 1 {
		t.Errorf("%d slow clients are still there", open)
	}
}
