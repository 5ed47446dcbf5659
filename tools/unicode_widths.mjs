// Writes the table of how many columns each character takes: asks the formatter of the official Cedar
// engine, for characters alone and in company. Takes some minutes.
// node unicode_widths.mjs MODULES
// MODULES: a folder in which `npm install @cedar-policy/cedar-wasm@4.12.0` was run.
//
// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [modules] = process.argv.slice(2);
if (!modules) {
  console.error('usage: node unicode_widths.mjs MODULES');
  process.exit(2);
}
const cedar = createRequire(resolve(modules, 'package.json'))('@cedar-policy/cedar-wasm/nodejs');
// The engine recurses over the conditions of a policy: 8000 are too many for its stack.
const BATCH = 2000;
const AROUND = 'when { "" }'.length;
const GRIN = '\u{1f600}';

// Whether each text takes at most so many columns: then its condition stays in one line.
function fits(texts, columns) {
  const out = [];
  for (let base = 0; base < texts.length; base += BATCH) {
    const batch = texts.slice(base, base + BATCH);
    const conditions = [...batch, ''].map((text) => `when{"${text}"}`).join('');
    const answer = cedar.formatPolicies({
      policyText: `permit(principal,action,resource)${conditions};`,
      lineWidth: AROUND + columns,
      indentWidth: 2,
    });
    if (answer.type !== 'success') throw new Error(JSON.stringify(answer.errors[0]));
    const found = answer.formatted_policy.split(/\nwhen(?=[ \n])/).slice(1, -1);
    if (found.length !== batch.length) throw new Error(`lost near ${base}`);
    for (const each of found) out.push(each.startsWith(' { "'));
  }
  return out;
}

// The points of which the text takes at most so many columns.
function filter(points, textOf, columns) {
  const fit = fits(points.map((point) => textOf(String.fromCodePoint(point))), columns);
  return points.filter((_, i) => fit[i]);
}

const all = Array.from({ length: 0x110000 - 0xa1 }, (_, i) => i + 0xa1)
  .filter((point) => point < 0xd800 || point > 0xdfff);
const none = filter(all, (c) => c, 0);
const atMostOne = new Set(filter(all, (c) => c, 1));
const atMostTwo = new Set(filter(all, (c) => c, 2));
const set = new Set(none);
const one = all.filter((point) => atMostOne.has(point) && !set.has(point));
const two = all.filter((point) => atMostTwo.has(point) && !atMostOne.has(point));
const visible = [0x23, 0x2a, ...Array.from({ length: 10 }, (_, i) => 0x30 + i), ...one, ...two];
const three = all.filter((point) => !atMostTwo.has(point));

// The columns, and a bit for each property; src/policy/cedar/text_width.cpp has the same bits.
const properties = [
  // Joins an emoji behind it; is shown as an emoji before U+FE0F, as text before U+FE0E.
  filter(two, (c) => `${c}\u200d${GRIN}`, 2),
  filter(visible, (c) => `${c}\ufe0f\u200d${GRIN}`, 2),
  filter(two, (c) => `${c}\ufe0e`, 1),
  // Takes a colour of skin.
  filter([...one, ...two], (c) => `${c}\u{1f3fb}`, 2),
  // Lam, alef, what may stand between them; a Khmer letter that a coeng puts below another.
  filter(one, (c) => `${c}\u0627`, 1),
  filter(one, (c) => `\u0644${c}`, 1),
  filter(none, (c) => `\u0644${c}\u0627`, 1),
  filter(one, (c) => `\u17d2${c}`, 0),
];
const number = new Map();
for (const point of none) number.set(point, 0);
for (const point of two) number.set(point, 2);
for (const point of three) number.set(point, 3);
properties.forEach((points, i) => {
  for (const point of points) number.set(point, (number.get(point) ?? 1) | (4 << i));
});

const ranges = [];
for (const [point, value] of [...number].sort(([a], [b]) => a - b)) {
  const last = ranges.at(-1);
  if (last && last[1] === point - 1 && last[2] === value) last[1] = point;
  else ranges.push([point, point, value]);
}
const lines = [''];
for (const [first, last, value] of ranges) {
  const row = `{0x${first.toString(16)}, 0x${last.toString(16)}, ${value}},`;
  if (lines.at(-1).length + row.length > 98) lines.push('');
  lines[lines.length - 1] += (lines.at(-1) ? ' ' : '') + row;
}
const folder = resolve(dirname(fileURLToPath(import.meta.url)), '../src/policy/cedar');
writeFileSync(resolve(folder, 'unicode_width_ranges.inc'),
  '// First and last character, columns and properties where it is not one column and none.\n' +
  '// Written by tools/unicode_widths.mjs; not to be edited.\n//\n' +
  `// SPDX-License-Identifier: Apache-2.0\n${lines.join('\n')}\n`);
console.log(`${ranges.length} ranges`);
