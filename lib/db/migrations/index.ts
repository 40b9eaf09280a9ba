import type { Kysely } from "kysely";
import type { Engine } from "../engine";
import { up as store } from "./0001-store";
import { up as signIn } from "./0002-sign-in";
import { up as operations } from "./0003-operations";
import { up as zoneStops } from "./0004-zone-stops";
import { up as clusterClaims } from "./0005-cluster-claims";
import { up as setAside } from "./0006-set-aside";
import { up as storeIdentity } from "./0007-store-identity";
import { up as turns } from "./0008-turns";

/** In the order in which they run. A migration that has landed is never changed; the next one mends it. */
export const MIGRATIONS: Record<string, (db: Kysely<unknown>, engine: Engine) => Promise<void>> = {
  "0001-store": store,
  "0002-sign-in": signIn,
  "0003-operations": operations,
  "0004-zone-stops": zoneStops,
  "0005-cluster-claims": clusterClaims,
  "0006-set-aside": setAside,
  "0007-store-identity": storeIdentity,
  "0008-turns": turns,
};
