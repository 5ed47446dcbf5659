// The official TypeScript client on a server under `mcpgov run`; prints what it saw as JSON.
//
// SPDX-License-Identifier: Apache-2.0
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const [command, ...args] = process.argv.slice(2);
const client = new Client({ name: "demo", version: "1" });
await client.connect(new StdioClientTransport({ command, args, stderr: "ignore" }));

async function seen(promise) {
  try {
    const result = await promise;
    return result.isError ? "failed" : "allowed";
  } catch (error) {
    return error.code === 403 ? "denied" : `error ${error.code}`;
  }
}

const { tools } = await client.listTools();
const out = {
  tools: tools.map((tool) => tool.name),
  echo: await seen(client.callTool({ name: "echo", arguments: { message: "hello" } })),
  secret: await seen(client.callTool({ name: "echo", arguments: { message: "the password" } })),
  environment: await seen(client.callTool({ name: "get-env", arguments: {} })),
};
await client.close();
console.log(JSON.stringify(out));
