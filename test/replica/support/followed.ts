import { groupMemberKey } from "../../../src/config/entities.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import {
  createReplica,
  ForeignHistoryError,
  type Replica,
  type ReplicaEvents,
} from "../../../src/replica/replica.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { writeChange } from "../../../src/storage/write-change.ts";

/** Who writes in these tests. */
export const ann = "user:ann@example.com" as Identity;

/** A replica of which a test sees what it tells, and decides the time. */
export interface Followed {
  readonly replica: Replica;
  readonly seen: string[];
  readonly pass: (ms: number) => void;
}

/** A replica of a storage, with limits of a test: 1 s of staleness, looks every 20 ms. */
export function follow(storage: Storage, more: ReplicaEvents = {}): Followed {
  let now = 0;
  const seen: string[] = [];
  const replica = createReplica(
    storage,
    { maxStalenessMs: 1000, pollIntervalMs: 20, now: () => now },
    {
      onState: (state) => seen.push(`state ${state.revision}`),
      onFailure: (error) => seen.push(error instanceof ForeignHistoryError ? "foreign" : "failure"),
      onRecovery: () => seen.push("recovery"),
      ...more,
    },
  );
  return { replica, seen, pass: (ms) => void (now += ms) };
}

/** Adds a group with {@link ann}; the new revision. */
export async function addGroup(storage: Storage, name: string): Promise<bigint> {
  const meta = { author: ann, reason: "", requestId: "", requestHash: "" };
  const result = await writeChange(storage, meta, async () => ({
    source: undefined,
    changes: [
      {
        kind: "group",
        key: name,
        before: undefined,
        after: { name, description: "", owners: "administrators" },
      },
      {
        kind: "group_member",
        key: groupMemberKey(name, ann),
        before: undefined,
        after: { group: name, member: ann },
      },
    ],
  }));
  return result.revision;
}
