import { createHash } from "node:crypto";
import type { CredentialArea } from "../../../src/credentials/area.ts";
import type { FeedNews, Inquiry } from "../../../src/credentials/identifier.ts";
import type { ManagerContact } from "../../../src/credentials/manager-contacts.ts";
import { createRunnerCounter } from "../../../src/credentials/runner-counts.ts";
import type { MethodArea } from "../../../src/domain/credential/gate-areas.ts";
import type { Verdict } from "../../../src/credentials/verdict.ts";
import { formatBearerToken } from "../../../src/domain/bearer-token.ts";
import { kindLetters } from "../../../src/domain/credential/kinds.ts";
import type { CredentialKind } from "../../../src/domain/credential/kinds.ts";
import type {
  BotSubject,
  CredentialRecord,
  TaskSubject,
} from "../../../src/domain/credential/subject.ts";
import type { MissedEvents } from "../../../src/storage/credential/read-events-since.ts";
import type { Snapshot } from "../../../src/engine/snapshot.ts";
import { plainKeyring } from "../../credentials/support/plain-keyring.ts";
import { now } from "./keys.ts";

/** A credential for tests, with its token. The same kind and name make the same one. */
export interface TestCredential {
  readonly record: CredentialRecord;
  readonly token: string;
}

/** After how many milliseconds calls of a closed area are to come again. */
export const closedMs = 54_321;

const hour = 60 * 60 * 1000;

const common = {
  realm: "acme:tasks",
  pool: undefined,
  generation: 1,
  epoch: 1n,
  version: 1n,
  deleted: false,
} as const;

/** A bot that is set up. */
export function makeBot(id: string, changes: Partial<BotSubject> = {}): BotSubject {
  const states = { runnerState: "idle", instanceState: "running" } as const;
  return { kind: "bot", uid: uidOf(id), id, ...common, ...states, ...changes };
}

/** A task that is executed, held until an hour after the instant of the tests. */
export function makeTask(id: string, changes: Partial<TaskSubject> = {}): TaskSubject {
  return {
    ...{ kind: "task", uid: uidOf(id), id, ...common },
    ...{ state: "running", botId: undefined, trust: "trusted", ref: "refs/heads/x" },
    ...{ defaultRef: "", delegatedUser: undefined, dependencies: [] },
    deadline: now.getTime() + hour,
    reportUntil: now.getTime() + 2 * hour,
    heldUntil: now.getTime() + hour,
    ...changes,
  };
}

/** Makes a credential of a subject of the id, or of the one that is among the changes. */
export function makeCredential(
  kind: CredentialKind,
  id: string,
  changes: Partial<CredentialRecord> = {},
): TestCredential {
  const digest = createHash("sha512").update(`${kind} ${id}`).digest("base64url");
  const credentialId = digest.slice(0, 16);
  const secret = digest.slice(16, 59);
  const record: CredentialRecord = {
    id: credentialId,
    kind,
    subject: kind === "task" ? makeTask(id) : makeBot(id),
    generation: 1,
    epoch: 1n,
    secretHash: createHash("sha256").update(secret).digest("hex"),
    lookupHash: undefined,
    audiences: [],
    permissions: [],
    notBefore: 0,
    expiresAt: now.getTime() + 24 * hour,
    revokedAt: undefined,
    usedAt: undefined,
    version: 1n,
    ...changes,
  };
  return {
    record,
    token: formatBearerToken({ kind: kindLetters[kind], id: credentialId, secret }),
  };
}

function uidOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Credentials without a database: what each text comes to, a test says. */
export interface FakeCredentials {
  readonly area: CredentialArea;
  /** What each text comes to; one that is missing is refused as unknown. */
  readonly verdicts: Map<string, Verdict | ((inquiry: Inquiry) => Verdict)>;
  /** Whether verdicts are at hand, are waited for, or asking for one is a fault. */
  mode: "now" | "later" | "never";
  /** The time of the database. */
  time: number;
  /** The areas that are closed. */
  readonly closed: Set<MethodArea>;
  readonly asked: Inquiry[];
  /** Hears on which snapshot something is judged. */
  onAsk: ((snapshot: Snapshot | undefined) => void) | undefined;
  /** Which credentials were used, and by whose call. */
  readonly used: {
    readonly id: string;
    readonly caller: string;
    readonly source: string;
    readonly requestId: string;
  }[];
  readonly denied: {
    readonly why: string;
    readonly id: string | undefined;
    readonly source: string;
    readonly caller: string;
  }[];
  /** Of which managers it was heard that they live. */
  readonly heard: ManagerContact[];
  /** Has a credential be good. */
  admit(credential: TestCredential, use?: "all" | "report"): string;
  /** Tells those who watch. */
  tell(news: FeedNews): void;
  /** How many watch. */
  readonly watchers: () => number;
  standing: "current" | "ended" | "unknown";
  /** What storage tells of changes since a cursor. */
  missed: StoredMissed;
  reset(): void;
}

