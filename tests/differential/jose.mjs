// Tokens and key sets, changed in every way that has fooled some reader, judged by us and by the npm
// package jose: node jose.mjs PROGRAM MODULES [SEED] [COUNT]
// PROGRAM: the built jose_differential. MODULES: a folder in which `npm install jose@6.2.17` was run.
// A case fails when we accept what jose refuses, or when one that was not changed is refused. What
// only we refuse is counted by its code. Closes with `N passed, M failed`.
//
// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { constants, createHmac, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [program, modules, seed = '1', count = '2000'] = process.argv.slice(2);
if (!program || !modules) {
  console.error('usage: node jose.mjs PROGRAM MODULES [SEED] [COUNT]');
  process.exit(2);
}
const jose = await import(
  pathToFileURL(resolve(modules, 'node_modules/jose/dist/webapi/index.js')));

// mulberry32: the same seed gives the same changes (keys are fresh; a failure prints its case).
let state = Number(BigInt(seed) & 0xffffffffn);
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
}
const one = (list) => list[random(list.length)];
const base64url = (bytes) => Buffer.from(bytes).toString('base64url');

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512',
  'EdDSA'];
const CURVES = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

function pairOf(algorithm) {
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  if (CURVES[algorithm]) return generateKeyPairSync('ec', { namedCurve: CURVES[algorithm] });
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

// Two keys of each algorithm: the issuer's and an attacker's.
const rsa = [pairOf('RS256'), pairOf('RS256')];
const KEYS = ALGORITHMS.map((algorithm) => [0, 1].map((owner) => {
  const pair = /^[RP]S/.test(algorithm) ? rsa[owner] : pairOf(algorithm);
  const jwk = pair.publicKey.export({ format: 'jwk' });
  return { algorithm, pair, jwk: { ...jwk, alg: algorithm, use: 'sig', kid: `k-${algorithm}` } };
}));

function signature(key, algorithm, input) {
  if (algorithm === 'EdDSA') return signBytes(null, Buffer.from(input), key.pair.privateKey);
  const options = { key: key.pair.privateKey, dsaEncoding: 'ieee-p1363' };
  if (algorithm.startsWith('PS')) {
    options.padding = constants.RSA_PKCS1_PSS_PADDING;
    options.saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  }
  return signBytes(`sha${algorithm.slice(2)}`, Buffer.from(input), options);
}

function signed(key, header, payload, algorithm = key.algorithm) {
  const input = `${base64url(header)}.${base64url(payload)}`;
  return `${input}.${base64url(signature(key, algorithm, input))}`;
}

const CLAIMS = '{"iss":"https://issuer.example","sub":"ann","exp":4102444800}';
const headerOf = (key, more = '') => `{"alg":"${key.algorithm}","kid":"${key.jwk.kid}"${more}}`;

function parts(token, change) {
  const list = token.split('.');
  change(list);
  return list.join('.');
}

function replaced(text, at, by) {
  return text.slice(0, at) + by + text.slice(at + 1);
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

// Changes of a finished token.
const AFTER = {
  'one character': (t) => replaced(t, random(t.length), one([...DIGITS, '.', '=', ' ', '+', 'é'])),
  'last characters': (t) => parts(t, (p) => {
    const at = random(3);
    p[at] = replaced(p[at], p[at].length - 1, one(DIGITS));
  }),
  swapped: (t) => parts(t, (p) => p.reverse()),
  'one part less': (t) => parts(t, (p) => p.splice(random(3), 1)),
  'one part empty': (t) => parts(t, (p) => { p[random(3)] = ''; }),
  'one part twice': (t) => parts(t, (p) => p.splice(random(3), 0, one(p))),
  'more dots': (t) => t + '.'.repeat(1 + random(3)),
  padding: (t) => parts(t, (p) => { p[random(3)] += '='.repeat(1 + random(2)); }),
  alphabet: (t) => parts(t, (p) => {
    const at = random(3);
    p[at] = p[at].replaceAll('-', '+').replaceAll('_', '/');
  }),
  'white space': (t) => { const at = random(t.length + 1); return t.slice(0, at) + one([' ', '\n', '\t', '\r\n', '\0', '\u00a0', '\ufeff']) + t.slice(at); },
  'signature cut': (t) => t.slice(0, t.length - 1 - random(8)),
  'signature longer': (t) => t + one(['A', 'AA', 'AAA', 'AAAA']),
  'signature of zeros': (t) => parts(t, (p) => { p[2] = base64url(Buffer.alloc(Buffer.from(p[2], 'base64url').length)); }),
  'zero before the signature': (t) => parts(t, (p) => { p[2] = base64url(Buffer.concat([Buffer.alloc(1), Buffer.from(p[2], 'base64url')])); }),
  'other payload': (t) => parts(t, (p) => { p[1] = base64url('{"sub":"root"}'); }),
  'other algorithm': (t) => parts(t, (p) => { p[0] = base64url(`{"alg":"${one([...ALGORITHMS, 'none', 'None', 'HS256', '', 'rs256'])}"}`); }),
  'JSON serialization': (t) => { const [header, payload, mac] = t.split('.'); return JSON.stringify({ protected: header, payload, signature: mac }); },
};

// Headers that the owner of the key signs.
const HEADERS = {
  crit: (k) => headerOf(k, one([',"crit":["b64"]', ',"crit":[]', ',"crit":["exp"],"exp":1', ',"crit":"x"'])),
  b64: (k) => headerOf(k, one([',"b64":false', ',"b64":true', ',"b64":false,"crit":["b64"]', ',"b64":true,"crit":["b64"]'])),
  'foreign keys': (k) => headerOf(k, one([`,"jwk":${JSON.stringify(k.jwk)}`, ',"jku":"https://a.example"', ',"x5u":"https://a.example"', ',"x5c":["AA"]'])),
  content: (k) => headerOf(k, one([',"cty":"JWT"', ',"zip":"DEF"', ',"enc":"A128GCM"'])),
  unknown: (k) => headerOf(k, one([',"typ":"JWT"', ',"typ":"at+jwt"', ',"x":{"y":[1,2]}', ',"typ":1', ',"typ":null'])),
  'alg twice': (k) => `{"alg":"none","alg":"${k.algorithm}","kid":"${k.jwk.kid}"}`,
  'alg twice, escaped': (k) => `{"\\u0061lg":"${one(['none', k.algorithm])}","alg":"${k.algorithm}"}`,
  escapes: (k) => headerOf(k).replace('"alg"', '"\\u0061\\u006c\\u0067"'),
  'escaped value': (k) => headerOf(k).replace(k.algorithm, `\\u00${k.algorithm.charCodeAt(0).toString(16)}${k.algorithm.slice(1)}`),
  'kid twice': (k) => headerOf(k, ',"kid":"other"'),
  'no kid': (k) => `{"alg":"${k.algorithm}"}`,
  'other kid': (k) => `{"alg":"${k.algorithm}","kid":${one(['"x"', '""', 'null', '1', '["a"]', `"k-${one(ALGORITHMS)}"`, `"${k.jwk.kid} "`, `"${k.jwk.kid}\\u0000"`])}}`,
  'alg of another kind': (k) => `{"alg":${one(['null', '1', '["RS256"]', '{}', 'true', '""'])},"kid":"${k.jwk.kid}"}`,
  'no alg': (k) => `{"kid":"${k.jwk.kid}"}`,
  'other alg': (k) => `{"alg":"${one([...ALGORITHMS, 'none', 'NONE', 'HS256', 'ES256K', 'Ed25519', 'RS1'])}","kid":"${k.jwk.kid}"}`,
  'bytes around': (k) => one(['\ufeff', ' ', '\n', '']) + headerOf(k) + one(['', ' ', '\n', '{}', '\0', 'x']),
  'no JSON': (k) => one([`[${headerOf(k)}]`, `"${k.algorithm}"`, 'null', '', '{', headerOf(k).replaceAll('"', "'"), headerOf(k, ',')]),
  deep: (k) => headerOf(k, `,"x":${'['.repeat(random(40))}${']'.repeat(0)}1`),
};

const PAYLOADS = [
  '', 'null', '[]', '"text"', '1', 'text', '{}', ' {} ', '{}x', '{"a":1}{"a":1}', '{"sub":"a","sub":"b"}',
  '{"sub":"a","\\u0073ub":"b"}', '{"a":{"b":1,"b":2}}', '{"a":1e400}', '{"a":01}', '{"a":"\\ud800"}',
  '{"a":"\ud83d\ude00"}', '{"__proto__":{"sub":"x"}}', '{"a":"\u0001"}', '{"exp":1}', '\ufeff{}',
  Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])];

