// Random tool lists, made into Cedar schemas by the published generator and by ours:
// node mcp_schema_wasm.mjs PROGRAM MODULES [SEED] [COUNT]
// PROGRAM: the built mcp_schema_differential. MODULES: a folder in which
// `npm install @cedar-policy/mcp-schema-generator-wasm@0.6.0 @cedar-policy/cedar-wasm@4.12.0` was
// run. Equal are both texts, and the verdict where there is none. What we make with names of our own
// must be a schema to the official engine. Closes with `N passed, M failed`.
//
// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const [program, modules, seed = '1', count = '2000'] = process.argv.slice(2);
if (!program || !modules) {
  console.error('usage: node mcp_schema_wasm.mjs PROGRAM MODULES [SEED] [COUNT]');
  process.exit(2);
}
const load = createRequire(resolve(modules, 'package.json'));
const generator = load('@cedar-policy/mcp-schema-generator-wasm');
const cedar = load('@cedar-policy/cedar-wasm/nodejs');

// mulberry32: the same numbers everywhere.
function randomFrom(start) {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const STUBS = [
  `namespace NS { @mcp_principal entity User; @mcp_resource("x") entity Server;
     @mcp_action action call_tool; }`,
  `@doc("a") namespace NS { @mcp_principal("User") @doc("who") entity User in [Group] = {
       @since("1") id: String, "odd name"?: Set<Long> };
     @mcp_principal entity Agent tags String; entity Group;
     @mcp_resource entity Server; @mcp_resource entity Other enum ["a", "b"];
     @mcp_context("session") type Session = { at: datetime, from?: ipaddr };
     @mcp_context("agent") @mcp_action entity Hint; @mcp_context("input") type Mine = Long;
     @mcp_action("call_tool") action call_tool; @mcp_action action "any call";
     action look appliesTo { principal: [User], resource: [Server], context: {} }; }`,
  `namespace NS { @mcp_principal @mcp_resource entity Only;
     entity Number = { a: Long }; type Unknown = String; entity mode enum ["a", "b"];
     entity item = { a?: String, b: Long }; type kind = { }; }`,
];
const DEEP_STUB = `namespace Acme::NS { @mcp_principal entity User; @mcp_resource entity Server; }`;
const NAMES = ['a', 'b', 'c', 'mode', 'item', 'kind', 'X', 'Y', 'Number', 'Null', 'Input', 'aTag',
  'Proj0', 'TypeChoice1'];
const ODD_NAMES = ['a-b', 'a b', 'if', 'true', '__cedar', '9', '', 'é', 'Set', 'String', 'Action',
  'Record', 'a::b', 'a/b', 'duration', 'datetime', 'decimal', 'ipaddr', '__proto__', 'in'];
const TOOLS = ['read', 'write', 'tool_x', 'a', 'Input', 'NS'];
const ODD_TOOLS = ['get-sum', 'x.y', 'read_resource', 'call_tool', 'tool:a', 'if', 'String'];

class Maker {
  constructor(random, odd) {
    this.random = random;
    this.odd = odd;  // names that Cedar does not allow
    this.visible = [];  // definitions
  }
  below(n) { return Math.floor(this.random() * n); }
  chance(p) { return this.random() < p; }
  one(list) { return list[this.below(list.length)]; }
  name() { return this.chance(this.odd) ? this.one(ODD_NAMES) : this.one(NAMES); }
  some(most, make) {
    return Array.from({ length: this.below(most + 1) }, make);
  }
  values() {
    const sets = [['a', 'b'], ['b', 'a'], ['a'], ['a', 'b', 'c"\\\n\u0007é'], ['high', 'low'], ['']];
    return this.one(sets);
  }
  scalar() {
    return this.one([
      () => ({ type: 'string' }), () => ({ type: 'integer' }), () => ({ type: 'number' }),
      () => ({ type: 'float' }), () => ({ type: 'boolean' }), () => ({ type: 'null' }), () => ({}),
      () => ({ type: 'string', format: this.one(['date', 'date-time', 'duration', 'ipv4', 'ipv6',
        'decimal', 'uri', 'time']) }),
      () => ({ type: 'string', enum: this.values() }),
      () => ({ type: 'string', enum: this.values(), format: 'date' }),
      () => ({ enum: ['a'] }), () => ({ const: 1 }), () => ({ type: null }),
      () => ({ type: 'integer', minimum: 0, description: 'how many' }),
      () => (this.chance(0.03) ? { type: 'string', enum: [] } : { type: 'string' }),
      () => (this.chance(0.03) ? { type: this.one(['text', 3, '']) } : { type: 'integer' }),
    ])();
  }
  object(depth) {
    const out = { type: 'object' };
    if (this.chance(0.9)) {
      out.properties = {};
      for (const name of this.some(4, () => this.name())) {
        // Not by assignment, which would set the prototype.
        Object.defineProperty(out.properties, name,
          { value: this.schema(depth - 1), enumerable: true, configurable: true });
      }
    }
    if (this.chance(0.5)) {
      out.required = this.some(3, () => this.name());
    } else if (this.chance(0.1)) {
      out.required = false;
    }
    if (this.chance(0.3)) {
      out.additionalProperties =
        this.one([() => true, () => false, () => this.schema(depth - 1), () => ({}), () => null])();
    }
    return out;
  }
  array(depth) {
    const out = { type: 'array' };
    const items = this.below(6);
    if (items < 3) out.items = this.schema(depth - 1);
    if (items === 3) out.items = false;
    if (items === 4) out.items = true;
    if (this.chance(0.4)) {
      out.prefixItems = this.some(3, () => (out.items && items < 3 && this.chance(0.7)
        ? structuredClone(out.items) : this.schema(depth - 1)));
    }
    return out;
  }
  choice(depth) {
    const parts = this.some(3, () => this.schema(depth - 1));
    const out = this.chance(0.5) ? { anyOf: parts } : { oneOf: parts };
    if (this.chance(0.1)) out.anyOf = this.some(2, () => this.schema(depth - 1));
    if (this.chance(0.1)) out.$ref = '#/$defs/X';
    return out;
  }
  types(depth) {
    const out = { ...this.object(depth), ...(this.chance(0.5) ? this.array(depth) : {}) };
    out.type = this.some(3, () => (this.chance(0.1) ? this.schema(depth - 1) : this.one(
      ['string', 'null', 'integer', 'number', 'float', 'boolean', 'object', 'array'])));
    if (this.chance(0.3)) out.enum = ['a'];
    if (this.chance(0.2)) out.anyOf = [{ type: 'string' }];
    return out;
  }
  schema(depth) {
    const kind = this.below(depth > 0 ? 11 : 5);
    if (kind < 5) return this.scalar();
    if (kind < 7) return this.object(depth);
    if (kind === 7) return this.array(depth);
    if (kind === 8) return this.choice(depth);
    if (kind === 9) return this.types(depth);
    if (this.chance(0.005)) return { $ref: `#/$defs/${this.name()}` };
    return this.visible.length > 0 ? { $ref: `#/$defs/${this.one(this.visible)}` } : {};
  }
  // What it declares is visible until whoever calls takes it away.
  definitions(depth) {
    const out = {};
    const names = this.some(3, () => this.name());
    this.visible.push(...names);
    for (const name of names) {
      Object.defineProperty(out, name,
        { value: this.schema(depth), enumerable: true, configurable: true });
    }
    return out;
  }
  parameters(depth) {
    const before = this.visible.length;
    const $defs = this.chance(0.4) ? this.definitions(depth) : null;
    const out = this.object(depth);
    if ($defs) out.$defs = $defs;
    this.visible.length = before;
    return this.chance(0.1) ? { json: out } : out;
  }
  list() {
    const $defs = this.chance(0.3) ? this.definitions(2) : null;
    const names = new Set(this.some(4, () => this.chance(this.odd) ? this.one(ODD_TOOLS)
      : this.one(TOOLS)));
    const tools = [...names].map((name) => {
      const before = this.visible.length;
      const own = this.chance(0.2) ? this.definitions(2) : null;
      const tool = { name, [this.chance(0.9) ? 'inputSchema' : 'parameters']: this.parameters(4) };
      if (this.chance(0.4)) tool.outputSchema = this.parameters(3);
      if (own) tool.$defs = own;
      if (this.chance(0.01)) delete tool.inputSchema;
      this.visible.length = before;
      return tool;
    });
    if (!$defs && tools.length > 0 && this.chance(0.1)) return tools[0];
    if (!$defs && this.chance(0.3)) return tools;
    const result = $defs ? { tools, $defs } : { tools };
    return { jsonrpc: '2.0', id: 1, result };
  }
  config() {
    const out = {};
    for (const key of ['includeOutputs', 'objectsAsRecords', 'eraseAnnotations',
      'flattenNamespaces', 'numbersAsDecimal', 'deduplicateEntityTypes']) {
      if (this.chance(0.4)) out[key] = this.chance(0.7);
    }
    return out;
  }
}

// Ours does not look at outputs that are not asked for.
function reference(each) {
  const read = (key, value) => (key === 'outputSchema' ? undefined : value);
  const tools = each.config.includeOutputs ? each.tools
    : JSON.stringify(JSON.parse(each.tools, read));
  try {
    return JSON.parse(generator.generateSchema(each.stub, tools, JSON.stringify(each.config)));
  } catch (error) {
    return { isOk: false, error: String(error) };
  }
}

// Whether the published generator takes these definitions depends on the order in which it meets
// them, which is by chance.
function isByChance(each) {
  const shared = JSON.parse(each.tools).result?.$defs ?? {};
  return ['Null', 'Number', 'Float', 'Unknown'].some((name) => name in shared);
}

// Parts of an open tuple make no difference, and ours does not read all of them.
function isOpenTuple(each) {
  const tools = JSON.stringify(JSON.parse(each.tools), (key, value) => {
    if (!Array.isArray(value?.prefixItems) || value.items === false) return value;
    return { ...value, prefixItems: undefined, items: undefined };
  });
  return tools !== each.tools && reference({ ...each, tools }).isOk;
}

// True for a text in which a namespace has an entity type and a common type of one name, which the
// published generator writes though it is no schema.
function clashes(schema) {
  return schema.split(/^}$/m).some((block) => {
    const types = new Set([...block.matchAll(/^  type (\w+) =/gm)].map((found) => found[1]));
    return [...block.matchAll(/^  entity (\w+)/gm)].some((found) => types.has(found[1]));
  });
}