/** Changes as storage tells them. */
export interface StoredMissed {
  readonly server: string;
  readonly xmin: bigint;
  readonly xmax: bigint;
  readonly now: number;
  readonly rows: readonly {
    readonly subject_uid: string;
    readonly credential_id: string | null;
    readonly realm: string;
    readonly version: bigint;
  }[];
}

const nothingMissed: StoredMissed = {
  ...{ server: "1", xmin: 2n ** 62n, xmax: 2n ** 63n, now: now.getTime(), rows: [] },
};

function missedOf({ rows, ...position }: StoredMissed): MissedEvents {
  const events = rows.map(({ subject_uid: subjectUid, credential_id, realm, version }) => ({
    ...{ subjectUid, credentialId: credential_id ?? undefined, realm, version },
  }));
  return { ...position, events };
}

/** Creates an area that knows nobody. */
export function createFakeCredentials(): FakeCredentials {
  const listeners = new Set<(news: FeedNews) => void>();
  const judge = (inquiry: Inquiry): Verdict => {
    fake.asked.push(inquiry);
    const found = fake.verdicts.get(inquiry.token);
    if (typeof found === "function") return found(inquiry);
    return found ?? { kind: "refused", why: "unknown", record: undefined };
  };
  const area: CredentialArea = {
    // The one read of storage that routes do themselves.
    commands: {
      storage: { quick: () => Promise.resolve(missedOf(fake.missed)) },
    } as unknown as CredentialArea["commands"],
    identifier: {
      identifyNow: (inquiry, snapshot) => {
        if (fake.mode === "now") fake.onAsk?.(snapshot);
        if (fake.mode === "never") throw new Error("nothing may be looked up");
        return fake.mode === "now" ? judge(inquiry) : undefined;
      },
      identifyAllNow: (inquiries, snapshot) => {
        const found = inquiries.map((inquiry) => area.identifier.identifyNow(inquiry, snapshot));
        return found.every((one) => one !== undefined) ? found : undefined;
      },
      identify: async (inquiry, snapshotNow) => {
        await new Promise((resolve) => setImmediate(resolve));
        fake.onAsk?.(snapshotNow());
        return judge(inquiry);
      },
      makeKnown: () => Promise.resolve(),
      standing: () => fake.standing,
      databaseNow: () => fake.time,
      watch: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      status: () => {
        throw new Error("nobody asks");
      },
      close: () => Promise.resolve(),
    },
    keyring: plainKeyring(["fake", "of the tests"]),
    bookkeeping: {
      presented: () => undefined,
      used: ({ record: { id } }, _at, { caller, source, requestId }) => {
        fake.used.push({ id, caller, source, requestId });
      },
      denied: ({ verdict, credentialId, source, caller }) => {
        const why = "why" in verdict ? verdict.why : verdict.kind;
        fake.denied.push({ why, id: credentialId, source, caller });
      },
      verified: (verdict, { source, caller }) => {
        if (verdict.kind === "good") return;
        const why = verdict.kind === "refused" ? verdict.why : verdict.kind;
        fake.denied.push({
          why,
          id: verdict.kind === "refused" ? verdict.grant?.task?.identity : undefined,
          source,
          caller,
        });
      },
      asserted: (verdict, { source, caller }) => {
        if (verdict.kind === "good") return;
        const why = verdict.kind === "refused" ? verdict.why : verdict.kind;
        const id = verdict.kind === "refused" ? verdict.assertion?.caller : undefined;
        fake.denied.push({ why, id, source, caller });
      },
      decisions: () => [],
      ages: () => [],
      heard: (contact) => fake.heard.push(contact),
      runners: createRunnerCounter(),
      flush: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    gates: {
      refuse: (area) => (fake.closed.has(area) ? closedMs : undefined),
      status: () => [],
      lostAnswerMs: () => 60_000,
      refresh: () => Promise.resolve(),
      start: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
  };
  const fake: FakeCredentials = {
    area,
    verdicts: new Map(),
    mode: "now",
    time: now.getTime(),
    closed: new Set(),
    asked: [],
    onAsk: undefined,
    used: [],
    denied: [],
    heard: [],
    standing: "current",
    missed: nothingMissed,
    admit: ({ record, token }, use = "all") => {
      fake.verdicts.set(token, { kind: "good", record, use });
      return token;
    },
    tell: (news) => {
      for (const listener of listeners) listener(news);
    },
    watchers: () => listeners.size,
    reset: () => {
      fake.verdicts.clear();
      fake.closed.clear();
      fake.asked.length = 0;
      fake.onAsk = undefined;
      fake.used.length = 0;
      fake.denied.length = 0;
      fake.heard.length = 0;
      fake.mode = "now";
      fake.standing = "current";
      fake.missed = nothingMissed;
      fake.time = now.getTime();
    },
  };
  return fake;
}
