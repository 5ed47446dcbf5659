// Random cases of `cedar_differential`, answered by the official engine and compared with ours, with the
// layout of the policies:
// node cedar_wasm.mjs PROGRAM MODULES [SEED] [COUNT]
// PROGRAM: the built cedar_differential. MODULES: a folder in which
// `npm install @cedar-policy/cedar-wasm@4.12.0` was run. Closes with `N passed, M failed`.
//
// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const [program, modules, seed = '1', count = '2000'] = process.argv.slice(2);
if (!program || !modules) {
  console.error('usage: node cedar_wasm.mjs PROGRAM MODULES [SEED] [COUNT]');
  process.exit(2);
}
const cedar = createRequire(resolve(modules, 'package.json'))('@cedar-policy/cedar-wasm/nodejs');

const same = (a, b) => JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

// What differs in the layout of a text that parses, or nothing.
function layoutDifference({ policies, layout }) {
  const { text, all, width, indent } = layout;
  const call = { policyText: policies, lineWidth: width, indentWidth: indent };
  const formatted = cedar.formatPolicies(call).formatted_policy;
  if (formatted !== text) {
    return `layout: ${JSON.stringify(formatted)}\nours: ${JSON.stringify(text)}`;
  }
  const [before, after] = [policies, all].map((each) => {
    const { policies: parts } = cedar.policySetTextToParts(each);
    return JSON.stringify(parts.map((part) => cedar.policyToJson(part)));
  });
  return before === after ? '' : `layout that means something else: ${all}`;
}

// What differs, or nothing.
function difference(each) {
  const policies = { staticPolicies: each.policies };
  const parsed = cedar.checkParsePolicySet(policies).type === 'success';
  if (each.ours.parsed !== parsed) {
    return `parsed: ${parsed}, ours: ${JSON.stringify(each.ours)}`;
  }
  if (!parsed) return '';
  const layout = layoutDifference(each);
  if (layout) return layout;
  const { principal, action, resource, context, entities } = each;
  const answer = cedar.isAuthorized({ principal, action, resource, context, policies, entities });
  if (answer.type !== 'success') return `the official engine refuses: ${answer.errors[0].message}`;
  const { decision, diagnostics } = answer.response;
  const errors = new Set(diagnostics.errors.map((error) => error.policyId));
  if (decision === each.ours.decision && same(diagnostics.reason, each.ours.reason) &&
      same(errors, each.ours.errors)) {
    return '';
  }
  return `${JSON.stringify(answer.response)}, ours: ${JSON.stringify(each.ours)}`;
}

const child = spawn(program, [seed, count], { stdio: ['ignore', 'pipe', 'inherit'] });
const closed = new Promise((done) => child.on('close', done));
const seen = { passed: 0, failed: 0, unparsed: 0, allowed: 0, erring: 0 };
for await (const line of createInterface({ input: child.stdout })) {
  const each = JSON.parse(line);
  const found = difference(each);
  if (found) {
    seen.failed += 1;
    if (seen.failed <= 20) console.log(`seed ${each.seed}: ${found}\n${each.policies}`);
    continue;
  }
  seen.passed += 1;
  if (!each.ours.parsed) seen.unparsed += 1;
  else if (each.ours.decision === 'allow') seen.allowed += 1;
  if (each.ours.errors?.length) seen.erring += 1;
}
const code = await closed;
console.log(`${seen.unparsed} refused, ${seen.allowed} allowed, ${seen.erring} with errors`);
console.log(`${seen.passed} passed, ${seen.failed} failed`);
// Nothing compared is a failure too.
process.exit(code === 0 && seen.failed === 0 && seen.passed > 0 ? 0 : 1);
