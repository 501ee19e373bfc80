package intake

import (
	"context"
	"errors"
	"slices"
	"sync"

	"aside/internal/desk"
)

// draft is what a letter becomes, made ready before the transaction: there others wait for it.
type draft struct {
	desk.Incoming
	kept  bool // its files are on the disk, under the message's id
	named bool // by a message, in the transaction that is under way
}

// prepare makes the draft. The files of an answer are written and flushed here, so that no other letter waits for them; a letter that is sure
// to be refused has none written.
func (l *letter) prepare() (err error) {
	if l.draft.Incoming, err = l.shown(); err != nil {
		return err
	}
	l.message.Text, l.message.HTML, l.message.Pieces = "", "", nil // large ones need not stay until the commit
	l.reading = Reading{Fresh: l.draft.Body, Quoted: l.draft.Quoted}
	if len(l.draft.Uploads) == 0 || l.verdict.Refuse {
		return nil
	}
	if _, isReply := l.in.replyToken(l.envelope.To[0]); !isReply {
		return nil // rarer, and stored with its record
	}
	l.draft.kept = true
	return desk.KeepFiles(l.in.App, "side_messages", l.draft.ID, l.draft.Uploads)
}

// incoming is the draft under an id of its own.
func (l *letter) incoming() desk.Incoming {
	in := l.draft.Incoming
	in.ID, in.Warnings = desk.NewID(), slices.Clone(in.Warnings)
	return in
}

// answer is the draft for a side message. The first one has the files that were kept, and their id.
func (l *letter) answer() desk.Incoming {
	in := l.incoming()
	if l.draft.kept && !l.draft.named {
		in.ID, in.Kept, l.draft.named = l.draft.ID, true, true
	}
	return in
}

// settle takes files away that were kept for a message which did not come. Where it may have come, or may still, they stay for now.
func (l *letter) settle(err error) {
	switch {
	case !l.draft.kept || err == nil && l.draft.named:
	case errors.Is(err, errUnsure):
		l.in.doubts.add(l.draft.ID)
	case errors.Is(err, errStopped), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		// it may be on its way into a commit at this moment; what is left over is swept after the next start
	default:
		l.in.dropFiles(l.draft.ID)
	}
}

func (in *Intake) dropFiles(message string) {
	if err := desk.DropFiles(in.App, "side_messages", message); err != nil {
		in.App.Logger().Warn("files of a letter that was not stored could not be removed", "error", err)
	}
}

// doubts are the messages of which it is open whether they are stored. A commit that failed may be found in the write-ahead log after a crash;
// the next commit that works writes over it, and what is not there then never comes.
type doubts struct {
	mu       sync.Mutex
	messages []string
}

func (d *doubts) add(message string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.messages = append(d.messages, message)
}

// clearDoubts forgets them, after a commit that worked, and the files of those that are not there. What a crash leaves is swept after the next start.
func (in *Intake) clearDoubts() {
	in.doubts.mu.Lock()
	messages := in.doubts.messages
	in.doubts.messages = nil
	in.doubts.mu.Unlock()
	for _, m := range messages {
		if there, err := desk.HasMessage(in.App, m); err == nil && !there {
			in.dropFiles(m)
		}
	}
}
