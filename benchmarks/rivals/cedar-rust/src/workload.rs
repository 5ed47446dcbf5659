//! Reads a workload folder: see benchmarks/cedar/workloads.py.
//!
//! SPDX-License-Identifier: Apache-2.0

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, PolicyId,
    PolicySet, Request, Response, Schema, SlotId,
};
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub struct Folder {
    pub path: PathBuf,
    pub facts: Value,
}

/// A request as text, for those who build it inside of what is timed.
pub struct Question {
    pub principal: (String, String),
    pub action: (String, String),
    pub resource: (String, String),
    pub context: String,
}

pub struct Case {
    pub set: usize,
    pub request: Request,
    pub question: Question,
}

pub fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub fn json(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub fn uid(kind: &str, id: &str) -> EntityUid {
    let kind = EntityTypeName::from_str(kind).expect("a type name");
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

fn pair(value: &Value) -> (String, String) {
    let part = |name: &str| value[name].as_str().expect("a string").to_owned();
    (part("type"), part("id"))
}

impl Question {
    pub fn read(value: &Value) -> Self {
        Question {
            principal: pair(&value["principal"]),
            action: pair(&value["action"]),
            resource: pair(&value["resource"]),
            context: value["context"].to_string(),
        }
    }

    pub fn request(&self, schema: Option<&Schema>) -> Request {
        let action = uid(&self.action.0, &self.action.1);
        let context = Context::from_json_str(&self.context, schema.map(|s| (s, &action)))
            .expect("a context");
        Request::new(
            uid(&self.principal.0, &self.principal.1),
            action,
            uid(&self.resource.0, &self.resource.1),
            context,
            schema,
        )
        .expect("a request")
    }
}

impl Folder {
    pub fn open(path: &str) -> Self {
        let path = PathBuf::from(path);
        let facts = json(&path.join("workload.json"));
        Folder { path, facts }
    }

    pub fn flag(&self, name: &str) -> bool {
        self.facts[name].as_bool().unwrap_or(false)
    }

    pub fn policy_text(&self) -> String {
        text(&self.path.join("policies.cedar"))
    }

    pub fn entities_text(&self, set: usize) -> String {
        text(&self.path.join(format!("entities.{set}.json")))
    }

    pub fn policies(&self) -> PolicySet {
        let mut policies = PolicySet::from_str(&self.policy_text()).expect("policies");
        let links = self.path.join("links.json");
        if !links.exists() {
            return policies;
        }
        for link in json(&links).as_array().expect("a list") {
            let mut values = HashMap::new();
            for (name, slot) in [("principal", SlotId::principal()), ("resource", SlotId::resource())] {
                if link[name].is_object() {
                    let (kind, id) = pair(&link[name]);
                    values.insert(slot, uid(&kind, &id));
                }
            }
            let id = PolicyId::new(link["id"].as_str().expect("an id"));
            policies.link(PolicyId::new("policy0"), id, values).expect("a link");
        }
        policies
    }

    pub fn sets(&self) -> (Vec<Entities>, Vec<Case>) {
        let (mut entities, mut cases) = (Vec::new(), Vec::new());
        for set in 0..self.facts["sets"].as_u64().expect("a number") as usize {
            entities.push(Entities::from_json_str(&self.entities_text(set), None).expect("entities"));
            for each in json(&self.path.join(format!("requests.{set}.json"))).as_array().expect("a list") {
                let question = Question::read(each);
                cases.push(Case { set, request: question.request(None), question });
            }
        }
        (entities, cases)
    }
}

/// `allow;reasons;errors`, ids sorted: what every engine has to agree on.
pub fn answer_text(response: &Response) -> String {
    let mut reasons: Vec<String> = response.diagnostics().reason().map(|r| r.to_string()).collect();
    let mut errors: Vec<String> = response
        .diagnostics()
        .errors()
        .map(|cedar_policy::AuthorizationError::PolicyEvaluationError(e)| e.policy_id().to_string())
        .collect();
    reasons.sort();
    errors.sort();
    let decision = if response.decision() == Decision::Allow { "allow" } else { "deny" };
    format!("{decision};{};{}", reasons.join(","), errors.join(","))
}

/// FNV-1a, 64 bits, over the answers of all cases.
pub struct Digest(u64);

impl Digest {
    pub fn new() -> Self {
        Digest(0xcbf29ce484222325)
    }

    pub fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([b'\n']) {
            self.0 = (self.0 ^ byte as u64).wrapping_mul(0x100000001b3);
        }
    }

    pub fn text(&self) -> String {
        format!("{:016x}", self.0)
    }
}

/// What the engine answers to every case: `AD…`, and the digest of its reasons and errors.
pub fn answers(authorizer: &Authorizer, policies: &PolicySet, entities: &[Entities], cases: &[Case],
               step: usize) -> (String, String) {
    let (mut decisions, mut digest) = (String::new(), Digest::new());
    for (at, case) in cases.iter().enumerate() {
        if at % step != 0 {
            decisions.push('-');
            continue;
        }
        let response = authorizer.is_authorized(&case.request, policies, &entities[case.set]);
        decisions.push(if response.decision() == Decision::Allow { 'A' } else { 'D' });
        digest.add(&answer_text(&response));
    }
    (decisions, digest.text())
}
