// Times calls in batches: the same loop as benchmarks/cedar/measure.hpp and rivals/cedar-rust.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"math"
	"sort"
	"syscall"
	"time"
)

const (
	warmShare   = 0.1
	batchNs     = 2000.0
	mostSamples = 400_000
)

type samples struct {
	ns    []float64
	batch int
	cpu   float64
}

// Time that the processors spent on us, garbage collection included, whatever else the machine did.
func cpuNanoseconds() float64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

type line map[string]any

// One line of the report. divide: how many things one call did.
func (s *samples) line(op string, divide float64) line {
	sort.Float64s(s.ns)
	at := func(share float64) float64 { return s.ns[int(share*float64(len(s.ns)-1))] / divide }
	sum := 0.0
	for _, each := range s.ns {
		sum += each
	}
	return line{"op": op, "p50": at(0.50), "p99": at(0.99), "mean": sum / float64(len(s.ns)) / divide,
		"cpu": s.cpu / float64(len(s.ns)*s.batch) / divide, "samples": len(s.ns), "batch": s.batch}
}

// Calls call(0…count-1) in turn for about so many seconds, each sample a batch of one call repeated.
func measure(count int, seconds float64, call func(int)) *samples {
	warm := time.Now()
	each := seconds * 1e9 // the fastest call: not what a busy machine made of it
	for calls := 0; calls == 0 || time.Since(warm).Seconds() < seconds*warmShare; calls++ {
		start := time.Now()
		call(calls % count)
		each = math.Min(each, float64(time.Since(start).Nanoseconds())+1)
	}
	batch := 1
	for wanted := int(math.Min(1024, math.Ceil(batchNs/each))); batch < wanted; {
		batch *= 2
	}
	out := &samples{batch: batch}
	begin := time.Now()
	cpu := cpuNanoseconds()
	for at := 0; len(out.ns) == 0 || (time.Since(begin).Seconds() < seconds && len(out.ns) < mostSamples); at = (at + 1) % count {
		start := time.Now()
		for i := 0; i < batch; i++ {
			call(at)
		}
		out.ns = append(out.ns, float64(time.Since(start).Nanoseconds())/float64(batch))
	}
	out.cpu = cpuNanoseconds() - cpu
	return out
}
