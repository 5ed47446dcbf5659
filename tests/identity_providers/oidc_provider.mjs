// Tokens of `oidc-provider`, a certified OpenID provider, and what the verifier says to them.
// node oidc_provider.mjs IDENTIFY FOLDER: the verifier's program, and where the packages are.
//
// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { key, makeProvider } from "./provider.mjs";
import { MCP_URL, Suite, Verifier, basic, expect, post, proofOf, tampered } from "./suite.mjs";

const [identify, folder] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const jose = await load("jose");
const { Provider } = await load("oidc-provider");

// What the provider says on its console is about its development mode.
console.warn = () => {};
console.info = () => {};

// --- the provider --------------------------------------------------------------------------------

const OTHER_URL = "https://other.example/mcp";
const OPAQUE_URL = "https://opaque.example/mcp";
const SECRET = "a secret of at least thirty-two bytes";
const REDIRECT = "https://client.example/back";
const FOREVER = 365 * 86400; // seconds; tokens that time alone does not end

function resource(url, client) {
  const format = url === OPAQUE_URL ? "opaque" : "jwt";
  return {
    scope: "read write",
    accessTokenFormat: format,
    accessTokenTTL: client.clientId === "long" ? FOREVER : 3600,
    ...(format === "jwt" && { jwt: { sign: { alg: client.algorithm } } }),
  };
}

function provider(issuer, keys) {
  const client = (id, more) => ({
    client_id: id, client_secret: SECRET, redirect_uris: [], response_types: [],
    grant_types: ["client_credentials"], algorithm: "ES256", ...more });
  return makeProvider(Provider, issuer, {
    keys,
    clients: [
      client("service"), client("long"),
      client("rs256", { algorithm: "RS256" }),
      client("ps256", { algorithm: "PS256" }),
      client("eddsa", { algorithm: "EdDSA" }),
      client("es512", { algorithm: "ES512" }),
      client("bound", { dpop_bound_access_tokens: true }),
      client("app", {
        grant_types: ["authorization_code", "refresh_token"], response_types: ["code"],
        redirect_uris: [REDIRECT] }),
    ],
    extraClientMetadata: { properties: ["algorithm"] },
    enabledJWA: { idTokenSigningAlgValues: ["ES256", "RS256", "PS256", "EdDSA", "ES512"] },
    scopes: ["openid", "read", "write"],
    resource,
    defaultResource: () => MCP_URL,
    features: {
      introspection: { enabled: true },
      revocation: { enabled: true },
      dPoP: { enabled: true },
    },
    extraTokenClaims: (_, token) =>
      token.accountId ? { groups: token.accountId === "ann" ? ["analysts"] : [] } : undefined,
    issueRefreshToken: () => true,
    // Everybody has consented to everything.
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid read write");
      for (const url of [MCP_URL, OTHER_URL, OPAQUE_URL]) grant.addResourceScope(url, "read write");
      await grant.save();
      return grant;
    },
    // Whoever is named in the request is signed in.
    signIn: (_, { params }) => ({ login: { accountId: params.login_hint } }),
  });
}

let current = null;
let down = false;
const asked = []; // paths
const server = createServer((request, response) => {
  asked.push(request.url);
  if (down) return response.writeHead(503).end();
  return current(request, response);
});
await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
const issuer = `http://127.0.0.1:${server.address().port}`;
const oldKey = await key(jose, "ES256", "old");
const newKey = await key(jose, "ES256", "new");
const others = await Promise.all([
  key(jose, "RS256", "rsa"), key(jose, "PS256", "pss"), key(jose, "EdDSA", "ed"),
  key(jose, "ES512", "p521")]);
current = provider(issuer, [oldKey, ...others]);

// --- its clients ---------------------------------------------------------------------------------

async function token(client, { url = MCP_URL, scope = "read write", headers = {} } = {}) {
  const form = { grant_type: "client_credentials", scope, resource: url };
  const answer = await post(`${issuer}/token`, form, { ...basic(client, SECRET), ...headers });
  return answer.access_token;
}

