package hooks

import (
	"errors"
	"net/http"

	"aside/internal/desk"
	"aside/internal/portal"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

// statusOf is the one table from the domain's refusals to HTTP.
var statusOf = map[desk.Kind]int{
	desk.NotFound:  http.StatusNotFound,
	desk.Forbidden: http.StatusForbidden,
	desk.Invalid:   http.StatusBadRequest,
	desk.Conflict:  http.StatusConflict,
	desk.TooLarge:  http.StatusRequestEntityTooLarge,
	desk.TooMany:   http.StatusTooManyRequests,
}

// reply turns an error from inside into PocketBase's shape {status, message, data}. What is not a refusal says nothing of its cause.
func reply(e *core.RequestEvent, err error) error {
	if err == nil {
		return nil
	}
	var refusal *desk.Refusal
	if errors.As(err, &refusal) {
		if refusal.Kind == desk.NotFound {
			if refusal == desk.ErrNotFound {
				return e.NotFoundError("", nil) // alike for what is not there and what is not yours
			}
			return e.NotFoundError(refusal.Words, nil)
		}
		answer := router.NewApiError(statusOf[refusal.Kind], refusal.Words, nil)
		answer.Message = refusal.Words
		if refusal.Field != "" {
			answer.Data = map[string]any{refusal.Field: map[string]any{"code": "validation_invalid_value", "message": refusal.Words}}
		}
		return answer
	}
	if errors.Is(err, portal.ErrGone) {
		return e.NotFoundError("", nil)
	}
	var already *router.ApiError
	if errors.As(err, &already) {
		return already
	}
	if impossible := e.BadRequestError("Some of what was given cannot be.", err); len(impossible.Data) > 0 {
		return impossible // the collection's own fields refuse it, each by its name
	}
	e.App.Logger().Error("a request failed", "path", redactPath(e.Request.URL.Path), "error", err)
	return e.InternalServerError("", nil)
}
