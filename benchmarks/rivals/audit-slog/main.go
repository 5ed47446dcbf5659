// What a record costs the caller with Go's slog and its JSON handler, set up as ToolHive's auditor is:
// a level of its own, one object with groups a line, written by the caller to a file opened to append.
// Driven by benchmarks/audit/compare.py. Prints one JSON object.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"time"
)

const (
	levelAudit = slog.Level(2)
	timed      = 400_000
	sustained  = 1_000_000
	pause      = 4 * time.Microsecond // about 250,000 a second, as our own measurement
)

func logger(file *os.File) *slog.Logger {
	return slog.New(slog.NewJSONHandler(file, &slog.HandlerOptions{
		Level: levelAudit,
		ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr {
			if attr.Key == slog.LevelKey {
				return slog.String(slog.LevelKey, "AUDIT")
			}
			return attr
		},
	}))
}

// The facts that the other loggers of this comparison are given, too.
func record(log *slog.Logger, number int) {
	log.LogAttrs(context.Background(), levelAudit, "audit_event",
		slog.String("audit_id", fmt.Sprintf("%032x", number)),
		slog.String("type", "mcp_tool_call"),
		slog.Time("logged_at", time.Now()),
		slog.String("outcome", "success"),
		slog.String("component", "shop"),
		slog.Group("source", slog.String("type", "network"), slog.String("value", "10.1.2.3")),
		slog.Group("subjects",
			slog.String("issuer", "https://login.example.com/realms/shop"),
			slog.String("user_id", "7c3f1c2e-5b7e-4f1e-9a1f-0a2b3c4d5e6f"),
			slog.String("client_name", "agent-host"),
			slog.String("session", "0198f2b4c1d27e55")),
		slog.Group("target", slog.String("method", "tools/call"),
			slog.String("name", "query_orders"), slog.String("type", "tool")),
		slog.Group("metadata", slog.String("transport", "streamable_http"),
			slog.String("protocol", "2026-07-28"),
			slog.String("policy", "shop/permit-analysts"),
			slog.String("snapshot", "12 5e884898da280471"),
			slog.String("trace", "4bf92f3577b34da6a3ce929d0e0e4736"),
			slog.String("span", "00f067aa0ba902b7"),
			slog.Int64("duration_ns", 1234567)))
}

func main() {
	path := filepath.Join(os.Args[1], "mcpgov_slog_bench.log")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND|os.O_TRUNC, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer os.Remove(path)
	log := logger(file)
	for number := 0; number < 2000; number++ {
		record(log, number)
	}
	samples := make([]time.Duration, timed)
	for number := range samples {
		begin := time.Now()
		record(log, number)
		samples[number] = time.Since(begin)
		for end := time.Now(); time.Since(end) < pause; {
		}
	}
	sort.Slice(samples, func(a, b int) bool { return samples[a] < samples[b] })
	begin := time.Now()
	for number := 0; number < sustained; number++ {
		record(log, number)
	}
	took := time.Since(begin).Seconds()
	out, _ := json.Marshal(map[string]float64{
		"p50_ns":        float64(samples[timed/2].Nanoseconds()),
		"p99_ns":        float64(samples[timed*99/100].Nanoseconds()),
		"records_per_s": sustained / took,
	})
	fmt.Println(string(out))
}
