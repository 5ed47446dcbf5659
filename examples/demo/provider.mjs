// The identity provider of the demo: `oidc-provider` with two users and a scripted sign-in page.
// node provider.mjs FOLDER PORT: where the packages are, and the port of 127.0.0.1 to listen on.
//
// SPDX-License-Identifier: Apache-2.0
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { key, makeProvider } from "../../tests/identity_providers/provider.mjs";

const [folder, port] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const jose = await load("jose");
const { Provider } = await load("oidc-provider");

// What it says on its console is about its development mode.
console.warn = () => {};
console.info = () => {};

const ROLES = { ann: ["analyst"], eve: ["engineer"] };
const SCOPES = ["notes:empty", "tools:use"];
const HOUR = 3600; // seconds

const service = (id) => ({
  client_id: id, client_secret: "of the demo alone", redirect_uris: [], response_types: [],
  grant_types: ["client_credentials"] });

// The page says who signs in, and which of the scopes they tick.
async function signIn({ query }, { params }, provider) {
  const ticked = query.scope.split(" ");
  const grant = new provider.Grant({ clientId: params.client_id, accountId: query.user });
  for (const scope of SCOPES) {
    if (ticked.includes(scope)) {
      grant.addOIDCScope(scope);
      grant.addResourceScope(params.resource, scope);
    } else {
      grant.rejectOIDCScope(scope);
      grant.rejectResourceScope(params.resource, scope);
    }
  }
  return { login: { accountId: query.user }, consent: { grantId: await grant.save() } };
}

const issuer = `http://127.0.0.1:${port}`;
const callback = makeProvider(Provider, issuer, {
  keys: [await key(jose, "ES256", "demo")],
  clients: [service("job"), service("late")],
  scopes: SCOPES,
  clientDefaults: { id_token_signed_response_alg: "ES256" },
  resource: () => ({
    scope: SCOPES.join(" "), accessTokenFormat: "jwt", accessTokenTTL: HOUR,
    jwt: { sign: { alg: "ES256" } } }),
  features: { registration: { enabled: true } },
  issueRefreshToken: () => true,
  extraTokenClaims: (_, token) =>
    (token.accountId ? { roles: ROLES[token.accountId] } : undefined),
  // Tokens of the client `late` have ended before they are given out.
  formats: { customizers: { jwt(_, token, { payload }) {
    if (token.clientId === "late") payload.exp -= 2 * HOUR;
  } } },
  signIn,
});
createServer(callback).listen(Number(port), "127.0.0.1", () => console.log("listening"));
