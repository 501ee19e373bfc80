package hooks

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// schema is a JSON schema, or any other object of the document. encoding/json sorts its keys, so the same server writes the same bytes.
type schema map[string]any

// OpenAPI describes everything a client can ask for, as OpenAPI 3.1: our own routes from one table, and the records API from the
// collections and their rules, so that what is described is what is there.
func OpenAPI(app core.App) (map[string]any, error) {
	paths, schemas := schema{}, schema{"Error": errorSchema}
	for _, op := range operations {
		method, path, _ := strings.Cut(op.route, " ")
		add(paths, method, path, op.describe())
	}
	collections, err := app.FindAllCollections(core.CollectionTypeBase, core.CollectionTypeAuth)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(collections, func(a, b *core.Collection) int { return strings.Compare(a.Name, b.Name) })
	for _, c := range collections {
		if c.System || c.ListRule == nil {
			continue
		}
		schemas[c.Name] = recordSchema(c)
		addRecords(paths, c)
	}
	return schema{"openapi": "3.1.0", "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
		"info":     schema{"title": "Aside", "version": "1", "license": schema{"name": "MIT", "identifier": "MIT"}, "description": "Private side conversations by email about a customer's feedback. Send an API key of Project settings, or a user's token, as Authorization: Bearer. Errors are {status, message, data}: message is a sentence fit to show, data names the fields at fault. What is not there and what is not yours are both 404."},
		"servers":  []any{schema{"url": "/"}},
		"security": []any{schema{"bearer": []any{}}},
		"paths":    paths,
		"components": schema{"schemas": schemas, "securitySchemes": schema{
			"bearer": schema{"type": "http", "scheme": "bearer", "description": "An API key (ask_…) or a user's token"}}},
	}, nil
}

var errorSchema = schema{"type": "object", "required": []string{"status", "message", "data"}, "properties": schema{"status": schema{"type": "integer"}, "message": schema{"type": "string"}, "data": schema{"type": "object"}}}

func add(paths schema, method, path string, operation schema) {
	at, _ := paths[path].(schema)
	if at == nil {
		at = schema{}
		paths[path] = at
	}
	at[strings.ToLower(method)] = operation
}

var parameter = regexp.MustCompile(`{(\w+)}`)

func (op operation) describe() schema {
	_, path, _ := strings.Cut(op.route, " ")
	d := schema{"operationId": op.id, "tags": []string{op.tag}, "summary": op.summary}
	params := []any{}
	for _, m := range parameter.FindAllStringSubmatch(path, -1) {
		params = append(params, schema{"name": m[1], "in": "path", "required": true, "schema": schema{"type": "string"}})
	}
	for _, q := range op.query {
		name, what, _ := strings.Cut(q, ": ")
		params = append(params, schema{"name": name, "in": "query", "description": what, "schema": schema{"type": "string"}})
	}
	if op.key {
		params = append(params, schema{"name": "Idempotency-Key", "in": "header", "description": "The same key again does nothing again", "schema": schema{"type": "string"}})
	}
	if len(params) > 0 {
		d["parameters"] = params
	}
	if op.body != nil {
		d["requestBody"] = bodyOf(op.body, op.files)
	}
	if op.open {
		d["security"] = []any{}
	}
	d["responses"] = schema{strconv.Itoa(op.status): op.success(), "default": refused}
	return d
}

var refused = schema{"description": "Refused, and why", "content": schema{"application/json": schema{"schema": ref("Error")}}}

func (op operation) success() schema {
	if op.answer == nil {
		return schema{"description": "Done"}
	}
	media, s := op.media, schema{"type": "string"}
	switch a := op.answer.(type) {
	case object:
		media, s = "application/json", objectOf(a)
	case string:
		if a != "" {
			media, s = "application/json", ref(a)
		}
	}
	return schema{"description": "Done", "content": schema{media: schema{"schema": s}}}
}

func ref(name string) schema { return schema{"$ref": "#/components/schemas/" + name} }

// bodyOf is a body as JSON, and as multipart where files may go along.
func bodyOf(fields []string, files bool) schema {
	content := schema{"application/json": schema{"schema": objectOf(fields)}}
	if files {
		with := objectOf(fields)
		with["properties"].(schema)["attachments"] = schema{"type": "array", "items": schema{"type": "string", "contentMediaType": "application/octet-stream"}}
		content["multipart/form-data"] = schema{"schema": with}
	}
	return schema{"required": true, "content": content}
}

// objectOf reads fields written "name type", "!" behind the type of one that is always there.
func objectOf(fields []string) schema {
	properties, required := schema{}, []string{}
	for _, f := range fields {
		name, kind, _ := strings.Cut(f, " ")
		kind, always := strings.CutSuffix(kind, "!")
		properties[name] = kindOf(kind)
		if always {
			required = append(required, name)
		}
	}
	s := schema{"type": "object", "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// anything is whatever JSON can hold: facts whose shape is explained beside the inbox, not here.
var anything = schema{"type": []string{"object", "array", "string", "number", "boolean", "null"}}

func kindOf(kind string) schema {
	if of, list := strings.CutSuffix(kind, "[]"); list {
		return schema{"type": "array", "items": kindOf(of)}
	}
	switch {
	case kind == "any":
		return anything
	case strings.Contains(kind, "|"):
		return schema{"type": "string", "enum": strings.Split(kind, "|")}
	}
	return schema{"type": kind}
}

func (a *Aside) openAPI(e *core.RequestEvent) error {
	document, err := OpenAPI(e.App)
	if err != nil {
		return reply(e, err)
	}
	return e.JSON(http.StatusOK, document)
}
