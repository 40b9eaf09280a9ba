import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";
import type { Dag } from "./dag";

/** A client for tests, written against the protocol and not against the product's own client. */
export interface TestClient {
  get(path: string, change?: HeaderChange): Promise<TestAnswer>;
  post(path: string, body?: unknown, change?: HeaderChange): Promise<TestAnswer>;
}

export interface TestAnswer {
  readonly status: number;
  readonly text: string;
  readonly type: string;
  // Answers are read loosely: tests state what they expect of them.
  readonly json: WireAnswer;
}

export interface WireAnswer {
  successful: boolean;
  traceId: string;
  data?: WireData;
  error?: { code?: number; errCode?: string; message: string };
}
export type WireData = Record<string, unknown> & Partial<WireDag> & { contents?: WireDag[] | null };

export interface WireDag extends Pick<Dag, "name" | "stage" | "state" | "operator"> {
  id: string;
  max_stage: number;
  maintenance_type?: number;
  maintenance_key?: string;
  start_time: string;
  end_time: string;
  additional_data: { sub_dags?: Record<string, string>; main_dag_id?: string } | null;
  nodes: WireNode[] | null;
}
export interface WireNode extends Pick<Dag, "name" | "state" | "operator"> {
  id: string;
  start_time: string;
  end_time: string;
  additional_data: unknown;
  sub_tasks: (Pick<Dag, "name" | "state" | "operator"> & {
    id: string;
    start_time: string;
    end_time: string;
    additional_data: unknown;
    execute_times: number;
    execute_agent: { ip: string; port: number };
    task_logs: string[] | null;
  })[];
}

export interface HeaderChange {
  password?: string;
  fields?: Record<string, unknown>;
  /** Sealed instead of the JSON made from the fields. */
  plaintext?: string;
  chunkBytes?: number;
  name?: string;
  rawHeader?: string | null;
  language?: string;
  rawBody?: string;
}

export function createTestClient(address: string, password: string): TestClient {
  const base = `http://${address}`;
  let publicKey: Promise<string> | null = null;
  const readKey = async (): Promise<string> => {
    const response = await fetch(`${base}/api/v1/secret`);
    const secret = (await response.json()) as { data: { public_key: string } };
    return secret.data.public_key;
  };

  const send = async (method: string, path: string, body: unknown, change: HeaderChange): Promise<TestAnswer> => {
    const keys = randomBytes(32);
    const uri = `/api/v1${path}`;
    const plain =
      change.plaintext ??
      JSON.stringify({
        Auth: change.password ?? password,
        Ts: String(Math.floor(Date.now() / 1_000) + 60),
        Uri: uri,
        Keys: keys.toString("base64"),
        ...change.fields,
      });
    const headers: Record<string, string> = change.language ? { "Accept-Language": change.language } : {};
    if (change.rawHeader !== null)
      headers[change.name ?? "X-OCS-Header"] =
        change.rawHeader ?? seal(plain, await (publicKey ??= readKey()), change.chunkBytes);
    const sent = change.rawBody ?? (body === undefined ? undefined : encrypt(JSON.stringify(body), keys));
    const response = await fetch(`${base}${uri}`, { method, headers, ...(sent === undefined ? {} : { body: sent }) });
    const text = await response.text();
    const type = response.headers.get("content-type") ?? "";
    return {
      status: response.status,
      text,
      type,
      json: text.startsWith("{") ? (JSON.parse(text) as WireAnswer) : none,
    };
  };
  return {
    get: (path, change = {}) => send("GET", path, undefined, change),
    post: (path, body, change = {}) => send("POST", path, body, change),
  };
}

const none: WireAnswer = { successful: false, traceId: "", error: { message: "not JSON" } };

export function seal(plain: string, publicKey: string, chunkBytes?: number): string {
  const der = Buffer.from(publicKey, "base64");
  const key = createPublicKey({ key: der, format: "der", type: "pkcs1" });
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 512;
  const size = chunkBytes ?? bits / 8 - 11;
  const bytes = Buffer.from(plain, "utf8");
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size)
    blocks.push(publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, bytes.subarray(at, at + size)));
  return Buffer.concat(blocks).toString("base64");
}

function encrypt(text: string, keys: Buffer): string {
  const cipher = createCipheriv("aes-128-cbc", keys.subarray(0, 16), keys.subarray(16));
  return Buffer.concat([cipher.update(text, "utf8"), cipher.final()]).toString("base64");
}

/** Reads a DAG until it is over and tells each state and stage it was seen in. Agents may come and go meanwhile. */
export async function follow(client: TestClient, id: string): Promise<{ dag: WireDag; seen: string[] }> {
  const seen: string[] = [];
  for (;;) {
    const answer = await client.get(`/task/dag/${id}`).catch(() => null);
    if (answer) {
      const dag = answer.json.data as WireDag;
      const now = `${dag.state}/${dag.stage}`;
      if (seen.at(-1) !== now) seen.push(now);
      if (dag.state === "SUCCEED" || dag.state === "FAILED") return { dag, seen };
    }
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}
