// Random cases of `schema_differential`, answered by the official engine and compared with ours:
// schemas with both of their forms, policies with their JSON and their layout, findings, entities
// and requests against the schema, decisions.
// node schema_wasm.mjs PROGRAM MODULES [SEED] [COUNT]
// PROGRAM: the built schema_differential. MODULES: a folder in which
// `npm install @cedar-policy/cedar-wasm@4.12.0` was run. Closes with `N passed, M failed`.
//
// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';

const [program, modules, seed = '1', count = '1000'] = process.argv.slice(2);
if (!program || !modules) {
  console.error('usage: node schema_wasm.mjs PROGRAM MODULES [SEED] [COUNT]');
  process.exit(2);
}
const cedar = createRequire(resolve(modules, 'package.json'))('@cedar-policy/cedar-wasm/nodejs');

const text = (value) => JSON.stringify(value);
const same = (a, b) => text([...a].sort()) === text([...b].sort());
const unlike = (what, theirs, ours) => `${what}: ${text(theirs)}\nours: ${text(ours)}`;

function schemaDifference({ schema, ours }) {
  const parsed = cedar.checkParseSchema(schema);
  if ((parsed.type === 'success') !== !ours.schema.error) {
    return unlike('schema', parsed, ours.schema.error ?? 'accepted');
  }
  if (parsed.type !== 'success') return '';
  const json = cedar.schemaToJson(schema).json;
  if (!isDeepStrictEqual(json, ours.schema.json)) return unlike('schema JSON', json, ours.schema.json);
  const printed = cedar.schemaToText(schema);
  const theirs = printed.type === 'success' ? printed.text : null;
  return theirs === ours.schema.text ? '' : unlike('schema text', theirs, ours.schema.text);
}

function policiesDifference({ policies, width, indent, ours }) {
  const parsed = cedar.checkParsePolicySet({ staticPolicies: policies });
  if ((parsed.type === 'success') !== !ours.policies.error) {
    return unlike('policies', parsed, ours.policies.error ?? 'accepted');
  }
  if (parsed.type !== 'success') return '';
  const call = { policyText: policies, lineWidth: width, indentWidth: indent };
  const formatted = cedar.formatPolicies(call).formatted_policy;
  if (formatted !== ours.policies.formatted) {
    return unlike('layout', formatted, ours.policies.formatted);
  }
  const parts = cedar.policySetTextToParts(policies).policies;
  for (const [number, part] of parts.entries()) {
    const { json } = cedar.policyToJson(part);
    const mine = ours.policies.json[`policy${number}`];
    if (!isDeepStrictEqual(json, mine)) return unlike('policy JSON', json, mine);
  }
  return '';
}

// The policies of findings, one for each; but a name or entity that is not declared is told as often
// as it occurs, and twice within `is … in`, which we do not follow: of these each counts once.
const UNDECLARED = /unrecognized|of an enumerated entity type|none of the entities/;
function counted(findings) {
  const undeclared = findings.filter(({ text }) => UNDECLARED.test(text));
  const names = new Set(undeclared.map(({ policy, text }) => `${policy} ${text}`));
  return [...names].map((name) => name.split(' ')[0]).concat(
    findings.filter((each) => !undeclared.includes(each)).map(({ policy }) => policy));
}

// By what the messages say: the engine's answer has no kinds. Ours are told by name.
const KINDS = [
  [/policy is impossible|always false/, 'ImpossiblePolicy'],
  [/identifier .*BIDI control/s, 'BidiCharsInIdentifier'],
  [/BIDI control/, 'BidiCharsInString'],
  [/identifier .*mixed script/s, 'MixedScriptIdentifier'],
  [/mixed script/, 'MixedScriptString'],
  [/General Security Profile/, 'ConfusableIdentifier'],
];
const kindOf = (message) => KINDS.find(([pattern]) => pattern.test(message))?.[1] ?? message;

