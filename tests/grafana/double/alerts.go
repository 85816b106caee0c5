package main

// Alert rules, one by one and as a group; the group's interval is seconds here, as in Grafana's API.

import (
	"encoding/json"
	"net/http"

	"github.com/grafana/grafana-openapi-client-go/models"
)

const byAPI = "api"

func (g *grafana) getGroup(w http.ResponseWriter, r *http.Request) {
	if g.group == nil && len(g.order) == 0 {
		say(w, http.StatusNotFound, "rule group not found")
		return
	}
	rules := []document{}
	for _, uid := range g.order {
		rules = append(rules, g.rules[uid])
	}
	whole := document{"title": r.PathValue("group"), "folderUid": r.PathValue("folder"), "interval": 60, "rules": rules}
	if g.group != nil {
		whole["interval"] = g.group["interval"]
	}
	answer(w, whole)
}

func (g *grafana) putGroup(w http.ResponseWriter, r *http.Request) {
	var said models.AlertRuleGroup
	body, err := read(r, &said)
	if err != nil {
		refuse(w, err, "")
		return
	}
	if said.Interval%10 != 0 || said.Interval == 0 {
		say(w, http.StatusBadRequest, "the interval must be a multiple of 10 seconds")
		return
	}
	for _, rule := range said.Rules {
		if *rule.FolderUID != r.PathValue("folder") || *rule.RuleGroup != r.PathValue("group") {
			say(w, http.StatusBadRequest, "a rule of another group: "+rule.UID)
			return
		}
		if fault := g.fault(rule); fault != "" {
			say(w, http.StatusBadRequest, rule.UID+": "+fault)
			return
		}
	}
	var raw struct {
		Rules []document `json:"rules"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		refuse(w, err, "")
		return
	}
	g.group, g.rules, g.order = parsed(body), map[string]document{}, nil
	for _, rule := range raw.Rules {
		g.keepRule(rule, r)
	}
	answer(w, document{"title": said.Title, "interval": said.Interval})
}

func (g *grafana) getRule(w http.ResponseWriter, r *http.Request) {
	found(w, g.rules[r.PathValue("uid")])
}

func (g *grafana) postRule(w http.ResponseWriter, r *http.Request) {
	g.takeRule(w, r, http.StatusCreated)
}

func (g *grafana) putRule(w http.ResponseWriter, r *http.Request) {
	if g.rules[r.PathValue("uid")] == nil {
		say(w, http.StatusNotFound, "rule not found")
		return
	}
	g.takeRule(w, r, http.StatusOK)
}

func (g *grafana) takeRule(w http.ResponseWriter, r *http.Request, done int) {
	var said models.ProvisionedAlertRule
	body, err := read(r, &said)
	if err == nil {
		if fault := g.fault(&said); fault != "" {
			say(w, http.StatusBadRequest, fault)
			return
		}
	}
	if err != nil {
		refuse(w, err, "")
		return
	}
	g.keepRule(parsed(body), r)
	w.WriteHeader(done)
	answer(w, parsed(body))
}

// fault is what Grafana checks beyond its models.
func (g *grafana) fault(rule *models.ProvisionedAlertRule) string {
	if g.folders[*rule.FolderUID] == nil {
		return "folder does not exist"
	}
	dashboard, panel := rule.Annotations["__dashboardUid__"], rule.Annotations["__panelId__"]
	if (dashboard == "") != (panel == "") {
		return "__dashboardUid__ and __panelId__ must be given together"
	}
	known := map[string]bool{}
	for _, query := range rule.Data {
		known[query.RefID] = true
		if query.RelativeTimeRange == nil || query.DatasourceUID == "" {
			return "a query without a range or a data source"
		}
	}
	if !known[*rule.Condition] {
		return "the condition names no query"
	}
	return ""
}

func (g *grafana) keepRule(rule document, r *http.Request) {
	uid, _ := rule["uid"].(string)
	if g.rules[uid] == nil {
		g.order = append(g.order, uid)
	}
	delete(rule, "provenance")
	if r.Header.Get("X-Disable-Provenance") == "" {
		rule["provenance"] = byAPI
	}
	g.rules[uid] = rule
}
