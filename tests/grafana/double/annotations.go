package main

// Annotations, with the habits that hurt: a question without both times is answered from all of them, of one with
// both only what overlaps; tags must all be there unless matchAny; at most 100 come back, the newest first; a change
// leaves alone what it does not name; what is empty is left out of an answer.

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/grafana/grafana-openapi-client-go/models"
)

const mostAnnotations = 100

// The parameters of the published API, and what each takes.
var annotationQuery = map[string]func(string) bool{
	"from": isNumber, "to": isNumber, "limit": isNumber, "alertId": isNumber, "panelId": isNumber,
	"dashboardId": isNumber, "userId": isNumber,
	"dashboardUID": func(string) bool { return true },
	"alertUID":     func(string) bool { return true },
	"tags":         func(said string) bool { return said != "" },
	"type":         func(said string) bool { return said == "annotation" || said == "alert" },
	"matchAny":     func(said string) bool { return said == "true" || said == "false" },
}

func isNumber(said string) bool {
	_, err := strconv.ParseInt(said, 10, 64)
	return err == nil
}

func number(r *http.Request, name string) int64 {
	value, _ := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	return value
}

func (g *grafana) listAnnotations(w http.ResponseWriter, r *http.Request) {
	for name, values := range r.URL.Query() {
		takes := annotationQuery[name]
		if takes == nil || slices.ContainsFunc(values, func(value string) bool { return !takes(value) }) {
			say(w, http.StatusBadRequest, "no such parameter, or a wrong value: "+name)
			return
		}
	}
	limit := int(number(r, "limit"))
	if limit == 0 {
		limit = mostAnnotations
	}
	some := []*models.Annotation{}
	for _, one := range slices.Backward(g.annotations) {
		if isAsked(one, r) && len(some) < limit {
			some = append(some, one)
		}
	}
	answer(w, some)
}

func isAsked(one *models.Annotation, r *http.Request) bool {
	query := r.URL.Query()
	from, to := number(r, "from"), number(r, "to")
	isInTime := from == 0 || to == 0 || (one.Time <= to && one.TimeEnd >= from)
	n := 0
	for _, tag := range query["tags"] {
		if slices.Contains(one.Tags, tag) {
			n++
		}
	}
	isTagged := n == len(query["tags"]) || (query.Get("matchAny") == "true" && n > 0)
	return isInTime && isTagged && query.Get("type") != "alert"
}

func (g *grafana) postAnnotation(w http.ResponseWriter, r *http.Request) {
	var said models.PostAnnotationsCmd
	if _, err := read(r, &said); err != nil || *said.Text == "" {
		refuse(w, err, "text field should not be empty")
		return
	}
	made := &models.Annotation{
		ID: int64(len(g.annotations)) + 1, Time: said.Time, TimeEnd: said.TimeEnd, Tags: said.Tags, Text: *said.Text,
	}
	if made.Time == 0 {
		made.Time = time.Now().UnixMilli()
	}
	made.TimeEnd = max(made.Time, made.TimeEnd)
	g.annotations = append(g.annotations, made)
	answer(w, document{"message": "Annotation added", "id": made.ID})
}

func (g *grafana) patchAnnotation(w http.ResponseWriter, r *http.Request) {
	var said models.PatchAnnotationsCmd
	if _, err := read(r, &said); err != nil {
		refuse(w, err, "")
		return
	}
	id, _ := strconv.Atoi(r.PathValue("id"))
	if id < 1 || id > len(g.annotations) {
		say(w, http.StatusNotFound, "Annotation not found")
		return
	}
	kept := g.annotations[id-1]
	if said.Text != "" {
		kept.Text = said.Text
	}
	if said.Tags != nil {
		kept.Tags = said.Tags
	}
	if said.Time != 0 {
		kept.Time = said.Time
	}
	kept.TimeEnd = max(kept.Time, said.TimeEnd)
	answer(w, document{"message": "Annotation patched"})
}
