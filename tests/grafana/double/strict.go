package main

// Decodes requests with Grafana's published models: a key that no model has, a wrong type, a value that is not
// in a model's list or pattern, each is refused with 400.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/go-openapi/strfmt"
)

type model interface{ Validate(strfmt.Registry) error }

const mostBytes = 16 << 20

// read gives the body as it came, after it has gone into the model.
func read(r *http.Request, into model) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, mostBytes))
	if err != nil {
		return nil, err
	}
	return body, strict(body, into)
}

func strict(body []byte, into model) error {
	decoder := json.NewDecoder(bytes.NewReader(asPublished(body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if decoder.More() {
		return fmt.Errorf("more than one document")
	}
	return into.Validate(strfmt.Default)
}

// What Grafana's documentation allows and its published models do not know, by name.
var newerThanTheModels = map[string]string{
	`"execErrState": "KeepLast"`: `"execErrState": "Error"`,
	`"execErrState":"KeepLast"`:  `"execErrState":"Error"`,
}

func asPublished(body []byte) []byte {
	for newer, known := range newerThanTheModels {
		body = bytes.ReplaceAll(body, []byte(newer), []byte(known))
	}
	return body
}
