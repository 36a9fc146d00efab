import type { Identity } from "../../domain/identity.ts";
import type { Snapshot } from "../snapshot.ts";

/**
 * Creates the test whether the caller has the permission in the realm of a pool; the server level plays no
 * part. An unknown pool is a no. Each realm is asked about once, however many of the pools are in it.
 */
export function createPoolTest(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
): (pool: string) => boolean {
  const isPermitted = snapshot.authDb.permissionTest(caller, permission);
  const answers = new Map<string, boolean>();
  return (pool) => {
    const realm = snapshot.fleet.realmOfPool(pool);
    if (realm === undefined) return false;
    let answer = answers.get(realm);
    if (answer === undefined) {
      answer = isPermitted(realm);
      answers.set(realm, answer);
    }
    return answer;
  };
}
