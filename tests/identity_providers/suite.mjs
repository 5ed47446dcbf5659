// What the suites of this folder share: cases with sentences for names, the verifier as a child
// process, and clients' requests with their proofs of possession.
//
// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const MCP_URL = "https://shop.example/mcp";

// Cases, one after the other; they may use what former ones left behind.
export class Suite {
  passed = 0;
  failed = 0;

  async test(sentence, body) {
    try {
      await body();
      this.passed += 1;
    } catch (error) {
      this.failed += 1;
      console.log(`FAILED: ${sentence}\n    ${error.message}`);
    }
  }

  // Prints the closing line and sets the exit code.
  close() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed || !this.passed ? 1 : 0;
  }
}

export function expect(actual, expected, what) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: ${left}, not ${right}`);
}

// The program `identity_providers_identify` with these settings. Answers come in order.
export class Verifier {
  #waiting = [];
  #ended = null;

  constructor(program, folder, settings) {
    const file = join(folder, `settings-${randomUUID()}.json`);
    writeFileSync(file, JSON.stringify(settings));
    this.child = spawn(program, [file], { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.child.stdout }).on("line", (line) =>
      this.#waiting.shift().resolve(JSON.parse(line)));
    this.child.on("exit", (code) => {
      this.#ended = new Error(`the verifier ended with ${code}`);
      for (const each of this.#waiting) each.reject(this.#ended);
    });
    this.child.stdin.on("error", () => {});
  }

  ask(line) {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#waiting.push({ resolve, reject });
      this.child.stdin.write(`${JSON.stringify(line)}\n`);
    });
  }

  // A request with an access token. proof: of DPoP.
  request(token, { proof, scheme = proof ? "DPoP" : "Bearer", url = MCP_URL, later_s = 0 } = {}) {
    const headers = [["Authorization", `${scheme} ${token}`]];
    if (proof) headers.push(["DPoP", proof]);
    return this.ask({ method: "POST", url, headers, peer: "192.0.2.1", later_s });
  }

  upkeep(later_s = 0) {
    return this.ask({ upkeep: true, later_s });
  }

  async accepts(token, options = {}) {
    const answer = await this.request(token, options);
    expect(answer.reason, "none", "the reason");
    return answer.caller;
  }

  async refuses(token, reason, options = {}) {
    const answer = await this.request(token, options);
    expect(answer.reason, reason, "the reason");
    return answer;
  }

  end() {
    this.child.stdin.end();
  }
}

// A proof of possession (RFC 9449 section 4.2). change: of its claims.
export async function proofOf(jose, keys, token, change = {}) {
  const { alg, ...jwk } = await jose.exportJWK(keys.publicKey);
  const claims = { jti: randomUUID(), htm: "POST", htu: MCP_URL, ...change };
  if (token) claims.ath = createHash("sha256").update(token).digest("base64url");
  return new jose.SignJWT(claims)
    .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk })
    .setIssuedAt()
    .sign(keys.privateKey);
}

// POST of a form; the answer's JSON, or null where it has no body. Throws unless it succeeded.
export async function post(url, form, headers = {}) {
  const answer = await fetch(url, { method: "POST", headers, body: new URLSearchParams(form) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

export function basic(id, secret) {
  return { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` };
}

// A token with one byte of its signature changed.
export function tampered(token) {
  const at = token.lastIndexOf(".") + 10;
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}
