import { randomBytes } from "node:crypto";
import type { ApplyInput } from "../../src/commands/apply-config.ts";
import type { CommandDeps } from "../../src/commands/deps.ts";
import type { Identity } from "../../src/domain/identity.ts";
import { createReplica } from "../../src/replica/replica.ts";
import type { Storage } from "../../src/storage/database.ts";

/** Who acts in the tests of commands. */
export const admin = "user:root@example.com" as Identity;

/** A clock that the test moves, and the commands on a database with a replica that only follows when told. */
export interface TestCommands {
  readonly deps: CommandDeps;
  /** Moves the clock by so many milliseconds. */
  readonly pass: (ms: number) => void;
}

/** Commands on an open database, at noon of some day. */
export async function createTestCommands(storage: Storage): Promise<TestCommands> {
  let now = Date.UTC(2026, 0, 2, 12);
  const replica = createReplica(storage, {
    maxStalenessMs: 3_600_000,
    pollIntervalMs: 3_600_000,
    now: () => now,
  });
  await replica.refresh();
  const deps: CommandDeps = { storage, replica, clock: () => new Date(now), randomBytes };
  return { deps, pass: (ms) => void (now += ms) };
}

/** The input of an apply of one YAML text. */
export function applyInput(text: string, more: Partial<ApplyInput> = {}): ApplyInput {
  return {
    source: "",
    files: [{ path: "fleet.yaml", text }],
    etag: "",
    validateOnly: false,
    requestId: "",
    reason: "",
    ...more,
  };
}
