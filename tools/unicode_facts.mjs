// What the official Cedar engine knows of each character: whether identifiers may have it, and
// whether its script is known. Input of tools/unicode_tables.py:
// node unicode_facts.mjs MODULES > facts.json
// MODULES: a folder in which `npm install @cedar-policy/cedar-wasm@4.12.0` was run.
//
// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [modules] = process.argv.slice(2);
if (!modules) {
  console.error('usage: node unicode_facts.mjs MODULES');
  process.exit(2);
}
const cedar = createRequire(resolve(modules, 'package.json'))('@cedar-policy/cedar-wasm/nodejs');
const schema = 'entity U; action a appliesTo {principal: [U], resource: [U]};';
const BATCH = 2000;

// Characters about which the engine warns, one policy each.
function warned(points, policyOf) {
  const staticPolicies = Object.fromEntries(points.map((point) => [
    `p${point}`, policyOf(String.fromCodePoint(point))]));
  const answer = cedar.validate({ schema, policies: { staticPolicies } });
  if (answer.type !== 'success') throw new Error(JSON.stringify(answer.errors[0]));
  const warnings = answer.validationWarnings.map(({ policyId, error }) => [policyId, error.message]);
  return { warnings, has: new Set(warnings.map(([id]) => id)) };
}

const allowed = [];
const unknown = [];
for (let base = 0x80; base < 0x110000; base += BATCH) {
  const points = Array.from({ length: BATCH }, (_, i) => base + i)
    .filter((point) => point < 0x110000 && (point < 0xd800 || point > 0xdfff));
  const inIdentifier = warned(points, (c) => `permit(principal == U::"${c}", action, resource);`);
  const inString = warned(points, (c) => `permit(principal, action, resource) when {"${c}" == ""};`);
  const mixed = new Set(inIdentifier.warnings.filter(([, text]) => text.includes('mixed script'))
    .map(([id]) => id));
  const alone = new Set(inString.warnings.filter(([, text]) => text.includes('mixed script'))
    .map(([id]) => id));
  for (const point of points) {
    if (!inIdentifier.has.has(`p${point}`) || mixed.has(`p${point}`)) allowed.push(point);
    if (alone.has(`p${point}`)) unknown.push(point);
  }
}
console.log(JSON.stringify({ allowed, unknown }));