function difference(each, ours) {
  if (each.config.agent) {
    if (ours.code) return '';
    const read = cedar.checkParseSchema(ours.schema);
    if (read.type !== 'success') return `no schema: ${read.errors[0].message}\n${ours.schema}`;
    const again = cedar.schemaToText(JSON.parse(ours.json));
    if (again.type !== 'success') return `no schema in JSON: ${again.errors[0].message}`;
    return again.text.trim() === ours.schema.trim() ? '' : 'text and JSON differ';
  }
  const theirs = reference(each);
  if (!theirs.isOk && !ours.code && isOpenTuple(each)) return '';
  if (theirs.isOk !== !ours.code && isByChance(each)) return '';
  if (!theirs.isOk) return ours.code ? '' : `refused: ${theirs.error}\nours:\n${ours.schema}`;
  if (ours.code) {
    const expected = ['tool_schema_conflict', 'schema_not_expressible'].includes(ours.code) &&
      clashes(theirs.schema);
    return expected ? '' : `${ours.message}\nreference:\n${theirs.schema}`;
  }
  if (ours.schema.trim() !== theirs.schema.trim()) {
    return `text:\n${ours.schema}\nreference:\n${theirs.schema}`;
  }
  const plain = (json) => JSON.stringify(JSON.parse(json));  // theirs has line ends
  return plain(ours.json) === plain(theirs.schemaJson) ? ''
    : `JSON:\n${ours.json}\n${theirs.schemaJson}`;
}

