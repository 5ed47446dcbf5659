// Reads a workload folder: see benchmarks/cedar/workloads.py.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"encoding/json"
	"fmt"
	"hash"
	"hash/fnv"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

type folder struct {
	path  string
	facts struct {
		Kind    string
		Sets    int
		Strings bool
		Threads bool
		Memory  bool
		Corpus  string
	}
}

type name struct{ Type, ID string }

// A request as text, for those who build it inside of what is timed.
type question struct {
	Principal, Action, Resource name
	Context                     json.RawMessage
}

type testCase struct {
	set      int
	request  cedar.Request
	question question
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func fileBytes(path string) []byte {
	out, err := os.ReadFile(path)
	must(err)
	return out
}

func readJSON(path string, out any) { must(json.Unmarshal(fileBytes(path), out)) }

func (n name) uid() cedar.EntityUID {
	return types.NewEntityUID(types.EntityType(n.Type), types.String(n.ID))
}

func (q question) request() cedar.Request {
	var context cedar.Record
	must(context.UnmarshalJSON(q.Context))
	return cedar.Request{Principal: q.Principal.uid(), Action: q.Action.uid(), Resource: q.Resource.uid(),
		Context: context}
}

func open(path string) *folder {
	out := &folder{path: path}
	readJSON(filepath.Join(path, "workload.json"), &out.facts)
	return out
}

func (f *folder) policyText() []byte { return fileBytes(filepath.Join(f.path, "policies.cedar")) }

func (f *folder) entitiesText(set int) []byte {
	return fileBytes(filepath.Join(f.path, fmt.Sprintf("entities.%d.json", set)))
}

func policies(text []byte) *cedar.PolicySet {
	out, err := cedar.NewPolicySetFromBytes("", text)
	must(err)
	return out
}

func entities(text []byte) cedar.EntityMap {
	var out cedar.EntityMap
	must(json.Unmarshal(text, &out))
	return out
}

func (f *folder) sets() (all []cedar.EntityMap, cases []testCase) {
	for set := 0; set < f.facts.Sets; set++ {
		all = append(all, entities(f.entitiesText(set)))
		var questions []question
		readJSON(filepath.Join(f.path, fmt.Sprintf("requests.%d.json", set)), &questions)
		for _, each := range questions {
			cases = append(cases, testCase{set, each.request(), each})
		}
	}
	return all, cases
}

// `allow;reasons;errors`, ids sorted: what every engine has to agree on.
func answerText(decision cedar.Decision, diagnostic cedar.Diagnostic) string {
	var reasons, errors []string
	for _, each := range diagnostic.Reasons {
		reasons = append(reasons, string(each.PolicyID))
	}
	for _, each := range diagnostic.Errors {
		errors = append(errors, string(each.PolicyID))
	}
	sort.Strings(reasons)
	sort.Strings(errors)
	return decision.String() + ";" + strings.Join(reasons, ",") + ";" + strings.Join(errors, ",")
}

type answers struct {
	decisions strings.Builder
	digest    hash.Hash64
}

func newAnswers() *answers { return &answers{digest: fnv.New64a()} }

func (a *answers) add(decision cedar.Decision, diagnostic cedar.Diagnostic) {
	if decision == cedar.Allow {
		a.decisions.WriteByte('A')
	} else {
		a.decisions.WriteByte('D')
	}
	a.digest.Write([]byte(answerText(decision, diagnostic) + "\n"))
}

func (a *answers) into(out line) line {
	out["decisions"] = a.decisions.String()
	out["digest"] = fmt.Sprintf("%016x", a.digest.Sum64())
	return out
}

// What the engine answers to every step-th case.
func ask(set *cedar.PolicySet, all []cedar.EntityMap, cases []testCase, step int) *answers {
	out := newAnswers()
	for at, each := range cases {
		if at%step != 0 {
			out.decisions.WriteByte('-')
			continue
		}
		out.add(cedar.Authorize(set, all[each.set], each.request))
	}
	return out
}
