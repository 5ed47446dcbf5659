// Random policies of `est_differential`, converted by the official engine and compared with ours:
// node est_wasm.mjs PROGRAM MODULES [SEED] [COUNT]
// PROGRAM: the built est_differential. MODULES: a folder in which
// `npm install @cedar-policy/cedar-wasm@4.12.0` was run. Closes with `N passed, M failed`.
//
// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';

const [program, modules, seed = '1', count = '2000'] = process.argv.slice(2);
if (!program || !modules) {
  console.error('usage: node est_wasm.mjs PROGRAM MODULES [SEED] [COUNT]');
  process.exit(2);
}
const cedar = createRequire(resolve(modules, 'package.json'))('@cedar-policy/cedar-wasm/nodejs');

// What differs, or nothing.
function difference(each) {
  const toJson = each.template ? cedar.templateToJson : cedar.policyToJson;
  const toText = each.template ? cedar.templateToText : cedar.policyToText;
  if (each.error) {
    // Both refuse.
    if (toJson(each.text).type !== 'success') return '';
    return `ours: ${each.error}`;
  }
  const json = toJson(each.text);
  if (json.type !== 'success') return `the official engine refuses: ${json.errors[0].message}`;
  // Theirs has Maps where it is told to; plain objects are enough to compare.
  const theirs = JSON.parse(JSON.stringify(json.json));
  if (!isDeepStrictEqual(theirs, each.json)) {
    return `JSON ${JSON.stringify(theirs)}\nours ${JSON.stringify(each.json)}`;
  }
  const text = toText(each.json);
  if (text.type !== 'success') return `the official engine refuses: ${text.errors[0].message}`;
  if (text.text !== each.printed) return `text ${text.text}\nours ${each.printed}`;
  return '';
}

const child = spawn(program, [seed, count], { stdio: ['ignore', 'pipe', 'inherit'] });
const closed = new Promise((done) => child.on('close', done));
const seen = { passed: 0, failed: 0, refused: 0, templates: 0 };
for await (const line of createInterface({ input: child.stdout })) {
  const each = JSON.parse(line);
  let found;
  try {
    found = difference(each);
  } catch (error) {
    // Its reader of JSON has a limit of 128 levels, which ours has not.
    found = `${error}`.includes('recursion limit') ? '' : `${error}`;
  }
  if (found) {
    seen.failed += 1;
    if (seen.failed <= 20) console.log(`seed ${each.seed}: ${found}\n${each.text}`);
    continue;
  }
  seen.passed += 1;
  if (each.error) seen.refused += 1;
  if (each.template) seen.templates += 1;
}
const code = await closed;
console.log(`${seen.refused} refused, ${seen.templates} templates`);
console.log(`${seen.passed} passed, ${seen.failed} failed`);
// Nothing compared is a failure too.
process.exit(code === 0 && seen.failed === 0 && seen.passed > 0 ? 0 : 1);
