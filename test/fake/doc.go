// Package fake holds the few peers that an end-to-end test cannot borrow from the
// real world: a name server ([DNS]), a far mail server that catches letters and can
// be told how to misbehave ([MX]), an outsider who answers ([Vendor]), a certificate
// authority ([CA]) and a clock ([Clock]).
//
// They are real servers on real loopback sockets, each on a port of its own; only
// what they say is made up. Everything is closed by t.Cleanup. The package imports
// nothing of Aside, so it cannot agree with Aside's mistakes.
//
//	dns := fake.NewDNS(t)
//	mx := fake.NewMX(t)
//	dns.MX("ext.test", 10, "mx.ext.test").A("mx.ext.test", "127.0.0.1")
//	mx.At(fake.Rcpt, fake.Refuse(451, "4.7.1 come back later").Times(1)) // greylisting
//	bob := fake.NewVendor(t, dns, "Bob <bob@ext.test>")
//	... let the program send to bob ...
//	letter := mx.Wait(t, 1)[0]
//	err := bob.Send(smtpAddr, bob.Reply(letter, "Yes, next Tuesday."))
package fake
