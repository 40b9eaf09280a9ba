import "server-only";
import { z } from "zod";
import type { KeyRing } from "../db/key-ring";
import { openKeyRing } from "../db/key-ring";
import { openStore } from "../db/store";
import type { Tables } from "../db/tables";
import { seal, sealedWith, unseal } from "../seal";
import type { Credentials, RegisteredCluster } from "./registry";
import { environment } from "./schema";

type Row = Tables["cluster"];

const secretsSchema = z.object({ password: z.string(), tlsKey: z.string().nullable() });
const agentsSchema = z.array(z.string());

/** The clusters of the store as rows, in the order of their ids. */
export async function readStoredRows(): Promise<Row[]> {
  const { db } = await openStore();
  return db.selectFrom("cluster").selectAll().orderBy("id").execute();
}

/** A row in our words. Its credentials are null when the key that they were sealed with is not at hand. */
export function clusterOfRow(row: Row, ring: KeyRing): RegisteredCluster {
  return {
    id: row.id,
    name: row.name,
    environment: environment.catch("UNLABELLED").parse(row.environment),
    agents: agentsSchema.parse(JSON.parse(row.agents)),
    twoPerson: row.two_person === 1,
    source: "store",
    tls: row.tls_ca === null ? null : { ca: row.tls_ca, cert: row.tls_cert ?? "" },
    credentials: openCredentials(row, ring),
  };
}

function openCredentials(row: Row, ring: KeyRing): Credentials | null {
  const key = ring.keys.get(sealedWith(row.sealed));
  const opened = key ? unseal("cluster", row.sealed, key) : null;
  if (opened === null) return null;
  const { password, tlsKey } = secretsSchema.parse(JSON.parse(opened));
  const tls =
    row.tls_ca === null ? null : { ca: row.tls_ca, cert: row.tls_cert ?? undefined, key: tlsKey ?? undefined };
  return { password, tls };
}

/** What the store keeps of a cluster: its secrets sealed with the store's present key. */
export async function rowOfCluster(
  cluster: Omit<RegisteredCluster, "source" | "credentials" | "tls"> & { credentials: Credentials },
  by: string,
): Promise<Row> {
  const { password, tls } = cluster.credentials;
  const { current } = await openKeyRing();
  return {
    id: cluster.id,
    name: cluster.name,
    environment: cluster.environment,
    agents: JSON.stringify(cluster.agents),
    two_person: cluster.twoPerson ? 1 : 0,
    sealed: seal("cluster", JSON.stringify({ password, tlsKey: tls?.key ?? null }), current),
    tls_ca: tls?.ca ?? null,
    tls_cert: tls?.cert ?? null,
    updated_at: new Date().toISOString(),
    updated_by: by,
  };
}
