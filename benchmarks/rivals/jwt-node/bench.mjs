// npm jose: node bench.mjs MODULES TOKENS SECONDS prints a line `RS256 microseconds` each.
//
// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, tokens, seconds] = process.argv.slice(2);
const jose = await import(
  pathToFileURL(resolve(modules, 'node_modules/jose/dist/webapi/index.js')));
for (const [algorithm, { token, jwk }] of Object.entries(JSON.parse(readFileSync(tokens, 'utf8')))) {
  const key = await jose.importJWK(jwk, algorithm);
  const options = { algorithms: [algorithm] };
  const times = [];
  for (let batch = 0; batch < 5; batch += 1) {
    const start = process.hrtime.bigint();
    const end = start + BigInt(Math.round(seconds * 2e8));
    let done = 0;
    let now = start;
    for (; now < end; done += 10) {
      for (let i = 0; i < 10; i += 1) await jose.jwtVerify(token, key, options);
      now = process.hrtime.bigint();
    }
    times.push(Number(now - start) / done / 1000);
  }
  console.log(algorithm, times.sort((a, b) => a - b)[2].toFixed(2));
}
