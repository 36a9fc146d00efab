import type { Pattern } from "../transport/messages.ts";

/** The protocols that are measured, both in binary over HTTP/2. */
export const wires = ["gRPC", "Connect"] as const;

/** One of them. */
export type Wire = (typeof wires)[number];

/** The ways of asking: one token a call, or a batch of them. */
export type Method = "identify" | "batch";

/** How many tokens a batch has. */
export const batchSize = 100;

/** A task's token, and whose it is. */
export interface TaskToken {
  readonly token: string;
  readonly credentialId: string;
  readonly taskId: string;
  readonly uid: string;
}

/** What a server is started with. */
export interface ServerStart {
  readonly url: string;
  readonly notify: boolean;
  /** The option `signing_keys`. */
  readonly signingKeys: string;
}

/** What a server process is asked; each is answered when it is done. */
export type ServerRequest = ({ readonly kind: "open" } & ServerStart) | { readonly kind: "cpu" };

/** What a process is asked that identifies without a network. */
export type EngineRequest =
  | { readonly kind: "open"; readonly url: string; readonly tokens: readonly TaskToken[] }
  | { readonly kind: "run"; readonly seconds: number };

/** What the load is asked: first to prepare, then for one run after the other. */
export type LoadRequest = { readonly prepare: readonly TaskToken[] } | { readonly run: LoadRun };

/** One run of the load. */
export interface LoadRun {
  readonly port: number;
  /** The credential of the service that asks. */
  readonly key: string;
  readonly wire: Wire;
  readonly method: Method;
  /** The tokens that are asked about: those from `from` up to `to`, again and again. */
  readonly from: number;
  readonly to: number;
  /** Whether each is asked about once at most. */
  readonly once: boolean;
  /** Whether answers must say who it is; else any message is right. */
  readonly identifies: boolean;
  readonly pattern: Pattern;
  readonly connections: number;
  readonly seconds: number;
}
