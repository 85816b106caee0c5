// A Grafana for tests: the part of its HTTP API that boards and alerts need, decoded with Grafana's own models.
//
// It keeps what it is told in memory, and has the habits that hurt: an update of a board without a folder moves
// it to the root, a stale version is 412, secrets are never given back and are forgotten when they are not sent
// again, a rule that comes without X-Disable-Provenance can't be edited in the browser any more.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"sync"

	"github.com/grafana/grafana-openapi-client-go/models"
)

type document = map[string]any

type board struct {
	folder  string
	version int
	body    document
}

type grafana struct {
	token string

	lock    sync.Mutex
	folders map[string]document
	sources map[string]document
	secrets map[string]map[string]string
	boards  map[string]*board
	group   document
	rules   map[string]document
	order   []string

	annotations []*models.Annotation

	log    []string
	broken map[string]int
}

func main() {
	port := flag.Int("port", 0, "on loopback")
	token := flag.String("token", "", "the only one that is taken")
	flag.Parse()
	g := &grafana{
		token: *token, folders: map[string]document{}, sources: map[string]document{},
		secrets: map[string]map[string]string{}, boards: map[string]*board{},
		rules: map[string]document{}, broken: map[string]int{},
	}
	log.Fatal(http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", *port), g.guarded(g.routes())))
}

func (g *grafana) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/health", g.health)
	mux.HandleFunc("GET /api/folders", g.listFolders)
	mux.HandleFunc("GET /api/folders/{uid}", g.getFolder)
	mux.HandleFunc("POST /api/folders", g.createFolder)
	mux.HandleFunc("GET /api/datasources/uid/{uid}", g.getSource)
	mux.HandleFunc("POST /api/datasources", g.addSource)
	mux.HandleFunc("PUT /api/datasources/uid/{uid}", g.updateSource)
	mux.HandleFunc("GET /api/dashboards/uid/{uid}", g.getBoard)
	mux.HandleFunc("POST /api/dashboards/db", g.saveBoard)
	mux.HandleFunc("GET /api/annotations", g.listAnnotations)
	mux.HandleFunc("POST /api/annotations", g.postAnnotation)
	mux.HandleFunc("PATCH /api/annotations/{id}", g.patchAnnotation)
	mux.HandleFunc("GET /api/v1/provisioning/folder/{folder}/rule-groups/{group}", g.getGroup)
	mux.HandleFunc("PUT /api/v1/provisioning/folder/{folder}/rule-groups/{group}", g.putGroup)
	mux.HandleFunc("GET /api/v1/provisioning/alert-rules/{uid}", g.getRule)
	mux.HandleFunc("POST /api/v1/provisioning/alert-rules", g.postRule)
	mux.HandleFunc("PUT /api/v1/provisioning/alert-rules/{uid}", g.putRule)
	g.control(mux)
	return mux
}

