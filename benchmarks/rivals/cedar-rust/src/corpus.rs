//! The published tests, every check of the official harness: one pass to warm up, one timed.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::measure::Samples;
use crate::workload::{answer_text, json, text, Folder, Question};
use cedar_policy::{Authorizer, Entities, PolicySet, Request, Schema, ValidationMode, Validator};
use serde_json::{json, Value};
use std::path::Path;
use std::str::FromStr;
use std::time::Instant;

struct Test {
    name: String,
    policies: String,
    schema: String,
    entities: String,
    valid: bool,
    requests: Vec<(Question, String)>,
}

fn ids(value: &Value) -> String {
    let mut all: Vec<&str> = value.as_array().expect("ids").iter().map(|i| i.as_str().expect("an id")).collect();
    all.sort();
    all.join(",")
}

fn read(root: &Path, name: &str) -> Test {
    let facts = json(&root.join(name));
    let file = |member: &str| text(&root.join("..").join(facts[member].as_str().expect("a path")));
    let requests = facts["requests"].as_array().expect("requests").iter().map(|each| {
        let wanted = format!("{};{};{}", each["decision"].as_str().expect("a decision"),
                             ids(&each["reason"]), ids(&each["errors"]));
        (Question::read(each), wanted)
    });
    Test {
        name: name.to_owned(),
        policies: file("policies"),
        schema: file("schema"),
        entities: file("entities"),
        valid: facts["shouldValidate"].as_bool().expect("a verdict"),
        requests: requests.collect(),
    }
}

const OPS: [&str; 6] = ["schema", "entities", "policies", "validate", "requests", "authorize"];

struct Times([Samples; 6]);

impl Times {
    fn timed<T>(&mut self, op: usize, step: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let out = step();
        self.0[op].add(start.elapsed().as_nanos() as f64);
        out
    }
}

/// How many answers are wrong.
fn check(test: &Test, authorizer: &Authorizer, times: &mut Times) -> usize {
    let schema = times.timed(0, || Schema::from_cedarschema_str(&test.schema).expect("a schema").0);
    let entities = times.timed(1, || Entities::from_json_str(&test.entities, Some(&schema)).expect("entities"));
    let policies = times.timed(2, || PolicySet::from_str(&test.policies).expect("policies"));
    let validator = Validator::new(schema.clone());
    let valid = times.timed(3, || validator.validate(&policies, ValidationMode::Strict).validation_passed());
    let mut wrong = usize::from(valid != test.valid);
    let requests: Vec<Request> = times.timed(4, || {
        test.requests.iter().map(|(question, _)| question.request(Some(&schema))).collect()
    });
    for (request, (_, wanted)) in requests.iter().zip(&test.requests) {
        let response = times.timed(5, || authorizer.is_authorized(request, &policies, &entities));
        wrong += usize::from(answer_text(&response) != *wanted);
    }
    if wrong > 0 {
        eprintln!("{}: {wrong} wrong answers", test.name);
    }
    wrong
}

pub fn run(folder: &Folder) {
    let root = Path::new(folder.facts["corpus"].as_str().expect("a folder")).to_owned();
    let names = json(&folder.path.join("tests.json"));
    let tests: Vec<Test> = names.as_array().expect("names").iter()
        .map(|name| read(&root, name.as_str().expect("a name"))).collect();
    let authorizer = Authorizer::new();
    let mut wrong;
    for pass in 0..2 {
        wrong = 0;
        let mut times = Times(std::array::from_fn(|_| Samples::new()));
        let begin = Instant::now();
        for test in &tests {
            wrong += check(test, &authorizer, &mut times);
        }
        let total = begin.elapsed().as_nanos() as f64;
        if pass == 0 {
            continue;
        }
        for (op, samples) in OPS.iter().zip(&mut times.0) {
            println!("{}", samples.line(op, 1.0));
        }
        println!("{}", json!({"op": "corpus", "p50": total, "mean": total, "wrong": wrong,
                              "tests": tests.len()}));
    }
}
