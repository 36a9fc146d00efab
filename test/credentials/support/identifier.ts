import { createHmac } from "node:crypto";
import { after } from "node:test";
import {
  createIdentifier,
  type IdentifierDeps,
  type OpenIdentifier,
} from "../../../src/credentials/create-identifier.ts";
import type { Inquiry } from "../../../src/credentials/identifier.ts";
import type { Verdict } from "../../../src/credentials/verdict.ts";
import { credentialKinds } from "../../../src/domain/credential/kinds.ts";
import { builtInPermissions } from "../../../src/domain/permissions.ts";
import type { Snapshot } from "../../../src/engine/snapshot.ts";
import { readCredentials } from "../../../src/storage/credential/read-credentials.ts";
import { readEventsAfter, readShrinks } from "../../../src/storage/credential/read-events.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { realm, world } from "../../engine/world.ts";
import { storedRealm } from "./stored.ts";

/** A snapshot in which the realm of what is stored exists, and nobody may do anything. */
export const bareSnapshot: Snapshot = world({
  permissions: builtInPermissions,
  realms: [realm(storedRealm)],
});

/** The hash under which an identifier of the tests finds a token that a forge made. */
export function lookupHashOf(token: string): string {
  return createHmac("sha256", "key of the tests").update(token).digest("hex");
}

/** An identifier of the tests, on a clock that goes when it is told to. */
export interface TestIdentifier {
  readonly identifier: OpenIdentifier;
  /** Lets so many milliseconds pass, for the process and for the database: its clock is ahead of the real one by them. */
  readonly pass: (ms: number) => void;
  /** How often credentials were read, and the log. */
  readonly reads: { credentials: number; log: number };
  /** What is done with the answer of a read before it arrives. May throw. */
  readonly hooks: { after: (what: "credentials" | "log") => Promise<void> | void };
  readonly ask: (token: string, changes?: Partial<Inquiry>) => Promise<Verdict>;
  readonly askNow: (token: string, changes?: Partial<Inquiry>) => Verdict | undefined;
}

/** Makes an identifier that reads a storage and follows nothing until it is nudged. It is closed after the suite. */
export function testIdentifier(
  storage: Storage,
  changes: Partial<IdentifierDeps> = {},
): TestIdentifier {
  let passed = 0;
  const reads = { credentials: 0, log: 0 };
  const hooks: TestIdentifier["hooks"] = { after: () => undefined };
  const read = async <T extends { readonly now: number }>(
    what: keyof typeof reads,
    use: () => Promise<T>,
  ): Promise<T> => {
    reads[what] += 1;
    const found = await use();
    await hooks.after(what);
    return { ...found, now: found.now + passed };
  };
  const identifier = createIdentifier({
    readCredentials: (keys) =>
      read("credentials", () => storage.quick((db) => readCredentials(db, keys))),
    log: {
      after: (position) => read("log", () => storage.quick((db) => readEventsAfter(db, position))),
      shrinks: () => read("log", () => storage.quick((db) => readShrinks(db, 4_200_000))),
    },
    keyring: {
      lookupHashes: (token) => ({
        hashes: [{ keyId: "k1", hash: lookupHashOf(token) }],
        isComplete: true,
      }),
    },
    outageGraceMs: 300_000,
    now: () => performance.now() + passed,
    wallClock: Date.now,
    ...changes,
  });
  after(() => identifier.close());
  const inquiry = (token: string, more: Partial<Inquiry> = {}): Inquiry => ({
    ...{ token, accepts: new Set(credentialKinds), audience: "fleetgate" },
    ...{ freshness: "bounded", source: "192.0.2.1", ...more },
  });
  return {
    ...{ identifier, reads, hooks },
    pass: (ms) => void (passed += ms),
    ask: (token, more) => identifier.identify(inquiry(token, more), () => bareSnapshot),
    askNow: (token, more) => identifier.identifyNow(inquiry(token, more), bareSnapshot),
  };
}
