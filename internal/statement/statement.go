// Package statement keeps prepared statements: it wraps a database/sql driver so that each connection prepares a text once and
// runs it again and again. Whoever sits above (PocketBase builds every statement anew, from the same few texts) need not know.
//
// It is not a pool and shares nothing: a connection, its statements and the rows read from them belong to one goroutine at a time, as
// database/sql promises. A statement whose rows are still open is not run a second time; that one is prepared and closed apart.
package statement

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"

	"modernc.org/sqlite"
)

// kept statements a connection: more than the texts of all hot paths, and a few MB for all connections together.
const kept = 160

// Driver opens connections that keep their statements. Its connections must take contexts, as modernc.org/sqlite's do.
type Driver struct{ driver.Driver }

// Open opens a connection.
func (d Driver) Open(name string) (driver.Conn, error) {
	keepPages()
	c, err := d.Driver.Open(name)
	if err != nil {
		return nil, err
	}
	inner, ok := c.(inner)
	if !ok {
		return c, nil
	}
	kept := &conn{inner: inner, byText: map[string]*list.Element{}}
	if h, ok := c.(sqlite.HookRegisterer); ok {
		h.RegisterRollbackHook(func() { kept.lost = kept.inTx })
	}
	return kept, nil
}

// errLost is what every further statement of a transaction gets that SQLite has rolled back by itself (a full disk, a failing one). Without
// it they would be committed one by one, and a letter be stored by halves.
var errLost = errors.New("the transaction was rolled back by the database")

// inner is what a connection has to offer.
type inner interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn is a connection with its statements, the most recently used first.
type conn struct {
	inner
	recent list.List
	byText map[string]*list.Element
	inTx   bool
	lost   bool // its transaction is gone, though nobody ended it
}

// prepared is one statement; busy while rows of it are open.
type prepared struct {
	text string
	stmt stmt
	busy bool
}

type stmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	if c.lost {
		return nil, errLost
	}
	p := c.find(ctx, text)
	if p == nil {
		return c.inner.ExecContext(ctx, text, args)
	}
	return p.stmt.ExecContext(c.untilDone(ctx), args)
}

func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	if c.lost {
		return nil, errLost
	}
	p := c.find(ctx, text)
	if p == nil {
		return c.inner.QueryContext(ctx, text, args)
	}
	r, err := p.stmt.QueryContext(c.untilDone(ctx), args)
	if err != nil {
		return nil, err
	}
	wide, ok := r.(wideRows)
	if !ok {
		return r, nil
	}
	p.busy = true
	return &rows{wide, p}, nil
}

// BeginTx starts a transaction.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.inner.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	c.inTx = true
	return &transaction{tx, c}, nil
}

// transaction tells its connection when it is over.
type transaction struct {
	driver.Tx
	c *conn
}

// Commit fails where nothing is left to commit: SQLite says so.
func (t *transaction) Commit() error {
	t.c.inTx, t.c.lost = false, false
	return t.Tx.Commit()
}

// Rollback of what is rolled back already is no error.
func (t *transaction) Rollback() error {
	lost := t.c.lost
	t.c.inTx, t.c.lost = false, false
	if lost {
		_ = t.Tx.Rollback() // only for the driver's own books
		return nil
	}
	return t.Tx.Rollback()
}

// untilDone takes the end off a context inside a transaction: the driver starts a goroutine for every statement that could be
// interrupted, which costs more than the row. database/sql itself rolls the transaction back when its context ends.
func (c *conn) untilDone(ctx context.Context) context.Context {
	if c.inTx {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// Close closes the statements first.
func (c *conn) Close() error {
	for c.recent.Len() > 0 {
		c.forget(c.recent.Back())
	}
	return c.inner.Close()
}

// find returns the statement for a text, or nil when it is in use or cannot be kept.
func (c *conn) find(ctx context.Context, text string) *prepared {
	if e := c.byText[text]; e != nil {
		p := e.Value.(*prepared)
		if p.busy {
			return nil
		}
		c.recent.MoveToFront(e)
		return p
	}
	if !keepable(text) {
		return nil
	}
	s, err := c.inner.PrepareContext(ctx, text)
	if err != nil {
		return nil // who runs it is told
	}
	wide, ok := s.(stmt)
	if !ok {
		s.Close()
		return nil
	}
	p := &prepared{text: text, stmt: wide}
	c.byText[text] = c.recent.PushFront(p)
	c.evict()
	return p
}

func (c *conn) evict() {
	for e := c.recent.Back(); c.recent.Len() > kept && e != nil; {
		previous := e.Prev()
		if !e.Value.(*prepared).busy {
			c.forget(e)
		}
		e = previous
	}
}

func (c *conn) forget(e *list.Element) {
	p := c.recent.Remove(e).(*prepared)
	delete(c.byText, p.text)
	_ = p.stmt.Close() // what it failed at was told when it ran
}

// maxText is the longest text kept: longer ones are lists of values that do not come again.
const maxText = 4 << 10

// keepable are the statements that come again: reads, writes of rows, savepoints. A pragma or a change of the schema runs once.
func keepable(text string) bool {
	if len(text) > maxText || len(text) < 6 {
		return false
	}
	switch text[:6] {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "SAVEPO", "RELEAS", "ROLLBA":
		return true
	}
	return false
}
