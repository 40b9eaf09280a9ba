/** Why no encrypted connection came about, as far as it can be told. `wanted`: the agent speaks TLS, and was not asked in it. */
export type TlsFault = "wanted" | "notSpoken" | "expired" | "name" | "client" | "authority" | "other";

/** How a Go server answers plain HTTP on its TLS port. */
const SPOKE_HTTP_TO_TLS = /Client sent an HTTP request to an HTTPS server/i;

export const wantsTls = ({ status, text }: { status: number; text: string }): boolean =>
  status === 400 && SPOKE_HTTP_TO_TLS.test(text);

const FAULT_OF_CODE: readonly (readonly [RegExp, TlsFault])[] = [
  [/WRONG_VERSION_NUMBER|^EPROTO$|PACKET_LENGTH|HTTP_REQUEST|UNSUPPORTED_PROTOCOL/, "notSpoken"],
  [/HAS_EXPIRED|NOT_YET_VALID/, "expired"],
  [/ALTNAME|HOSTNAME_MISMATCH/, "name"],
  [/ALERT|HANDSHAKE_FAILURE|CERTIFICATE_REQUIRED/, "client"],
  [/ISSUER|SELF_SIGNED|UNABLE_TO_VERIFY|SIGNATURE|UNTRUSTED/, "authority"],
];

export const tlsFaultOf = (code: string): TlsFault =>
  FAULT_OF_CODE.find(([pattern]) => pattern.test(code))?.[1] ?? "other";
