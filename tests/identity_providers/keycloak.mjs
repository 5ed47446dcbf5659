// Tokens of Keycloak, and what the verifier says to them.
// node keycloak.mjs IDENTIFY FOLDER KEYCLOAK: the verifier's program, where the packages are, and
// Keycloak's folder.
//
// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { MCP_URL, Suite, Verifier, basic, expect, post, proofOf, tampered } from "./suite.mjs";

const [identify, folder, home] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const jose = await import(pathToFileURL(require.resolve("jose")));

const SECRET = "a-secret-of-at-least-thirty-two-bytes";
const ADMIN = { username: "admin", password: "admin" };
const START_S = 180;

// --- the realm -----------------------------------------------------------------------------------

const audience = (url) => ({
  name: "audience", protocol: "openid-connect", protocolMapper: "oidc-audience-mapper",
  config: { "included.custom.audience": url, "access.token.claim": "true",
    "introspection.token.claim": "true" } });
const groups = {
  name: "groups", protocol: "openid-connect", protocolMapper: "oidc-group-membership-mapper",
  config: { "claim.name": "groups", "full.path": "false", "access.token.claim": "true",
    "introspection.token.claim": "true" } };
const client = (clientId, more = {}) => ({
  clientId, secret: SECRET, serviceAccountsEnabled: true, directAccessGrantsEnabled: true,
  standardFlowEnabled: false, protocolMappers: [audience(MCP_URL), groups], ...more });
const user = (username, more) => ({
  username, enabled: true, email: `${username}@shop.example`, emailVerified: true,
  firstName: username, lastName: "Shop", credentials: [{ type: "password", value: username }],
  ...more });
const realm = {
  realm: "shop", enabled: true, accessTokenLifespan: 3600, ssoSessionMaxLifespan: 36000,
  groups: [{ name: "analysts" }],
  roles: { realm: [{ name: "reader" }] },
  users: [user("ann", { groups: ["analysts"], realmRoles: ["reader"] }), user("bob", {})],
  clients: [
    client("app"), client("service"),
    client("other", { protocolMappers: [audience("https://other.example/mcp")] }),
    client("bound", { attributes: { "dpop.bound.access.tokens": "true" } }),
  ],
};

// --- the server ----------------------------------------------------------------------------------

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => { probe.listen(0, "127.0.0.1", resolve); });
  const { port } = probe.address();
  await new Promise((resolve) => { probe.close(resolve); });
  return port;
}