const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
const closed = new Promise((done) => child.on('close', done));
const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const seen = { passed: 0, failed: 0, refused: 0, agent: 0 };
for (let i = 0; i < Number(count); i += 1) {
  const number = Number(seed) * 1000003 + i;
  const random = randomFrom(number);
  const agent = i % 3 === 2;
  const make = new Maker(random, agent ? 0.2 : 0.004);
  const each = { stub: make.one(STUBS), config: make.config(), tools: JSON.stringify(make.list()) };
  if (agent) each.config.agent = true;
  // The published generator loses track of the outer part of such a name when it flattens.
  if (!each.config.flattenNamespaces && make.chance(0.1)) each.stub = DEEP_STUB;
  child.stdin.write(`${JSON.stringify(each)}\n`);
  const { value } = await answers.next();
  const ours = JSON.parse(value);
  const found = difference(each, ours);
  if (found) {
    seen.failed += 1;
    if (seen.failed <= 10) {
      console.log(`seed ${number}: ${found}\n${JSON.stringify(each.config)}\n${each.tools}`);
    }
    continue;
  }
  seen.passed += 1;
  if (ours.code) seen.refused += 1;
  if (agent && !ours.code) seen.agent += 1;
}
child.stdin.end();
const code = await closed;
console.log(`${seen.refused} refused, ${seen.agent} with names of our own`);
console.log(`${seen.passed} passed, ${seen.failed} failed`);
// Nothing compared is a failure too.
process.exit(code === 0 && seen.failed === 0 && seen.passed > seen.refused ? 0 : 1);