// Changes of the key set, around the key that has signed.
const SETS = {
  'no alg': (k) => [without(k.jwk, 'alg')],
  'other alg': (k) => [{ ...k.jwk, alg: one([...ALGORITHMS, 'HS256', 'RSA-OAEP', 'none', '']) }],
  'no use': (k) => [without(k.jwk, 'use')],
  'other use': (k) => [{ ...k.jwk, use: one(['enc', '', 'SIG', 'jwt-svid']) }],
  operations: (k) => [{ ...k.jwk, key_ops: one([['verify'], ['sign'], [], ['encrypt', 'verify'], ['verify', 'verify']]) }],
  'no kid': (k) => [without(k.jwk, 'kid')],
  'kid twice': (k) => [k.jwk, { ...one(one(KEYS)).jwk, kid: k.jwk.kid }],
  'bare key': (k) => [without(without(without(k.jwk, 'kid'), 'use'), 'alg')],
  'attacker only': (k) => [KEYS[ALGORITHMS.indexOf(k.algorithm)][1].jwk],
  'no key': () => [],
  'a secret': (k) => [k.jwk, { kty: 'oct', k: base64url('x'.repeat(32)), kid: one(['s', k.jwk.kid]) }],
  private: (k) => [{ ...k.pair.privateKey.export({ format: 'jwk' }), kid: k.jwk.kid, alg: k.algorithm }],
  'one member': (k) => { const name = one(Object.keys(k.jwk)); return [{ ...k.jwk, [name]: one(['', 'A', 'AQAB', 1, null, [], replaced(k.jwk[name], 0, one(DIGITS))]) }]; },
  'one member less': (k) => [without(k.jwk, one(Object.keys(k.jwk)))],
  strangers: (k) => [{ kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA' }, k.jwk, { kty: 'OKP', crv: 'X25519', x: 'AA', use: 'enc' }],
};

function without(object, name) {
  const { [name]: _, ...rest } = object;
  return rest;
}

const all = KEYS.map(([issuer]) => issuer.jwk);

// A case: what is changed, keys, token; good: the algorithm of a token that was not changed.
function made() {
  const [issuer, attacker] = one(KEYS);
  const good = () => signed(issuer, headerOf(issuer), CLAIMS);
  const kind = random(8);
  if (kind === 0) return { what: 'nothing', keys: all, token: good(), good: issuer.algorithm };
  if (kind <= 3) {
    const what = one(Object.keys(AFTER));
    return { what, keys: all, token: AFTER[what](good()) };
  }
  if (kind === 4) {
    const what = one(Object.keys(HEADERS));
    return { what, keys: all, token: signed(issuer, HEADERS[what](issuer), CLAIMS) };
  }
  if (kind === 5) return { what: 'payload', keys: all, token: signed(issuer, headerOf(issuer), one(PAYLOADS)) };
  if (kind === 6) {
    const what = one(Object.keys(SETS));
    const set = SETS[what](issuer);
    return { what: `key set: ${what}`, keys: random(2) ? set : [...set, ...all.filter((k) => k.kid !== issuer.jwk.kid)],
      token: random(3) ? good() : signed(issuer, `{"alg":"${issuer.algorithm}"}`, CLAIMS) };
  }
  const header = headerOf(issuer, one(['', `,"jwk":${JSON.stringify(attacker.jwk)}`]));
  if (random(3) === 0) {
    // HMAC with what everybody knows.
    const secret = one([JSON.stringify(issuer.jwk), issuer.pair.publicKey.export({ format: 'der', type: 'spki' }),
      issuer.pair.publicKey.export({ format: 'pem', type: 'spki' }), Buffer.from(issuer.jwk.n ?? issuer.jwk.x, 'base64url')]);
    const input = `${base64url(`{"alg":"HS256","kid":"${issuer.jwk.kid}"}`)}.${base64url(CLAIMS)}`;
    return { what: 'HMAC', keys: all, token: `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}` };
  }
  const other = issuer.jwk.kty === 'RSA' ? one(ALGORITHMS.slice(0, 6)) : issuer.algorithm;
  return { what: 'attacker', keys: all, token: signed(one([issuer, attacker]), header, CLAIMS, other) };
}

// Why jose refuses, or nothing.
async function refusal(each) {
  try {
    const set = jose.createLocalJWKSet({ keys: each.keys });
    const { payload } = await jose.compactVerify(each.token, set, { algorithms: each.algorithms });
    const claims = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload));
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return 'no claims';
    return '';
  } catch (error) {
    return error.code ?? `${error}`;
  }
}

