import "server-only";
import { symmetricDecrypt } from "better-auth/crypto";
import { storeKey } from "../db/key-ring";
import { openStore } from "../db/store";

/** True when the secret of somebody's authenticator was encrypted with a key that is not here any more. */
export async function isSecondFactorLost(userId: string): Promise<boolean> {
  const { db } = await openStore();
  const row = await db.selectFrom("twoFactor").select("secret").where("userId", "=", userId).executeTakeFirst();
  if (!row) return false;
  const key = (await storeKey("sign-in")).toString("base64");
  return symmetricDecrypt({ key, data: row.secret }).then(
    () => false,
    () => true,
  );
}