const port = await freePort();
const root = `http://127.0.0.1:${port}`;
const issuer = `${root}/realms/shop`;
rmSync(join(home, "data"), { recursive: true, force: true });
mkdirSync(join(home, "data/import"), { recursive: true });
writeFileSync(join(home, "data/import/shop-realm.json"), JSON.stringify(realm));
const server = spawn("bash", [join(home, "bin/kc.sh"), "start-dev", "--import-realm",
  "--http-host", "127.0.0.1", "--http-port", String(port)], {
  detached: true, // a process group of its own: the script starts Java
  env: { ...process.env, KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
    KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password, JAVA_OPTS_APPEND: "-Xmx512m" },
});
let log = "";
const started = new Promise((resolve, reject) => {
  const late = setTimeout(() => reject(new Error(`not ready after ${START_S} s`)), START_S * 1000);
  for (const stream of [server.stdout, server.stderr]) {
    stream.on("data", (bytes) => {
      log = (log + bytes).slice(-20000);
      if (!log.includes("Listening on:")) return;
      clearTimeout(late);
      resolve();
    });
  }
  server.on("exit", (code) => reject(new Error(`Keycloak ended with ${code}`)));
});
function stop() {
  try {
    process.kill(-server.pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
process.on("exit", stop);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
try {
  await started;
} catch (error) {
  console.log(`${log}\nFAILED: Keycloak starts\n    ${error.message}\n0 passed, 1 failed`);
  process.exit(1);
}

// --- its clients ---------------------------------------------------------------------------------

const endpoint = `${issuer}/protocol/openid-connect/token`;
const service = async (id, headers = {}) =>
  (await post(endpoint, { grant_type: "client_credentials" },
    { ...basic(id, SECRET), ...headers })).access_token;
const signIn = (name) => post(endpoint, { grant_type: "password", username: name, password: name,
  scope: "openid" }, basic("app", SECRET));

// A call of Keycloak's administration; the answer's JSON, or null.
async function administer(method, path, body) {
  const { access_token: token } = await post(
    `${root}/realms/master/protocol/openid-connect/token`,
    { grant_type: "password", client_id: "admin-cli", ...ADMIN });
  const answer = await fetch(`${root}/admin/realms/shop${path}`, {
    method, body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

// --- the verifier --------------------------------------------------------------------------------

const network = { private_addresses: true };
const base = {
  resource: { url: MCP_URL, scopes: ["read"] },
  failures: { peer_burst: 1000, issuer_burst: 1000 },
};
const suite = new Suite();
const test = (sentence, body) => suite.test(sentence, body);
const verifier = new Verifier(identify, folder, {
  ...base,
  issuers: [{ issuer, profile: "keycloak", network,
    keys: { discovery: true, unknown_key_wait_s: 1 } }],
});

let ann;
await test("a user is known by id, with groups, roles and client", async () => {
  expect((await verifier.upkeep()).settled, true, "settled");
  ann = await signIn("ann");
  const [{ id }] = await administer("GET", "/users?username=ann");
  const caller = await verifier.accepts(ann.access_token);
  expect([caller.kind, caller.issuer, caller.subject], ["user", issuer, id], "caller");
  expect(caller.client, "app", "client");
  expect(caller.groups, ["analysts"], "groups");
  expect(caller.roles.includes("reader"), true, "the role");
  expect(caller.evidence.algorithm, "RS256", "algorithm");
});

await test("a user without groups has none", async () => {
  const bob = await signIn("bob");
  expect((await verifier.accepts(bob.access_token)).groups, [], "groups");
});

await test("a refreshed token is accepted", async () => {
  const fresh = await post(endpoint, { grant_type: "refresh_token",
    refresh_token: ann.refresh_token }, basic("app", SECRET));
  await verifier.accepts(fresh.access_token);
});

let robot;
await test("a service account is known by its client", async () => {
  robot = await service("service");
  const caller = await verifier.accepts(robot);
  expect(caller.client, "service", "client");
  expect(caller.kind === "user", false, "whether it is a user");
});

for (const [name, field] of [["an id token", "id_token"], ["a refresh token", "refresh_token"]]) {
  await test(`${name} is no access token`, async () => {
    const answer = await verifier.request(ann[field]);
    expect(answer.caller, undefined, "caller");
  });
}

await test("a token for another server is refused", async () => {
  await verifier.refuses(await service("other"), "token_audience");
});

await test("a token with a changed signature is refused", async () => {
  await verifier.refuses(tampered(robot), "token_signature");
});

await test("a token of another realm is refused", async () => {
  const form = { grant_type: "password", client_id: "admin-cli", ...ADMIN };
  const foreign = await post(`${root}/realms/master/protocol/openid-connect/token`, form);
  await verifier.refuses(foreign.access_token, "token_issuer");
});

await test("an expired token is refused", async () => {
  await verifier.refuses(robot, "token_expired", { later_s: 3600 + 61 });
});

await test("a new key is fetched while requests run, and old tokens go on", async () => {
  await administer("POST", "/components", {
    name: "next", providerId: "rsa-generated", providerType: "org.keycloak.keys.KeyProvider",
    config: { priority: ["200"], enabled: ["true"], active: ["true"], algorithm: ["RS256"] } });
  const fresh = await service("service");
  const answers = await Promise.all([robot, fresh, ann.access_token, fresh]
    .map((each) => verifier.request(each, { later_s: 2 })));
  expect(answers.map((each) => each.reason), Array(4).fill("none"), "reasons");
  const [old, next] = answers.map((each) => each.caller.evidence.key_id);
  expect(old === next, false, "whether it is the same key");
});

await test("a key that is taken back takes its tokens with it at the next refresh", async () => {
  const [former] = (await administer("GET", "/components?type=org.keycloak.keys.KeyProvider"))
    .filter((each) => each.providerId === "rsa-generated" && each.name !== "next");
  await administer("DELETE", `/components/${former.id}`);
  const fresh = await service("service");
  expect((await verifier.upkeep(700)).settled, true, "settled");
  await verifier.refuses(robot, "token_key_unknown", { later_s: 701 });
  await verifier.accepts(fresh, { later_s: 701 });
});

await test("a bound token is accepted with a proof of its key, once, and never without", async () => {
  const mine = await jose.generateKeyPair("ES256", { extractable: true });
  const token = await service("bound",
    { DPoP: await proofOf(jose, mine, null, { htu: endpoint }) });
  const proof = await proofOf(jose, mine, token);
  const caller = await verifier.accepts(token, { proof });
  const thumbprint = await jose.calculateJwkThumbprint(await jose.exportJWK(mine.publicKey));
  expect(caller.evidence.bound_to, thumbprint, "bound to");
  await verifier.refuses(token, "proof_replayed", { proof });
  expect((await verifier.request(token)).caller, undefined, "caller");
});
verifier.end();

process.env.INTROSPECTION_SECRET = SECRET;
const asking = new Verifier(identify, folder, {
  ...base,
  issuers: [{ issuer, profile: "keycloak", network, keys: { discovery: false },
    introspection: { client_id: "service", client_secret: { env: "INTROSPECTION_SECRET" } } }],
});
await test("the session of a user ends, and with it the token", async () => {
  await asking.upkeep();
  const { access_token: token } = await signIn("ann");
  const caller = await asking.accepts(token);
  expect(caller.evidence.kind, "introspection", "evidence");
  expect(caller.groups, ["analysts"], "groups");
  await administer("POST", `/users/${caller.subject}/logout`);
  await asking.refuses(token, "token_inactive", { later_s: 61 });
});
asking.end();

stop();
suite.close();
