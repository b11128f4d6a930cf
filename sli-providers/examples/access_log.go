// A tidegate plug-in in Go: the error rate of an access log, by path. Build it with `go build -o access-log access_log.go`.
//
//	providers:  { web: { type: exec, command: [./access-log], config: { file: access.log } } }
//	indicators: { error_rate: { provider: web, query: /api } }
package main

import ("encoding/json"; "log"; "os"; "regexp"; "strings")

const api = "tidegate.exec/v1"

type object = map[string]interface{}

var line = regexp.MustCompile(`"[A-Z]+ (\S+)[^"]*" (\d)\d\d `) // … "GET /api/cart HTTP/1.1" 200 …

func main() {
	if len(os.Args) < 2 || os.Args[1] != "fetch" { os.Exit(2) } // it does not describe itself
	var request struct {
		ApiVersion string
		Provider   struct{ Config struct{ File string } }
		Indicators []struct{ Name, Query string }
	}
	check(json.NewDecoder(os.Stdin).Decode(&request))
	answer := object{"apiVersion": api, "kind": "FetchResponse"}
	if request.ApiVersion != api { answer["kind"], answer["supported"] = "VersionUnsupported", []string{api} }
	text, err := os.ReadFile(request.Provider.Config.File)
	check(err)
	results := []object{}
	for _, one := range request.Indicators {
		bad, total := 0, 0
		for _, found := range line.FindAllStringSubmatch(string(text), -1) {
			if strings.HasPrefix(found[1], one.Query) { total++; if found[2] == "5" { bad++ } }
		}
		// good/total is the value; where total is 0 there is no data, which is not 0.
		results = append(results, object{"name": one.Name, "status": "ok", "good": bad, "total": total, "samples": total})
	}
	answer["results"] = results
	check(json.NewEncoder(os.Stdout).Encode(answer))
}

func check(err error) { if err != nil { log.Fatal(err) } } // the end of stderr is shown to the user
