package hooks

import (
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// recordSchema is a collection's record as its readers get it: hidden fields are not there.
func recordSchema(c *core.Collection) schema {
	properties := schema{"collectionId": schema{"type": "string"}, "collectionName": schema{"type": "string"}}
	for _, f := range c.Fields {
		if f.GetHidden() {
			continue
		}
		properties[f.GetName()] = fieldSchema(f)
	}
	return schema{"type": "object", "required": []string{"id", "collectionName"}, "properties": properties}
}

func fieldSchema(f core.Field) schema {
	many := func(many bool) schema {
		if many {
			return schema{"type": "array", "items": schema{"type": "string"}}
		}
		return schema{"type": "string"}
	}
	switch f := f.(type) {
	case *core.NumberField:
		if f.OnlyInt {
			return schema{"type": "integer"}
		}
		return schema{"type": "number"}
	case *core.BoolField:
		return schema{"type": "boolean"}
	case *core.JSONField:
		return anything
	case *core.RelationField:
		return many(f.IsMultiple())
	case *core.FileField:
		return many(f.IsMultiple())
	case *core.SelectField:
		values := f.Values
		if !f.Required {
			values = append([]string{""}, values...)
		}
		return schema{"type": "string", "enum": values}
	}
	return schema{"type": "string"}
}

// addRecords describes the doors of the records API that a collection's rules leave open to people and keys.
func addRecords(paths schema, c *core.Collection) {
	base := "/api/collections/" + c.Name + "/records"
	one := func(verb, summary string) operation {
		return operation{route: "* " + base + "/{id}", id: verb + camel(c.Name), tag: "Records", summary: summary, status: 200, answer: c.Name}
	}
	list := operation{route: "* " + base, id: "list" + camel(c.Name), tag: "Records", summary: "Records one may see, filtered, sorted and expanded as PocketBase does",
		query: []string{"filter: such as status = \"open\"", "sort: such as -created", "expand: relations to take along", "fields: names to give alone", "page: from 1", "perPage: at most 1000", "skipTotal: 1 counts nothing and is quicker"}, status: 200,
		answer: object{"items any[]!", "page integer!", "perPage integer!", "totalItems integer!", "totalPages integer!"}}
	described := list.describe()
	described["responses"].(schema)["200"].(schema)["content"].(schema)["application/json"].(schema)["schema"].(schema)["properties"].(schema)["items"] = schema{"type": "array", "items": ref(c.Name)}
	add(paths, "GET", base, described)
	if c.ViewRule != nil {
		add(paths, "GET", base+"/{id}", one("view", "One record").describe())
	}
	bodies := recordBodies[c.Name]
	if c.CreateRule != nil && bodies.create != nil {
		create := operation{route: "* " + base, id: "create" + camel(c.Name), tag: "Records", summary: "Make one", body: bodies.create, files: c.Fields.GetByName("attachments") != nil, status: 200, answer: c.Name}
		add(paths, "POST", base, create.describe())
	}
	if c.UpdateRule != nil && bodies.update != nil {
		update := one("update", "Change one")
		update.body = bodies.update
		add(paths, "PATCH", base+"/{id}", update.describe())
	}
	if c.DeleteRule != nil {
		remove := one("delete", "Take one away")
		remove.status, remove.answer = 204, nil
		add(paths, "DELETE", base+"/{id}", remove.describe())
	}
}

// camel turns side_messages into SideMessages.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}