const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
const closed = new Promise((done) => child.on('close', done));
const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const seen = { passed: 0, failed: 0, accepted: 0, refused: 0, stricter: {} };

function judge(each, ours, theirs) {
  let problem = '';
  if (ours === undefined) problem = 'no answer';
  if (ours === 'none' && theirs) problem = `accepted, which jose refuses: ${theirs}`;
  const good = each.algorithms.includes(each.good);
  if (good && (ours !== 'none' || theirs)) problem = `${ours}, ${theirs}: a good token is refused`;
  if (problem) {
    seen.failed += 1;
    if (seen.failed <= 20) console.log(`${each.what}: ${problem}\n${JSON.stringify(each)}`);
    return;
  }
  seen.passed += 1;
  if (ours === 'none') seen.accepted += 1;
  else if (theirs) seen.refused += 1;
  else seen.stricter[`${each.what}: ${ours}`] = (seen.stricter[`${each.what}: ${ours}`] ?? 0) + 1;
}

// In portions, as a long run has more cases than memory.
for (let left = Number(count); left > 0; left -= 500) {
  const cases = Array.from({ length: Math.min(left, 500) }, () => ({ ...made(),
    algorithms: random(4) ? [...ALGORITHMS, 'HS256'] : ['RS256', 'ES256', 'PS256', 'EdDSA'] }));
  child.stdin.write(cases.map(({ keys, token, algorithms }) =>
    `${JSON.stringify({ keys: JSON.stringify({ keys }), token, algorithms })}\n`).join(''));
  for (const each of cases) judge(each, (await answers.next()).value, await refusal(each));
}
child.stdin.end();
const code = await closed;
console.log(`${seen.accepted} accepted by both, ${seen.refused} refused by both`);
if (process.env.MCPGOV_VERBOSE) console.log(seen.stricter);
console.log(`${Object.values(seen.stricter).reduce((a, b) => a + b, 0)} refused by us only`);
console.log(`${seen.passed} passed, ${seen.failed} failed`);
process.exit(code === 0 && seen.failed === 0 && seen.accepted > 0 ? 0 : 1);
