//! Times calls in batches: the same loop as benchmarks/cedar/measure.hpp and rivals/cedar-go.
//!
//! SPDX-License-Identifier: Apache-2.0

use serde_json::{json, Value};
use std::time::{Duration, Instant};

const WARM_SHARE: f64 = 0.1;
const BATCH_NS: f64 = 2000.0;
const MOST_SAMPLES: usize = 400_000;

/// What one call costs, over all samples.
pub struct Samples {
    ns: Vec<f64>,
    batch: u32,
    cpu: f64,
}

/// Time that the processor spent on us, whatever else the machine was doing.
fn cpu_nanoseconds() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}

impl Samples {
    pub fn new() -> Self {
        Samples { ns: Vec::new(), batch: 1, cpu: 0.0 }
    }

    pub fn add(&mut self, ns: f64) {
        self.ns.push(ns);
    }

    /// One line of the report. divide: how many things one call did.
    pub fn line(&mut self, op: &str, divide: f64) -> Value {
        self.ns.sort_by(|a, b| a.total_cmp(b));
        let at = |share: f64| self.ns[(share * (self.ns.len() - 1) as f64) as usize] / divide;
        let mean = self.ns.iter().sum::<f64>() / self.ns.len() as f64 / divide;
        json!({"op": op, "p50": at(0.50), "p99": at(0.99), "mean": mean,
               "cpu": self.cpu / (self.ns.len() as f64 * self.batch as f64) / divide,
               "samples": self.ns.len(), "batch": self.batch})
    }
}

/// Calls `call(0..count)` in turn for about `seconds`, each sample a batch of one call repeated.
pub fn measure(count: usize, seconds: f64, mut call: impl FnMut(usize)) -> Samples {
    let warm = Instant::now();
    let mut calls = 0;
    let mut each = seconds * 1e9; // the fastest call: not what a busy machine made of it
    while calls == 0 || warm.elapsed().as_secs_f64() < seconds * WARM_SHARE {
        let start = Instant::now();
        call(calls % count);
        each = each.min(start.elapsed().as_nanos() as f64 + 1.0);
        calls += 1;
    }
    let batch = ((BATCH_NS / each).ceil().clamp(1.0, 1024.0) as u32).next_power_of_two();
    let mut out = Samples { ns: Vec::new(), batch, cpu: 0.0 };
    let cpu = cpu_nanoseconds();
    let begin = Instant::now();
    let limit = Duration::from_secs_f64(seconds);
    let mut at = 0;
    while out.ns.is_empty() || (begin.elapsed() < limit && out.ns.len() < MOST_SAMPLES) {
        let start = Instant::now();
        for _ in 0..batch {
            call(at);
        }
        out.ns.push(start.elapsed().as_nanos() as f64 / batch as f64);
        at = (at + 1) % count;
    }
    out.cpu = cpu_nanoseconds() - cpu;
    out
}
