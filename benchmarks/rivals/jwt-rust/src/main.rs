//! The crate jsonwebtoken: jwt-rust-bench TOKENS SECONDS prints a line `RS256 microseconds` each.
//!
//! SPDX-License-Identifier: Apache-2.0
use std::time::Instant;

use jsonwebtoken::{decode, jwk::Jwk, Algorithm, DecodingKey, Validation};
use serde_json::Value;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&arguments[1]).expect("tokens");
    let seconds: f64 = arguments[2].parse().expect("seconds");
    let tokens: Value = serde_json::from_str(&text).expect("JSON");
    for (name, given) in tokens.as_object().expect("an object") {
        let jwk: Jwk = serde_json::from_value(given["jwk"].clone()).expect("a JWK");
        let key = DecodingKey::from_jwk(&jwk).expect("a key");
        let algorithm: Algorithm = name.parse().expect("an algorithm");
        let mut validation = Validation::new(algorithm);
        validation.set_audience(&["https://mcp.example.com/mcp"]);
        let token = given["token"].as_str().expect("a token");
        let mut times = Vec::new();
        for _ in 0..5 {
            let start = Instant::now();
            let mut done = 0;
            while start.elapsed().as_secs_f64() < seconds / 5.0 {
                for _ in 0..10 {
                    decode::<Value>(token, &key, &validation).expect("a valid token");
                }
                done += 10;
            }
            times.push(start.elapsed().as_secs_f64() * 1e6 / f64::from(done));
        }
        times.sort_by(f64::total_cmp);
        println!("{name} {:.2}", times[2]);
    }
}
