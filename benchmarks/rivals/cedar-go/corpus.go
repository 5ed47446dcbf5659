// The published tests, every check of the official harness: one pass to warm up, one timed.
// Schemas and the validator are in the experimental part of cedar-go.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
	xtypes "github.com/cedar-policy/cedar-go/x/exp/types"
)

type test struct {
	name                       string
	policies, schema, entities []byte
	valid                      bool
	questions                  []question
	wanted                     []string
}

func joined(ids []string) string {
	sort.Strings(ids)
	return strings.Join(ids, ",")
}

func readTest(root, name string) test {
	var facts struct {
		Policies, Schema, Entities string
		ShouldValidate             bool
		Requests                   []struct {
			question
			Decision       string
			Reason, Errors []string
		}
	}
	readJSON(filepath.Join(root, name), &facts)
	file := func(path string) []byte { return fileBytes(filepath.Join(root, "..", path)) }
	out := test{name: name, policies: file(facts.Policies), schema: file(facts.Schema),
		entities: file(facts.Entities), valid: facts.ShouldValidate}
	for _, each := range facts.Requests {
		out.questions = append(out.questions, each.question)
		out.wanted = append(out.wanted, each.Decision+";"+joined(each.Reason)+";"+joined(each.Errors))
	}
	return out
}

var ops = []string{"schema", "entities", "policies", "validate", "requests", "authorize"}

type times [6]samples

func (t *times) timed(op int, step func()) {
	start := time.Now()
	step()
	t[op].batch = 1
	t[op].ns = append(t[op].ns, float64(time.Since(start).Nanoseconds()))
}

// How many answers are wrong; what cannot be read is one.
func (t *test) check(times *times) (wrong int) {
	defer func() {
		if problem := recover(); problem != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", t.name, problem)
			wrong++
		}
	}()
	var validator *validate.Validator
	var schemaOf *resolved.Schema
	times.timed(0, func() {
		var read schema.Schema
		must(read.UnmarshalCedar(t.schema))
		var err error
		schemaOf, err = read.Resolve()
		must(err)
		validator = validate.New(schemaOf, validate.WithStrict())
	})
	var all cedar.EntityMap
	times.timed(1, func() {
		var read xtypes.EntityMap
		must(read.UnmarshalJSONWithSchema(t.entities, schemaOf))
		all = cedar.EntityMap(read)
		must(validator.Entities(all))
	})
	var set *cedar.PolicySet
	times.timed(2, func() { set = policies(t.policies) })
	valid := true
	times.timed(3, func() {
		for id, policy := range set.All() {
			if validator.Policy(string(id), (*ast.Policy)(policy.AST())) != nil {
				valid = false
			}
		}
	})
	if valid != t.valid {
		wrong++
	}
	requests := make([]cedar.Request, len(t.questions))
	times.timed(4, func() {
		for at, each := range t.questions {
			requests[at] = each.request()
			must(validator.Request(requests[at]))
		}
	})
	for at, each := range requests {
		var decision cedar.Decision
		var diagnostic cedar.Diagnostic
		times.timed(5, func() { decision, diagnostic = cedar.Authorize(set, all, each) })
		if answerText(decision, diagnostic) != t.wanted[at] {
			wrong++
		}
	}
	if wrong > 0 {
		fmt.Fprintf(os.Stderr, "%s: %d wrong answers\n", t.name, wrong)
	}
	return wrong
}

func corpus(f *folder, _ float64) {
	var names []string
	readJSON(filepath.Join(f.path, "tests.json"), &names)
	var tests []test
	for _, name := range names {
		tests = append(tests, readTest(f.facts.Corpus, name))
	}
	wrong := 0 // of one pass
	for pass := range 2 {
		wrong = 0
		var times times
		begin := time.Now()
		for at := range tests {
			wrong += tests[at].check(&times)
		}
		total := time.Since(begin).Nanoseconds()
		if pass == 0 {
			continue
		}
		for at, op := range ops {
			print(times[at].line(op, 1))
		}
		print(line{"op": "corpus", "p50": total, "mean": total, "wrong": wrong, "tests": len(tests)})
	}
}
