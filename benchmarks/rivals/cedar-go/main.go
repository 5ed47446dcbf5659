// cedar-go on one workload folder: a JSON line per operation.
// usage: cedar-go FOLDER SECONDS
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/batch"
)

func print(out line) {
	text, err := json.Marshal(out)
	must(err)
	fmt.Println(string(text))
}

// Bytes of live objects.
func heap() float64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc)
}

func authorize(f *folder, seconds float64) {
	if _, err := os.Stat(filepath.Join(f.path, "links.json")); err == nil {
		print(line{"op": "authorize", "absent": "no templates"})
		return
	}
	before := heap()
	set := policies(f.policyText())
	bytes := heap() - before
	all, cases := f.sets()
	if f.facts.Memory {
		print(line{"op": "memory", "bytes": bytes / float64(len(set.Map()))})
	}
	answers := ask(set, all, cases, 1)
	if f.facts.Threads {
		threads(seconds, answers, func(at int) {
			each := &cases[at%len(cases)]
			cedar.Authorize(set, all[each.set], each.request)
		})
		return
	}
	taken := measure(len(cases), seconds, func(at int) {
		each := &cases[at]
		if f.facts.Strings {
			cedar.Authorize(set, all[each.set], each.question.request())
		} else {
			cedar.Authorize(set, all[each.set], each.request)
		}
	})
	print(answers.into(taken.line("authorize", 1)))
}

// Calls per second of 1 thread up to as many as there are cores.
func threads(seconds float64, answers *answers, call func(int)) {
	cores := runtime.NumCPU()
	for count := 1; ; count = min(count*2, cores) {
		runtime.GOMAXPROCS(count)
		var group sync.WaitGroup
		totals := make([]int, count)
		begin := time.Now()
		for i := range totals {
			group.Add(1)
			go func() {
				defer group.Done()
				calls := 0
				for time.Since(begin).Seconds() < seconds {
					for range 64 {
						call(calls)
						calls++
					}
				}
				totals[i] = calls
			}()
		}
		group.Wait()
		sum := 0
		for _, each := range totals {
			sum += each
		}
		rate := float64(sum) / time.Since(begin).Seconds()
		print(answers.into(line{"op": fmt.Sprintf("threads %d", count), "rate": rate}))
		if count == cores {
			return
		}
	}
}

// One request per item, and the batch of x/exp. Where all requests take longer than the budget,
// every n-th is asked and the time of the list is estimated from these.
func list(f *folder, seconds float64) {
	set := policies(f.policyText())
	all, cases := f.sets()
	start := time.Now()
	cedar.Authorize(set, all[0], cases[0].request)
	each := time.Since(start).Seconds()
	step := min(max(int(each*float64(len(cases))/(4*seconds)+1), 1), len(cases))
	answers := ask(set, all, cases, step)
	taken := measure(1, seconds, func(int) {
		for at := 0; at < len(cases); at += step {
			cedar.Authorize(set, all[0], cases[at].request)
		}
	})
	asked := (len(cases) + step - 1) / step
	out := answers.into(taken.line("list", float64(asked)/float64(len(cases))))
	out["estimated"] = step > 1
	print(out)

	batched := newAnswers()
	ask := func(callback batch.Callback) {
		resources := make([]types.Value, len(cases))
		for at := range cases {
			resources[at] = cases[at].request.Resource
		}
		request := cases[0].request
		must(batch.Authorize(context.Background(), set, all[0], batch.Request{
			Principal: request.Principal, Action: request.Action,
			Resource: batch.Variable("resource"), Context: request.Context,
			Variables: batch.Variables{"resource": resources}}, callback))
	}
	ask(func(result batch.Result) error {
		batched.add(result.Decision, result.Diagnostic)
		return nil
	})
	taken = measure(1, seconds, func(int) { ask(func(batch.Result) error { return nil }) })
	print(batched.into(taken.line("list, batch", 1)))
}

func parse(f *folder, seconds float64) {
	text := f.policyText()
	before := heap()
	set := policies(text)
	bytes := heap() - before
	count := float64(len(set.Map()))
	print(measure(1, seconds, func(int) { policies(text) }).line("parse", count))
	if f.facts.Memory {
		print(line{"op": "memory", "bytes": bytes / count})
	}
	runtime.KeepAlive(set)
}

func load(f *folder, seconds float64) {
	text := f.entitiesText(0)
	before := heap()
	loaded := entities(text)
	bytes := heap() - before
	count := float64(len(loaded))
	print(measure(1, seconds, func(int) { entities(text) }).line("load", count))
	print(line{"op": "memory", "bytes": bytes / count})
	runtime.KeepAlive(loaded)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: cedar-go FOLDER SECONDS")
		os.Exit(2)
	}
	f := open(os.Args[1])
	seconds, err := strconv.ParseFloat(os.Args[2], 64)
	must(err)
	kinds := map[string]func(*folder, float64){"authorize": authorize, "list": list, "parse": parse,
		"load": load, "corpus": corpus}
	run, known := kinds[f.facts.Kind]
	if !known {
		panic("unknown kind of workload: " + f.facts.Kind)
	}
	run(f, seconds)
}