// guarded counts requests, checks the token, and lets one request in at a time.
func (g *grafana) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.lock.Lock()
		defer g.lock.Unlock()
		asked := r.Method + " " + r.URL.Path
		if !isControl(r) {
			g.log = append(g.log, asked)
			if r.URL.Path != "/api/health" && r.Header.Get("Authorization") != "Bearer "+g.token {
				say(w, http.StatusUnauthorized, "Invalid API key")
				return
			}
			if status, is := g.broken[asked]; is {
				say(w, status, "internal")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (g *grafana) health(w http.ResponseWriter, _ *http.Request) {
	answer(w, document{"database": "ok", "version": "13.0.0", "commit": "double"})
}

func (g *grafana) listFolders(w http.ResponseWriter, _ *http.Request) {
	found := []document{}
	for _, folder := range g.folders {
		found = append(found, folder)
	}
	answer(w, found)
}

func (g *grafana) getFolder(w http.ResponseWriter, r *http.Request) {
	found(w, g.folders[r.PathValue("uid")])
}

func (g *grafana) createFolder(w http.ResponseWriter, r *http.Request) {
	var said models.CreateFolderCommand
	if _, err := read(r, &said); err != nil || said.Title == "" {
		refuse(w, err, "a folder needs a title")
		return
	}
	if _, there := g.folders[said.UID]; there {
		say(w, http.StatusConflict, "a folder with that uid exists")
		return
	}
	g.folders[said.UID] = document{"uid": said.UID, "title": said.Title}
	answer(w, g.folders[said.UID])
}

func (g *grafana) getSource(w http.ResponseWriter, r *http.Request) {
	source := g.sources[r.PathValue("uid")]
	if source != nil {
		kept := document{}
		for name := range g.secrets[r.PathValue("uid")] {
			kept[name] = true
		}
		source["secureJsonFields"] = kept
	}
	found(w, source)
}

func (g *grafana) addSource(w http.ResponseWriter, r *http.Request) {
	var said models.AddDataSourceCommand
	body, err := read(r, &said)
	if err != nil || said.Name == "" || said.Type == "" {
		refuse(w, err, "a data source needs a name and a type")
		return
	}
	g.keepSource(said.UID, body, said.SecureJSONData)
	answer(w, document{"id": 1, "message": "Datasource added", "name": said.Name})
}

func (g *grafana) updateSource(w http.ResponseWriter, r *http.Request) {
	var said models.UpdateDataSourceCommand
	body, err := read(r, &said)
	if err != nil || said.Name == "" || g.sources[r.PathValue("uid")] == nil {
		refuse(w, err, "no such data source, or no name")
		return
	}
	g.keepSource(r.PathValue("uid"), body, said.SecureJSONData)
	answer(w, document{"id": 1, "message": "Datasource updated", "name": said.Name})
}

func (g *grafana) keepSource(uid string, body []byte, secrets map[string]string) {
	source := parsed(body)
	delete(source, "secureJsonData")
	g.sources[uid], g.secrets[uid] = source, secrets
}

func (g *grafana) getBoard(w http.ResponseWriter, r *http.Request) {
	kept := g.boards[r.PathValue("uid")]
	if kept == nil {
		say(w, http.StatusNotFound, "Dashboard not found")
		return
	}
	kept.body["version"] = kept.version
	answer(w, document{"dashboard": kept.body, "meta": document{"folderUid": kept.folder, "version": kept.version}})
}

func (g *grafana) saveBoard(w http.ResponseWriter, r *http.Request) {
	var said models.SaveDashboardCommand
	if _, err := read(r, &said); err != nil {
		refuse(w, err, "")
		return
	}
	body, _ := said.Dashboard.(map[string]any)
	uid, _ := body["uid"].(string)
	if title, _ := body["title"].(string); title == "" || uid == "" || len(uid) > 40 {
		say(w, http.StatusBadRequest, "a dashboard needs a title and a uid of at most 40 characters")
		return
	}
	if said.FolderUID != "" && g.folders[said.FolderUID] == nil {
		say(w, http.StatusBadRequest, "folder not found")
		return
	}
	version := 1
	if kept := g.boards[uid]; kept != nil {
		if told, _ := body["version"].(float64); !said.Overwrite && int(told) != kept.version {
			w.WriteHeader(http.StatusPreconditionFailed)
			answer(w, document{"status": "version-mismatch", "message": "changed by someone else"})
			return
		}
		version = kept.version + 1
	}
	body["id"] = 7
	g.boards[uid] = &board{said.FolderUID, version, body}
	answer(w, document{"uid": uid, "status": "success", "version": version, "id": 7, "url": "/d/" + uid})
}

func found(w http.ResponseWriter, what document) {
	if what == nil {
		say(w, http.StatusNotFound, "not found")
		return
	}
	answer(w, what)
}

func refuse(w http.ResponseWriter, err error, otherwise string) {
	if err != nil {
		otherwise = err.Error()
	}
	say(w, http.StatusBadRequest, otherwise)
}

func say(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	answer(w, document{"message": message})
}

func answer(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(what); err != nil {
		log.Print(err)
	}
}

func parsed(body []byte) document {
	made := document{}
	if err := json.Unmarshal(body, &made); err != nil {
		log.Panic(err)
	}
	return made
}
