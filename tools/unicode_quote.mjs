// Writes the tables of characters that strings are printed without: asks the official Cedar engine
// how it prints each character, behind a letter and at the start of a string.
// node unicode_quote.mjs MODULES
// MODULES: a folder in which `npm install @cedar-policy/cedar-wasm@4.12.0` was run.
//
// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [modules] = process.argv.slice(2);
if (!modules) {
  console.error('usage: node unicode_quote.mjs MODULES');
  process.exit(2);
}
const cedar = createRequire(resolve(modules, 'package.json'))('@cedar-policy/cedar-wasm/nodejs');
const folder = resolve(dirname(fileURLToPath(import.meta.url)), '../src/policy/cedar');
const BATCH = 16384;

// The characters that are printed as \u{…} behind `before`.
function escaped(before) {
  const found = new Set();
  for (let base = 0; base < 0x110000; base += BATCH) {
    const points = Array.from({ length: BATCH }, (_, i) => base + i)
      .filter((point) => point < 0xd800 || point > 0xdfff);
    if (points.length === 0) continue;
    const ids = points.map((point) => before + String.fromCodePoint(point));
    const answer = cedar.schemaToText({ '': { entityTypes: { A: { enum: ids } }, actions: {} } });
    if (answer.type !== 'success') throw new Error(JSON.stringify(answer.errors[0]));
    let at = answer.text.indexOf('["') + 1;
    for (const point of points) {
      at += 1 + before.length;
      if (answer.text.startsWith('\\u', at)) {
        found.add(point);
        at = answer.text.indexOf('}', at) + 1;
      } else {
        at += answer.text[at] === '\\' ? 2 : String.fromCodePoint(point).length;
      }
      if (answer.text[at] !== '"') throw new Error(`lost at U+${point.toString(16)}`);
      at += 3;
    }
  }
  return found;
}

function write(name, about, points) {
  const ranges = [];
  for (const point of [...points].sort((a, b) => a - b)) {
    if (ranges.length > 0 && ranges.at(-1)[1] === point - 1) ranges.at(-1)[1] = point;
    else ranges.push([point, point]);
  }
  const lines = [''];
  for (const [first, last] of ranges) {
    const row = `{0x${first.toString(16)}, 0x${last.toString(16)}},`;
    if (lines.at(-1).length + row.length > 98) lines.push('');
    lines[lines.length - 1] += (lines.at(-1) ? ' ' : '') + row;
  }
  writeFileSync(resolve(folder, name),
    `// ${about}\n// Written by tools/unicode_quote.mjs; not to be edited.\n//\n` +
    `// SPDX-License-Identifier: Apache-2.0\n${lines.join('\n')}\n`);
  console.log(`${name}: ${ranges.length} ranges`);
}

const always = escaped('a');
const first = new Set([...escaped('')].filter((point) => !always.has(point)));
write('unicode_escaped_ranges.inc', 'First and last character of what is printed as an escape.',
  always);
write('unicode_first_escaped_ranges.inc',
  'First and last character of what is printed as an escape at the start of a string only.', first);
