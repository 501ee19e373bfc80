package courier

import (
	"bytes"
	"context"
	"net/url"
	"testing"
)

// PF-10, the courier's part: letters of 10 kB a second into smtp-sink, by relay and by MX.
// Postfix's own rate, queue included, is the bar (796/s where it was measured).
func BenchmarkPF10(b *testing.B) {
	data := append([]byte("From: us@in.test\r\nSubject: x\r\n\r\n"), bytes.Repeat([]byte("..2345678 9012345678 2012345678 3012345678 4012345678 5012345678\r\n"), 150)...)
	p := Parcel{From: "bounce+x@in.test", To: "bob@ext.test", Data: data}
	run := func(b *testing.B, c *Courier) {
		defer c.Close()
		b.SetParallelism(8)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := c.Deliver(context.Background(), p); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
	}
	b.Run("relay", func(b *testing.B) {
		c := sinkWithoutDump(b)
		c.Relay = &url.URL{Scheme: "smtp", Host: "127.0.0.1:" + c.MXPort}
		run(b, c)
	})
	b.Run("mx", func(b *testing.B) { run(b, sinkWithoutDump(b)) })
}

func sinkWithoutDump(b *testing.B) *Courier {
	c := startSink(b)
	c.Timeouts = Timeouts{}
	return c
}
