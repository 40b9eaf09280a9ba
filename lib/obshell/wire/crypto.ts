import forge from "node-forge";
import { AppError } from "../../errors";

/** Space that PKCS#1 v1.5 padding takes in every RSA block. */
const PKCS1_PADDING_BYTES = 11;
const AES_BYTES = 16;

/** What authenticates one request. Source: obshell agent source, agent/secure, HttpHeader. */
export interface AuthHeader {
  /** The password in clear; "" when there is none. */
  Auth: string;
  /** Expiry by the agent's clock, Unix seconds in decimal. */
  Ts: string;
  /** The request target byte for byte: path and query. */
  Uri: string;
  /** base64 of key and iv, see `encodeKeys`. */
  Keys: string;
}

/** Key and iv as byte strings (one character per byte, as node-forge has them). */
export interface BodyKey {
  key: string;
  iv: string;
}

/** Reads what `/secret` publishes: base64 of the PKCS#1 RSAPublicKey in DER, of any key size. */
export function readPublicKey(base64: string): forge.pki.rsa.PublicKey {
  try {
    return forge.pki.publicKeyFromAsn1(forge.asn1.fromDer(forge.util.decode64(base64)));
  } catch (cause) {
    throw new AppError("answer-unreadable", { agentMessage: "the public key cannot be read" }, { cause });
  }
}

/** 512 before 4.4.2.0, 1024 since. */
export const keyBits = (base64: string): number => readPublicKey(base64).n.bitLength();

/** Fresh for every request; a key is never used twice. */
export const createBodyKey = (): BodyKey => ({
  key: forge.random.getBytesSync(AES_BYTES),
  iv: forge.random.getBytesSync(AES_BYTES),
});

export const encodeKeys = ({ key, iv }: BodyKey): string => forge.util.encode64(key + iv);

/**
 * The value of `X-OCS-Header`. Blocks follow the size of the key that this agent publishes (512 bits before 4.4.2.0,
 * 1024 since): a fixed block size fails on one or the other. Source: OBShell protocol §3.1.
 */
export function sealHeader({ Auth, Ts, Uri, Keys }: AuthHeader, publicKey: forge.pki.rsa.PublicKey): string {
  const blockBytes = Math.ceil(publicKey.n.bitLength() / 8) - PKCS1_PADDING_BYTES;
  const plain = forge.util.encodeUtf8(JSON.stringify({ Auth, Ts, Uri, Keys }));
  let sealed = "";
  for (let at = 0; at < plain.length; at += blockBytes) {
    sealed += publicKey.encrypt(plain.slice(at, at + blockBytes), "RSAES-PKCS1-V1_5");
  }
  return forge.util.encode64(sealed);
}

/** AES-128-CBC with PKCS#7, as base64 text. Source: OBShell protocol §3.3. */
export function sealBody(body: unknown, { key, iv }: BodyKey): string {
  const cipher = forge.cipher.createCipher("AES-CBC", key);
  cipher.start({ iv });
  cipher.update(forge.util.createBuffer(forge.util.encodeUtf8(JSON.stringify(body))));
  cipher.finish();
  return forge.util.encode64(cipher.output.getBytes());
}
