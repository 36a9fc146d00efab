import type { FleetSize } from "../../test/support/fleets/sizes.ts";
import type { Stalls } from "./stall-probe.ts";

/** What the process that fills the database is asked; each is answered when it is done. */
export type WriterRequest =
  | {
      readonly kind: "open";
      readonly url: string;
      readonly seed: number;
      readonly fleet: FleetSize;
    }
  | { readonly kind: "fill"; readonly memberships: number }
  /** Adds one member to a group: a new one, or the given. */
  | { readonly kind: "commit"; readonly group: string; readonly member?: string };

/** What clients need to know of a database that was opened. */
export interface Filled {
  /** A key of an administrator. */
  readonly token: string;
  readonly groups: number;
  /** Some groups that people may be added to. */
  readonly teams: readonly string[];
}

/** What a process that loads and follows is asked. */
export type FollowerRequest =
  | { readonly kind: "load"; readonly url: string }
  | { readonly kind: "advance"; readonly groups: readonly string[]; readonly count: number }
  | { readonly kind: "follow" }
  /** Nothing can be asked afterwards. */
  | { readonly kind: "parts" };

/** What a full load cost. */
export interface LoadFigures {
  readonly ms: number;
  /** Processor time of the main thread. */
  readonly cpuMs: number;
  readonly stalls: Stalls;
  /** What is in use after a collection, beyond that of the process before it loaded. */
  readonly bytes: number;
  /** Resident memory, before and after. */
  readonly rssBefore: number;
  readonly rssAfter: number;
}

/** What the parts of a state keep in use, in bytes. */
export interface MemoryParts {
  readonly groups: number;
  /** Realms, pools and bots as checks have them. */
  readonly compiled: number;
  /** Configurations of sources, and what they come to when roles and inheritance are written out. */
  readonly configured: number;
}

/** What changes of one member each cost the replica. */
export interface ChangeCosts {
  /** Microseconds by the clock, each time. */
  readonly wallUs: readonly number[];
  /** Processor time of the main thread in microseconds, the mean: the system counts it too coarsely for a single change. */
  readonly cpuUs: number;
}

/** What one change cost. */
export interface ChangeCost {
  readonly wallUs: number;
  readonly cpuUs: number;
}

/** What a whole server in a process of its own is asked. */
export type ReplicaRequest =
  | { readonly kind: "open"; readonly url: string; readonly notify: boolean }
  | { readonly kind: "revision" }
  | { readonly kind: "watch" }
  | { readonly kind: "stalls" }
  | { readonly kind: "snapshot"; readonly path: string };
