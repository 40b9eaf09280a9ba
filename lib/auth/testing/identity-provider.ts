import { createHash, createSign, generateKeyPairSync, randomUUID, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

const KEY_ID = "test-key";

export interface IdentityProvider {
  issuer: string;
  /** Who signs in there from now on. */
  person: Record<string, string | number>;
  /** What the last request for authorization asked for. */
  asked: URLSearchParams;
  /** Breaks what it hands out from now on. */
  fault: "none" | "other-key" | "other-audience" | "other-nonce" | "no-token";
  stop(): Promise<void>;
}

const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

function sign(claims: object, key: KeyObject): string {
  const body = `${segment({ alg: "RS256", typ: "JWT", kid: KEY_ID })}.${segment(claims)}`;
  return `${body}.${createSign("RSA-SHA256").update(body).sign(key).toString("base64url")}`;
}

const readForm = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
};

/** A small OpenID provider on loopback: discovery, keys, authorization that asks nothing, and a token end that checks PKCE. */
export async function startIdentityProvider(client: { id: string; secret: string }): Promise<IdentityProvider> {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const codes = new Map<string, { nonce: string; challenge: string }>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", provider.issuer);
    const json = (value: object, status = 200) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (url.pathname === "/.well-known/openid-configuration")
      return json({
        issuer: provider.issuer,
        authorization_endpoint: `${provider.issuer}/authorize`,
        token_endpoint: `${provider.issuer}/token`,
        jwks_uri: `${provider.issuer}/keys`,
        id_token_signing_alg_values_supported: ["RS256"],
      });
    if (url.pathname === "/keys")
      return json({ keys: [{ ...keys.publicKey.export({ format: "jwk" }), kid: KEY_ID, alg: "RS256", use: "sig" }] });
    if (url.pathname === "/authorize") {
      const code = randomUUID();
      provider.asked = url.searchParams;
      const asked = (name: string) => url.searchParams.get(name) ?? "";
      codes.set(code, { nonce: asked("nonce"), challenge: asked("code_challenge") });
      const back = new URL(asked("redirect_uri"));
      back.searchParams.set("code", code);
      back.searchParams.set("state", asked("state"));
      return response.writeHead(302, { location: back.href }).end();
    }
    void readForm(request).then((form) => {
      const given = codes.get(form.get("code") ?? "");
      codes.delete(form.get("code") ?? "");
      const challenge = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      const isClient = form.get("client_id") === client.id && form.get("client_secret") === client.secret;
      if (!given || !isClient || challenge !== given.challenge) return json({ error: "invalid_grant" }, 400);
      const now = Math.floor(Date.now() / 1_000);
      const claims = {
        iss: provider.issuer,
        aud: provider.fault === "other-audience" ? "somebody-else" : client.id,
        nonce: provider.fault === "other-nonce" ? "made-up" : given.nonce,
        iat: now,
        exp: now + 300,
        ...provider.person,
      };
      const key = provider.fault === "other-key" ? stranger.privateKey : keys.privateKey;
      return json({
        access_token: "opaque",
        token_type: "Bearer",
        expires_in: 300,
        ...(provider.fault === "no-token" ? {} : { id_token: sign(claims, key) }),
      });
    });
  });
  const provider: IdentityProvider = {
    issuer: "",
    person: { sub: "1" },
    asked: new URLSearchParams(),
    fault: "none",
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  provider.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a listening TCP server has one
  return provider;
}
