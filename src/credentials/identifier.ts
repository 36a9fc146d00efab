import type { CredentialKind } from "../domain/credential/kinds.ts";
import type { Identity } from "../domain/identity.ts";
import type { Snapshot } from "../engine/snapshot.ts";
import type { LagCounts } from "./lag-counts.ts";
import type { RevocationCursor } from "./revocation-cursor.ts";
import type { Verdict } from "./verdict.ts";

/** What is asked about a token that was shown. */
export interface Inquiry {
  /** The text, without a scheme. */
  readonly token: string;
  /** The kinds that are accepted here; another is refused before any look-up. */
  readonly accepts: ReadonlySet<CredentialKind>;
  /** To which service it was shown; `fleetgate`: to this server. */
  readonly audience: string;
  /**
   * A permission that it must have; undefined: none in particular. With that to report, the token of a task is good until the end of the
   * time for reports; without it, no longer than the task.
   */
  readonly wantPermission?: string | undefined;
  /** Whom the request is about; undefined: not said. */
  readonly targetSubject?: Identity | undefined;
  /**
   * Whether a token that works once is accepted although it was used, or one that was just rotated after its grace: for who judges that
   * by itself, under a lock.
   */
  readonly usedToo?: boolean | undefined;
  /** How long ago it may have been rotated for that; undefined: as long as usual. */
  readonly lostAnswerMs?: number | undefined;
  /** `strict`: everything committed before the question counts; that the snapshot is as fresh is the asker's care. */
  readonly freshness: "bounded" | "strict";
  /** Who or where it came from: unknown ones are counted by it. */
  readonly source: string;
}

/** Something happened to a subject that replicas must hear of. */
export interface SubjectChange {
  readonly subjectUid: string;
  /** The credential that changed; undefined: the subject. */
  readonly credentialId: string | undefined;
  readonly realm: string;
  readonly version: bigint;
  readonly shrinks: boolean;
}

/** What was just learnt of changes. */
export interface FeedNews {
  /** In no order, maybe told before. */
  readonly changes: readonly SubjectChange[];
  /** All that was committed before this has been told, from where on any replica goes on. */
  readonly cursor: RevocationCursor;
  /** Whether something was maybe never told: the log could not be read for a while, or another server tells it. */
  readonly hasGap: boolean;
}

/** How an identifier fares, for the metrics: counts since the start. */
export interface IdentifierStatus {
  /** Verdicts from memory. */
  readonly hits: number;
  /** Verdicts for which the database was read because nothing was in memory. */
  readonly misses: number;
  /** The same because what was in memory was too old. */
  readonly stale: number;
  /** The time (databaseNow) before which everything has been told by the log of changes; undefined: it was never followed. */
  readonly completeAt: number | undefined;
  /** From the commit of each change that shrinks what somebody may do (credential_event.at) until it was applied here, each once. */
  readonly lag: LagCounts;
}

/** Tells who shows a token: from memory where that is fresh enough, else from the database. */
export interface Identifier {
  /** The verdict from memory alone; undefined: the database has to be asked. */
  identifyNow(inquiry: Inquiry, snapshot: Snapshot): Verdict | undefined;
  /** The verdicts in the order of the questions, all from memory alone; undefined: not all are there, and then nothing was counted. */
  identifyAllNow(inquiries: readonly Inquiry[], snapshot: Snapshot): readonly Verdict[] | undefined;
  /** The verdict. Never rejects. */
  identify(inquiry: Inquiry, snapshot: () => Snapshot | undefined): Promise<Verdict>;
  /** Makes what was just committed about subjects known here before it resolves. Never rejects. */
  makeKnown(subjectUids: readonly string[]): Promise<void>;
  /**
   * Whether something that was signed about a subject at this version may still be used: `ended`: somebody may do less since;
   * `unknown`: nobody can tell, because the log was not followed for too long.
   */
  standing(subjectUid: string, version: bigint): "current" | "ended" | "unknown";
  /** The time of the database's clock, in milliseconds since 1970, carried on by a clock that does not jump. */
  databaseNow(): number;
  /** Hears of changes as they are learnt, and each second that there are none. Returns what ends it. */
  watch(listener: (news: FeedNews) => void): () => void;
  /** How it fares. */
  status(): IdentifierStatus;
  close(): Promise<void>;
}