// The tokens of a user who signs in: authorization code with PKCE, following every redirect.
async function signIn(user, url = MCP_URL) {
  const verifier = "v".repeat(43);
  const challenge = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(verifier)));
  const query = new URLSearchParams({
    client_id: "app", response_type: "code", redirect_uri: REDIRECT, resource: url,
    scope: "openid read write", prompt: "login", login_hint: user,
    code_challenge: challenge.toString("base64url"), code_challenge_method: "S256" });
  const cookies = new Map();
  let at = `${issuer}/auth?${query}`;
  for (let i = 0; i < 8 && !at.startsWith(REDIRECT); i += 1) {
    const Cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(at, { redirect: "manual", headers: { Cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    if (!answer.headers.get("location")) throw new Error(`${at}: ${await answer.text()}`);
    at = new URL(answer.headers.get("location"), issuer).href;
  }
  const code = new URL(at).searchParams.get("code");
  if (!code) throw new Error(`no code: ${at}`);
  const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT,
    code_verifier: verifier, resource: url };
  return post(`${issuer}/token`, form, basic("app", SECRET));
}

// --- the verifier --------------------------------------------------------------------------------

const network = { private_addresses: true };
const base = {
  resource: { url: MCP_URL, scopes: ["read", "write"] },
  failures: { peer_burst: 1000, issuer_burst: 1000 },
};
const signed = {
  ...base,
  issuers: [{ issuer, network, keys: { discovery: true, unknown_key_wait_s: 1 } }],
};

const suite = new Suite();
const verifier = new Verifier(identify, folder, signed);
const test = (sentence, body) => suite.test(sentence, body);

await test("discovery and keys settle before the first request", async () => {
  expect((await verifier.upkeep()).settled, true, "settled");
  expect(asked, ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration",
    "/jwks"].filter((path) => asked.includes(path)), "what was asked for");
});

let service;
await test("a service is known by its client, with its scopes and the key that signed", async () => {
  service = await token("service");
  const caller = await verifier.accepts(service);
  expect(caller.issuer, issuer, "issuer");
  expect(caller.subject, "service", "subject");
  expect(caller.client, "service", "client");
  expect(caller.scopes, ["read", "write"], "scopes");
  expect(caller.evidence.key_id, "old", "key");
  expect(caller.evidence.algorithm, "ES256", "algorithm");
});

for (const [client, algorithm] of [["rs256", "RS256"], ["ps256", "PS256"], ["eddsa", "EdDSA"]]) {
  await test(`${algorithm} is accepted`, async () => {
    const caller = await verifier.accepts(await token(client));
    expect(caller.evidence.algorithm, algorithm, "algorithm");
  });
}

await test("an algorithm that the issuer does not list is refused", async () => {
  await verifier.refuses(await token("es512"), "token_algorithm");
});

let ann;
await test("a user who signed in is known with groups and client", async () => {
  ann = await signIn("ann");
  const caller = await verifier.accepts(ann.access_token);
  expect([caller.kind, caller.subject, caller.client], ["user", "ann", "app"], "caller");
  expect(caller.groups, ["analysts"], "groups");
});

await test("a refreshed token is accepted", async () => {
  const form = { grant_type: "refresh_token", refresh_token: ann.refresh_token };
  const fresh = await post(`${issuer}/token`, form, basic("app", SECRET));
  expect((await verifier.accepts(fresh.access_token)).subject, "ann", "subject");
});

await test("an id token is no access token", async () => {
  const answer = await verifier.request(ann.id_token);
  expect(answer.caller, undefined, "caller");
});

await test("a token for another server is refused", async () => {
  await verifier.refuses(await token("service", { url: OTHER_URL }), "token_audience");
});

await test("a token with a changed signature is refused", async () => {
  await verifier.refuses(tampered(service), "token_signature");
});

await test("an expired token is refused, with a challenge that says invalid_token", async () => {
  const answer = await verifier.refuses(service, "token_expired", { later_s: 3600 + 61 });
  expect(answer.status, 401, "status");
  expect(answer.challenge.includes('error="invalid_token"'), true, "challenge");
});

await test("a key that nobody knows yet is fetched while requests run, and old tokens go on", async () => {
  current = provider(issuer, [newKey, oldKey, ...others]);
  const fresh = await token("service");
  const before = asked.length;
  const answers = await Promise.all([service, fresh, service, fresh, ann.access_token, fresh]
    .map((each) => verifier.request(each, { later_s: 2 })));
  expect(answers.map((each) => each.reason), Array(6).fill("none"), "reasons");
  expect(answers[1].caller.evidence.key_id, "new", "key");
  expect(asked.slice(before), ["/jwks"], "what was asked for");
});

