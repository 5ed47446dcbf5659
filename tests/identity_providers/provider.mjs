// An `oidc-provider` whose users sign in without a page: for the suite of this folder, and for the
// demo.
//
// SPDX-License-Identifier: Apache-2.0

export async function key(jose, alg, kid) {
  const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  return { ...(await jose.exportJWK(privateKey)), alg, kid, use: "sig" };
}

// Provider: of the package. resource(url, client): what a resource server gets, as
// `getResourceServerInfo` gives it. signIn(context, interaction, provider): what the page sends,
// as `interactionFinished` takes it. settings: of the package.
export function makeProvider(Provider, issuer, {
  keys, resource, defaultResource = (_, __, oneOf) => oneOf, signIn, features, ...settings }) {
  const made = new Provider(issuer, {
    jwks: { keys },
    cookies: { keys: ["for tests only"] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, url, client) => resource(url, client),
      },
      ...features,
    },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_, interaction) => `/sign-in/${interaction.uid}` },
    ...settings,
  });
  made.use(async (ctx, next) => {
    if (!ctx.path.startsWith("/sign-in/")) return next();
    const interaction = await made.interactionDetails(ctx.req, ctx.res);
    await made.interactionFinished(ctx.req, ctx.res, await signIn(ctx, interaction, made));
    ctx.respond = false;
  });
  return made.callback();
}
