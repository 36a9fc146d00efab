import type { Actor, CredentialDeps } from "../../../src/credentials/deps.ts";
import { applyConfig } from "../../../src/commands/apply-config.ts";
import { bootstrapKey } from "../../../src/commands/bootstrap-key.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import type { Snapshot } from "../../../src/engine/snapshot.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { admin, applyInput, createTestCommands } from "../support.ts";

/** Commands about credentials on a database with two realms, each with an auditor and an administrator of credentials. */
export interface CredentialBench {
  readonly storage: Storage;
  readonly deps: CredentialDeps;
  readonly snapshot: Snapshot;
  /** The uids that were made known, in order. */
  readonly known: string[];
}

const config = `
projects:
  - name: demo
    realms:
      - name: ci
        bindings:
          - { role: role/fleetgate.credentialAuditor, principals: ["user:auditor@example.com"] }
          - { role: role/fleetgate.credentialAdmin, principals: ["user:keeper@example.com"] }
      - name: other
        bindings:
          - { role: role/fleetgate.credentialAdmin, principals: ["user:other@example.com"] }
`;

/** Opens a bench on a fresh database. */
export async function openCredentialBench(storage: Storage): Promise<CredentialBench> {
  const { deps } = await createTestCommands(storage);
  const key = { identity: admin, description: "", ttlSeconds: undefined, noExpiry: false };
  await bootstrapKey(deps, { ...key, breakGlass: false, reason: "" });
  await applyConfig(deps, admin, applyInput(config));
  const state = deps.replica.current();
  if (state === undefined) throw new Error("there is no state");
  const known: string[] = [];
  const { replica, randomBytes } = deps;
  const makeKnown = (uids: readonly string[]): Promise<void> => {
    known.push(...uids);
    return Promise.resolve();
  };
  return {
    storage,
    deps: { storage, replica, randomBytes, makeKnown },
    snapshot: state.snapshot,
    known,
  };
}

/** Somebody who calls by an API key. */
export function actor(name: string): Actor {
  const identity = `user:${name}@example.com` as Identity;
  return { identity, record: undefined, caller: identity, source: "10.9.8.7", requestId: "r-1" };
}
