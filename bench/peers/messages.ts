import type { FleetSize } from "../../test/support/fleets/sizes.ts";

/** The ways of asking that are measured; all of them over HTTP/2. */
export type Wire = "gRPC" | "Connect" | "Connect JSON";

/** How an answer is looked at: what must be in it. */
export type AnswerKind =
  /** HTTP's status 200, whatever stands in the body. */
  | "fixed"
  /** The status of one check: permitted or denied. */
  | "status"
  /** A BatchCheckResponse, a BatchCheckPackedResponse. */
  | "batch"
  | "packed"
  /** A CheckResourcesResponse of Cerbos. */
  | "cerbos";

/** Requests that take turns, and what each of them must be answered. */
export interface RequestSet {
  readonly path: string;
  readonly wire: Wire;
  readonly answer: AnswerKind;
  readonly bodies: readonly Uint8Array[];
  /** For each request a byte for each of its checks: 1 permitted, 0 denied. */
  readonly expected: readonly Uint8Array[];
}

/** The names of the sets of requests that a world makes. */
export const setNames = [
  "permitted",
  "denied",
  "own",
  "connect",
  "json",
  "batch-50",
  "batch-1000",
  "packed-50",
  "packed-1000",
  "cerbos-derived",
  "cerbos-plain",
  "cerbos-derived-50",
  "cerbos-plain-50",
] as const;

/** One of them. */
export type SetName = (typeof setNames)[number];

/** A fleet that a database is filled with, and how many memberships of it. */
export interface WorldSpec {
  readonly seed: number;
  readonly fleet: FleetSize;
  readonly memberships: number;
}

/** What a process that makes a world is asked. */
export type WorldRequest =
  | ({ readonly kind: "build" } & WorldSpec)
  /** Questions and answers; the policies of Cerbos go into the folder. */
  | { readonly kind: "requests"; readonly cerbosFolder: string }
  | { readonly kind: "engine"; readonly seconds: number };

/** What a world is asked, and who asks. */
export interface WorldWork {
  readonly sets: Readonly<Partial<Record<SetName, RequestSet>>>;
  /** Who asks about itself. */
  readonly own: string;
  readonly notes: WorldNotes;
}

/** What a reader must know of a world. */
export interface WorldNotes {
  readonly memberships: number;
  readonly groups: number;
  readonly realms: number;
  readonly pools: number;
  /** Of the checks of a batch, of 50 and of 1,000. */
  readonly permittedShare50: number;
  readonly permittedShare1000: number;
  /** Realms that Cerbos has policies for, and groups that its client sends, the median. */
  readonly cerbosRealms: number;
  readonly groupsSent: number;
}

/** What checks in the process cost, in nanoseconds each: one round. */
export interface EngineRound {
  /** Few callers and pools, again and again. */
  readonly hotNs: number;
  /** Callers at random of all that were asked about before. */
  readonly randomNs: number;
  /** The first check about a caller: measured once, code that runs for the first time included. */
  readonly coldNs: number;
}

/** Where a server listens, by the name of the port, and what a peer needs to prove. */
export interface ServerReady {
  readonly ports: Readonly<Record<string, number>>;
  /** The process that answers; not always the one that was started. */
  readonly pid: number;
  readonly tokens: Readonly<Record<string, string>>;
}

/** How questions arrive. */
export type LoadMode =
  | { readonly kind: "one" }
  | { readonly kind: "saturated"; readonly connections: number; readonly streams: number }
  | { readonly kind: "paced"; readonly connections: number; readonly perSecond: number }
  /** The same as saturated, by h2load, with one request again and again. */
  | { readonly kind: "h2load"; readonly connections: number; readonly streams: number };

/** What the load is asked. */
export type LoadRequest =
  { readonly prepare: Readonly<Record<string, RequestSet>> } | { readonly run: LoadRun };

/** One run of the load. */
export interface LoadRun {
  readonly port: number;
  /** The key of a prepared set. */
  readonly set: string;
  readonly token: string | undefined;
  readonly answer: AnswerKind;
  readonly mode: LoadMode;
  readonly seconds: number;
}
