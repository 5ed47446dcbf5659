//! The official Rust engine on one workload folder: a JSON line per operation.
//! usage: cedar-rust-bench FOLDER SECONDS
//!
//! SPDX-License-Identifier: Apache-2.0

mod corpus;
mod measure;
mod workload;

use cedar_policy::{Authorizer, Entities, PolicySet};
use measure::measure;
use serde_json::{json, Value};
use std::hint::black_box;
use std::str::FromStr;
use std::time::Instant;
use workload::{answers, Folder};

/// Bytes the heap has handed out, headers of the allocator included.
fn heap() -> f64 {
    let info = unsafe { libc::mallinfo2() };
    (info.uordblks + info.hblkhd) as f64
}

fn print(mut line: Value, more: Value) {
    for (name, value) in more.as_object().expect("an object") {
        line[name] = value.clone();
    }
    println!("{line}");
}

fn authorize(folder: &Folder, seconds: f64) {
    let before = heap();
    let policies = folder.policies();
    let bytes = heap() - before;
    let (entities, cases) = folder.sets();
    if folder.flag("memory") {
        let count = policies.policies().count();
        println!("{}", json!({"op": "memory", "bytes": bytes / count as f64}));
    }
    let authorizer = Authorizer::new();
    let (decisions, digest) = answers(&authorizer, &policies, &entities, &cases, 1);
    let more = json!({"decisions": decisions, "digest": digest});
    if folder.flag("threads") {
        return threads(seconds, more, |at: usize| {
            let case = &cases[at % cases.len()];
            black_box(authorizer.is_authorized(&case.request, &policies, &entities[case.set]));
        });
    }
    let mut samples = measure(cases.len(), seconds, |at| {
        let case = black_box(&cases[at]);
        if folder.flag("strings") {
            let request = case.question.request(None);
            black_box(authorizer.is_authorized(&request, &policies, &entities[case.set]));
        } else {
            black_box(authorizer.is_authorized(&case.request, &policies, &entities[case.set]));
        }
    });
    print(samples.line("authorize", 1.0), more);
}

/// Calls per second of 1 thread up to as many as there are cores.
fn threads(seconds: f64, more: Value, call: impl Fn(usize) + Sync) {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let mut count = 1;
    loop {
        let begin = Instant::now();
        let total: usize = std::thread::scope(|scope| {
            let run = || {
                let mut calls = 0;
                while begin.elapsed().as_secs_f64() < seconds {
                    for _ in 0..64 {
                        call(calls);
                        calls += 1;
                    }
                }
                calls
            };
            let all: Vec<_> = (0..count).map(|_| scope.spawn(run)).collect();
            all.into_iter().map(|thread| thread.join().expect("a thread")).sum()
        });
        let rate = total as f64 / begin.elapsed().as_secs_f64();
        print(json!({"op": format!("threads {count}"), "rate": rate}), more.clone());
        if count == cores {
            return;
        }
        count = (count * 2).min(cores);
    }
}

/// One request per item. Where all of them take longer than the budget, every n-th is asked and the
/// time of the list is estimated from these.
fn list(folder: &Folder, seconds: f64) {
    let policies = folder.policies();
    let (entities, cases) = folder.sets();
    let authorizer = Authorizer::new();
    let start = Instant::now();
    black_box(authorizer.is_authorized(&cases[0].request, &policies, &entities[0]));
    let each = start.elapsed().as_secs_f64();
    let budget = 4.0 * seconds;
    let step = ((each * cases.len() as f64 / budget).ceil() as usize).clamp(1, cases.len());
    let (decisions, digest) = answers(&authorizer, &policies, &entities, &cases, step);
    let asked = cases.len().div_ceil(step);
    let mut samples = measure(1, seconds, |_| {
        for case in cases.iter().step_by(step) {
            black_box(authorizer.is_authorized(&case.request, &policies, &entities[0]));
        }
    });
    let more = json!({"decisions": decisions, "digest": digest, "estimated": step > 1});
    print(samples.line("list", asked as f64 / cases.len() as f64), more);
}

fn parse(folder: &Folder, seconds: f64) {
    let text = folder.policy_text();
    let before = heap();
    let policies = PolicySet::from_str(&text).expect("policies");
    let bytes = heap() - before;
    let count = policies.policies().count() as f64;
    let mut samples = measure(1, seconds, |_| {
        black_box(PolicySet::from_str(black_box(&text)).expect("policies"));
    });
    println!("{}", samples.line("parse", count));
    if folder.flag("memory") {
        println!("{}", json!({"op": "memory", "bytes": bytes / count}));
    }
}

fn load(folder: &Folder, seconds: f64) {
    let text = folder.entities_text(0);
    let before = heap();
    let entities = Entities::from_json_str(&text, None).expect("entities");
    let bytes = heap() - before;
    let count = entities.iter().count() as f64;
    let mut samples = measure(1, seconds, |_| {
        black_box(Entities::from_json_str(black_box(&text), None).expect("entities"));
    });
    println!("{}", samples.line("load", count));
    println!("{}", json!({"op": "memory", "bytes": bytes / count}));
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.len() != 3 {
        eprintln!("usage: cedar-rust-bench FOLDER SECONDS");
        std::process::exit(2);
    }
    let folder = Folder::open(&arguments[1]);
    let seconds: f64 = arguments[2].parse().expect("seconds");
    match folder.facts["kind"].as_str().expect("a kind") {
        "authorize" => authorize(&folder, seconds),
        "list" => list(&folder, seconds),
        "parse" => parse(&folder, seconds),
        "load" => load(&folder, seconds),
        "corpus" => corpus::run(&folder),
        other => panic!("unknown kind of workload: {other}"),
    }
}
