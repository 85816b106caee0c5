package main

// What a test does behind the API's back: look what was asked, be the person in the browser, break a path.

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/grafana/grafana-openapi-client-go/models"
)

func isControl(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/double/") }

func (g *grafana) control(mux *http.ServeMux) {
	mux.HandleFunc("GET /double/requests", func(w http.ResponseWriter, _ *http.Request) { answer(w, g.log) })
	mux.HandleFunc("GET /double/secrets", func(w http.ResponseWriter, _ *http.Request) { answer(w, g.secrets) })
	mux.HandleFunc("PUT /double/broken", g.breakPath)
	mux.HandleFunc("PUT /double/boards/{uid}", g.editBoard)
	mux.HandleFunc("POST /double/alerting-file", tryFile)
}

// tryFile decodes a file of alerting, which Grafana would read from its own folder.
func tryFile(w http.ResponseWriter, r *http.Request) {
	var said models.AlertingFileExport
	if _, err := read(r, &said); err != nil {
		refuse(w, err, "")
		return
	}
	answer(w, document{"groups": len(said.Groups), "contactPoints": len(said.ContactPoints)})
}

func (g *grafana) breakPath(w http.ResponseWriter, r *http.Request) {
	if err := json.NewDecoder(r.Body).Decode(&g.broken); err != nil {
		refuse(w, err, "")
		return
	}
	answer(w, g.broken)
}

func (g *grafana) editBoard(w http.ResponseWriter, r *http.Request) {
	kept := g.boards[r.PathValue("uid")]
	changed := document{}
	if err := json.NewDecoder(r.Body).Decode(&changed); err != nil || kept == nil {
		refuse(w, err, "no such board")
		return
	}
	kept.body = changed
	kept.version++
	answer(w, kept.body)
}
