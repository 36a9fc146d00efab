import type { CredentialRecord } from "../../../src/domain/credential/subject.ts";
import type { IdentifierDeps } from "../../../src/credentials/create-identifier.ts";
import {
  createIdentifier,
  type OpenIdentifier,
} from "../../../src/credentials/create-identifier.ts";
import type { Inquiry } from "../../../src/credentials/identifier.ts";
import type { Verdict } from "../../../src/credentials/verdict.ts";
import { credentialKinds } from "../../../src/domain/credential/kinds.ts";
import { ConnectionError } from "../../../src/storage/connection-error.ts";
import type { CredentialEvent, EventsRead } from "../../../src/storage/credential/read-events.ts";
import { bareSnapshot, lookupHashOf } from "./identifier.ts";
import { noon } from "./records.ts";

/** A database in memory, for an identifier whose clock a test moves. It answers at once, or as the test says. */
export interface MemoryWorld {
  readonly identifier: OpenIdentifier;
  readonly records: Map<string, CredentialRecord>;
  /** Milliseconds since the start, for process and database. */
  readonly time: { now: number };
  /** How the database fares: it answers, is lost, or fails at what it is asked. The log may fare otherwise. */
  readonly database: {
    state: "up" | "lost" | "faulty";
    log: "up" | "lost" | "faulty";
    /** Which run of which server answers. */
    server: string;
  };
  /** What is waited for between a read of credentials and its answer; made anew by whoever wants to hold one up. */
  readonly held: { until: Promise<void> };
  /** How often credentials were read, and which keys. */
  readonly reads: string[][];
  /** How often the log was read. */
  readonly polls: { count: number };
  /** Replaces a record, and has the log tell of it. */
  readonly change: (record: CredentialRecord, shrinks?: boolean) => void;
  /** Has the identifier read the log now; whether it could. */
  readonly poll: () => Promise<void>;
  readonly ask: (token: string, changes?: Partial<Inquiry>) => Promise<Verdict>;
  readonly askNow: (token: string, changes?: Partial<Inquiry>) => Verdict | undefined;
  readonly askAllNow: (tokens: readonly string[]) => readonly Verdict[] | undefined;
}

/** The word for a verdict: its kind, and why or for what. */
export function wordOf(verdict: Verdict | undefined): string {
  if (verdict === undefined) return "ask";
  if (verdict.kind === "good") return `good ${verdict.use}`;
  return "why" in verdict ? `${verdict.kind} ${verdict.why}` : verdict.kind;
}

/** Creates a world in which there is nothing yet; its identifier does not follow unless polled. */
export function memoryWorld(changes: Partial<IdentifierDeps> = {}): MemoryWorld {
  const records = new Map<string, CredentialRecord>();
  const time = { now: 0 };
  const database: MemoryWorld["database"] = { state: "up", log: "up", server: "1" };
  const held = { until: Promise.resolve() };
  const reads: string[][] = [];
  const polls = { count: 0 };
  const events: CredentialEvent[] = [];
  const answer = async (state: "up" | "lost" | "faulty"): Promise<void> => {
    await Promise.resolve();
    if (state === "lost") throw new ConnectionError("lost");
    if (state === "faulty") throw new Error("faulty");
  };
  const readLog = async (from: number): Promise<EventsRead> => {
    polls.count += 1;
    await answer(database.log);
    const end = BigInt(events.length + 1);
    return {
      position: { server: database.server, snapshot: String(events.length), xmin: end, xmax: end },
      now: noon + time.now,
      events: events.slice(from),
    };
  };
  const identifier = createIdentifier({
    readCredentials: async ({ ids, lookupHashes }) => {
      reads.push([...ids, ...lookupHashes]);
      const found = [...records.values()].filter(
        ({ id, lookupHash }) => ids.includes(id) || lookupHashes.includes(lookupHash ?? "none"),
      );
      const now = noon + time.now;
      await held.until;
      await answer(database.state);
      return { records: found, now };
    },
    log: {
      after: ({ snapshot }) => readLog(Number(snapshot)),
      shrinks: () => readLog(0),
    },
    keyring: {
      lookupHashes: (token) => ({
        hashes: [{ keyId: "k1", hash: lookupHashOf(token) }],
        isComplete: true,
      }),
    },
    outageGraceMs: 300_000,
    now: () => time.now,
    wallClock: () => noon + time.now,
    ...changes,
  });
  const inquiry = (token: string, more: Partial<Inquiry> = {}): Inquiry => ({
    ...{ token, accepts: new Set(credentialKinds), audience: "fleetgate" },
    ...{ freshness: "bounded", source: "192.0.2.1", ...more },
  });
  return {
    ...{ identifier, records, time, database, held, reads, polls },
    change: (record, shrinks = true) => {
      records.set(record.id, record);
      const { uid: subjectUid, realm, version } = record.subject;
      const at = noon + time.now;
      events.push({ subjectUid, credentialId: undefined, realm, version, shrinks, at });
    },
    // A write that is made known has the log read.
    poll: () => identifier.makeKnown([]),
    ask: (token, more) => identifier.identify(inquiry(token, more), () => bareSnapshot),
    askNow: (token, more) => identifier.identifyNow(inquiry(token, more), bareSnapshot),
    askAllNow: (tokens) =>
      identifier.identifyAllNow(
        tokens.map((token) => inquiry(token)),
        bareSnapshot,
      ),
  };
}
