import type { Identity } from "../../domain/identity.ts";
import type { Snapshot } from "../snapshot.ts";
import { createPoolTest } from "./pool-test.ts";

/**
 * Creates the test whether the caller has the permission in the realm of at least one pool of a list; the server
 * level plays no part. Each list is walked once, by its identity: all bots of a group have the same one.
 */
export function createAnyPoolTest(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
): (pools: readonly string[]) => boolean {
  const isPermitted = createPoolTest(snapshot, caller, permission);
  const answers = new Map<readonly string[], boolean>();
  return (pools) => {
    let answer = answers.get(pools);
    if (answer === undefined) {
      answer = pools.some(isPermitted);
      answers.set(pools, answer);
    }
    return answer;
  };
}