await test("a key that is gone takes its tokens with it at the next refresh", async () => {
  current = provider(issuer, [newKey, ...others]);
  const fresh = await token("service");
  await verifier.accepts(service, { later_s: 10 });
  expect((await verifier.upkeep(700)).settled, true, "settled");
  await verifier.refuses(service, "token_key_unknown", { later_s: 701 });
  await verifier.accepts(fresh, { later_s: 701 });
});

await test("keys outlive an outage of the provider for a while, and no longer", async () => {
  const fresh = await token("long");
  await verifier.accepts(fresh, { later_s: 800 });
  try {
    down = true;
    await verifier.upkeep(1400);
    await verifier.accepts(fresh, { later_s: 1401 });
    const answer = await verifier.request(fresh, { later_s: 5000 });
    expect(answer.caller, undefined, "caller");
  } finally {
    down = false;
  }
  await verifier.upkeep(6000);
  await verifier.accepts(fresh, { later_s: 6001 });
});
verifier.end();

await test("an issuer whose metadata names another one is never trusted", async () => {
  const lying = new Verifier(identify, folder, {
    ...base, issuers: [{ issuer: `${issuer}/`, network, keys: { discovery: true } }] });
  await lying.upkeep();
  await lying.refuses(await token("service"), "token_issuer");
  lying.end();
});

// --- proofs of possession ------------------------------------------------------------------------

const proving = new Verifier(identify, folder, signed);
const mine = await jose.generateKeyPair("ES256", { extractable: true });
const foreign = await jose.generateKeyPair("ES256", { extractable: true });
let bound;
await test("a bound token is accepted with a proof of its key, once", async () => {
  const proof = await proofOf(jose, mine, null, { htu: `${issuer}/token` });
  bound = await token("bound", { headers: { DPoP: proof } });
  const shown = await proofOf(jose, mine, bound);
  const caller = await proving.accepts(bound, { proof: shown });
  const thumbprint = await jose.calculateJwkThumbprint(await jose.exportJWK(mine.publicKey));
  expect(caller.evidence.bound_to, thumbprint, "bound to");
  await proving.refuses(bound, "proof_replayed", { proof: shown });
});

const DPOP_REFUSALS = [
  ["a proof of another key", "token_binding", () => proofOf(jose, foreign, bound)],
  ["a proof for another URL", "proof_invalid",
    () => proofOf(jose, mine, bound, { htu: OTHER_URL })],
  ["a proof for another method", "proof_invalid",
    () => proofOf(jose, mine, bound, { htm: "GET" })],
  ["a proof for another token", "proof_invalid", () => proofOf(jose, mine, service)],
];
for (const [sentence, reason, proof] of DPOP_REFUSALS) {
  await test(`${sentence} is refused`, async () => {
    await proving.refuses(bound, reason, { proof: await proof() });
  });
}

await test("a bound token without its proof is refused", async () => {
  const answer = await proving.request(bound);
  expect(answer.caller, undefined, "caller");
});
proving.end();

// --- opaque tokens -------------------------------------------------------------------------------

process.env.INTROSPECTION_SECRET = SECRET;
const introspecting = {
  ...base,
  resource: { ...base.resource, url: OPAQUE_URL },
  issuers: [{ issuer, network, keys: { discovery: true },
    introspection: { client_id: "service", client_secret: { env: "INTROSPECTION_SECRET" } } }],
};
const asking = new Verifier(identify, folder, introspecting);

let opaque;
await test("an opaque token is asked about, once while the answer is fresh", async () => {
  opaque = (await signIn("ann", OPAQUE_URL)).access_token;
  const caller = await asking.accepts(opaque);
  expect([caller.kind, caller.subject, caller.client], ["user", "ann", "app"], "caller");
  expect(caller.groups, ["analysts"], "groups");
  expect(caller.evidence.kind, "introspection", "evidence");
  const before = asked.length;
  await asking.accepts(opaque);
  expect(asked.length, before, "requests");
});

await test("an opaque token for another server is refused", async () => {
  const strict = new Verifier(identify, folder, {
    ...introspecting, resource: { ...base.resource, url: OTHER_URL } });
  await strict.upkeep();
  await strict.refuses(opaque, "token_audience");
  strict.end();
});

await test("a revoked token is refused when the answer is old", async () => {
  await post(`${issuer}/token/revocation`, { token: opaque }, basic("app", SECRET));
  await asking.refuses(opaque, "token_inactive", { later_s: 61 });
});

await test("an opaque token that nobody gave out is refused", async () => {
  await asking.refuses(randomUUID(), "token_inactive");
});
asking.end();

server.close();
server.closeAllConnections();
suite.close();