// policies: as the engine takes them; positional ids are the same on both sides.
function findingsDifference(schema, policies, ours) {
  const found = cedar.validate({ schema, policies });
  if (found.type !== 'success') return unlike('validation', found, ours);
  const listed = (list) => list.map(({ policyId, error }) => ({ policy: policyId, text: error.message }));
  // The engine tells a text as often as its own form of the policy has it; we tell it once.
  const warned = new Set(found.validationWarnings.map(
    ({ policyId, error }) => `${policyId} ${kindOf(error.message)}`));
  const ourWarned = new Set(ours.warnings.map(({ policy, kind }) => `${policy} ${kind}`));
  if (same(counted(listed(found.validationErrors)), counted(ours.errors)) &&
      same(warned, ourWarned)) return '';
  const messages = [...found.validationErrors, ...found.validationWarnings].map(
    (each) => `${each.policyId}: ${each.error.message}`);
  return unlike('findings', messages, ours);
}

function templateDifference({ schema, template, width, indent, ours }) {
  const call = { policyText: template, lineWidth: width, indentWidth: indent };
  const formatted = cedar.formatPolicies(call).formatted_policy;
  if (formatted !== ours['formatted template']) {
    return unlike('layout of a template', formatted, ours['formatted template']);
  }
  return findingsDifference(schema, { templates: { policy0: template } }, ours.template);
}

function decisionDifference(each) {
  const { schema, policies, entities, principal, action, resource, context } = each;
  const ours = each.ours.decision;
  const parsed = cedar.checkParseEntities({ entities, schema });
  if ((parsed.type === 'success') !== !ours.entities) return unlike('entities', parsed, ours);
  if (parsed.type !== 'success') return '';
  const answer = cedar.isAuthorized({
    principal, action, resource, context, schema, validateRequest: true, entities,
    policies: { staticPolicies: policies },
  });
  if ((answer.type === 'success') !== !ours.request) return unlike('request', answer, ours);
  if (answer.type !== 'success') return '';
  const { decision, diagnostics } = answer.response;
  const errors = new Set(diagnostics.errors.map((error) => error.policyId));
  const equal = decision === ours.decision && same(diagnostics.reason, ours.reason) &&
    same(errors, ours.errors);
  return equal ? '' : unlike('decision', answer.response, ours);
}

function difference(each) {
  const found = schemaDifference(each) || policiesDifference(each);
  if (found || each.ours.schema.error || each.ours.policies.error) return found;
  const { schema, policies, ours } = each;
  return findingsDifference(schema, { staticPolicies: policies }, ours.findings) ||
    templateDifference(each) || decisionDifference(each);
}

const child = spawn(program, [seed, count], { stdio: ['ignore', 'pipe', 'inherit'] });
const closed = new Promise((done) => child.on('close', done));
const seen = { passed: 0, failed: 0, schemas: 0, valid: 0, warned: 0, decided: 0, allowed: 0 };
for await (const line of createInterface({ input: child.stdout })) {
  const each = JSON.parse(line);
  const found = difference(each);
  if (found) {
    seen.failed += 1;
    if (seen.failed <= 10) console.log(`seed ${each.seed}: ${found}\n${each.schema}${each.policies}`);
    continue;
  }
  const { ours } = each;
  seen.passed += 1;
  seen.schemas += ours.schema.error ? 0 : 1;
  seen.valid += ours.findings.errors?.length === 0 ? 1 : 0;
  seen.warned += ours.findings.warnings?.length > 0 ? 1 : 0;
  seen.decided += ours.decision?.decision ? 1 : 0;
  seen.allowed += ours.decision?.decision === 'allow' ? 1 : 0;
}
const code = await closed;
console.log(`${seen.schemas} schemas accepted; of their policies ${seen.valid} sets valid, ` +
  `${seen.warned} warned of; ${seen.decided} requests decided, ${seen.allowed} allowed`);
console.log(`${seen.passed} passed, ${seen.failed} failed`);
// Nothing compared is a failure too.
process.exit(code === 0 && seen.failed === 0 && seen.decided > 0 ? 0 : 1);
