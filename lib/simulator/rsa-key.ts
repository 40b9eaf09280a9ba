import { constants, generateKeyPair, privateDecrypt, type KeyObject } from "node:crypto";

/** One agent's key pair. Agents publish the PKCS#1 DER of the public half as base64. Source: OBShell protocol, /api/v1/secret. */
export interface RsaKey {
  readonly publicBase64: string;
  readonly privateKey: KeyObject;
  readonly bytes: number;
}

export function generateRsaKey(bits: number): Promise<RsaKey> {
  return new Promise((resolve, reject) => {
    generateKeyPair("rsa", { modulusLength: bits }, (error, publicKey, privateKey) => {
      if (error) reject(error);
      else {
        const der = publicKey.export({ type: "pkcs1", format: "der" });
        resolve({ publicBase64: der.toString("base64"), privateKey, bytes: bits / 8 });
      }
    });
  });
}

export function rsaKeyFrom(publicKey: KeyObject, privateKey: KeyObject, bits: number): RsaKey {
  const der = publicKey.export({ type: "pkcs1", format: "der" });
  return { publicBase64: der.toString("base64"), privateKey, bytes: bits / 8 };
}

/**
 * Opens what a client sealed in blocks of any size. Node refuses PKCS#1 v1.5 decryption (CVE-2023-46809), so the raw
 * block is decrypted and its padding `00 02 <at least 8 non-zero bytes> 00` is taken off by hand.
 */
export function openSealed(sealedBase64: string, key: RsaKey): Buffer {
  const sealed = decodeBase64(sealedBase64);
  if (sealed.length === 0 || sealed.length % key.bytes !== 0) throw new Error("sealed text is not whole RSA blocks");
  const parts: Buffer[] = [];
  for (let at = 0; at < sealed.length; at += key.bytes) {
    const block = sealed.subarray(at, at + key.bytes);
    parts.push(
      stripPadding(privateDecrypt({ key: key.privateKey, padding: constants.RSA_NO_PADDING }, block), key.bytes),
    );
  }
  return Buffer.concat(parts);
}

const SHORTEST_PADDING = 8;

function stripPadding(raw: Buffer, bytes: number): Buffer {
  const block = Buffer.concat([Buffer.alloc(Math.max(0, bytes - raw.length)), raw]);
  const end = block.indexOf(0, 2);
  if (block[0] !== 0 || block[1] !== 2 || end < 2 + SHORTEST_PADDING) throw new Error("not a PKCS#1 v1.5 block");
  return block.subarray(end + 1);
}

/** Go's standard decoder is strict where Node's is not: foreign characters and a wrong length are errors. */
export function decodeBase64(text: string): Buffer {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new Error("not standard base64");
  return Buffer.from(text, "base64");
}
