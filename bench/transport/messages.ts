/** The ways of asking that are compared: protocol, encoding and version of HTTP. */
export const protocols = ["gRPC", "Connect", "Connect JSON"] as const;

/** One of them. gRPC and Connect are binary over HTTP/2, Connect JSON goes over HTTP/1.1. */
export type Protocol = (typeof protocols)[number];

/** A question about one pool, asked on behalf of its caller. */
export interface PoolQuestion {
  readonly caller: string;
  readonly permission: string;
  readonly pool: string;
}

/** What a server of the bench says about itself when it is ready. */
export interface ServerReady {
  /** Where it takes each protocol, on 127.0.0.1. */
  readonly ports: Readonly<Record<Protocol, number>>;
  /** What a client needs to ask it; undefined: it takes any question. */
  readonly work: ServerWork | undefined;
}

/** A credential and questions to ask with it, by their answer. */
export interface ServerWork {
  readonly token: string;
  readonly permitted: readonly PoolQuestion[];
  readonly denied: readonly PoolQuestion[];
}

/** What a server is asked. */
export type ServerRequest = "ready" | "cpu";

/** What the load is asked: first to prepare, then for one run after the other. */
export type LoadRequest = { readonly prepare: ServerWork } | { readonly run: LoadRun };

/** How questions arrive. */
export type Pattern =
  /** As many in flight as given, each answer at once followed by the next question. */
  | { readonly kind: "closed"; readonly inFlight: number }
  /** At a fixed rate, whether or not the answers keep up. */
  | { readonly kind: "paced"; readonly perSecond: number };

/** One run of the load. */
export interface LoadRun {
  readonly port: number;
  readonly protocol: Protocol;
  readonly questions: "permitted" | "denied";
  /** Whether the server denies those questions. */
  readonly expectDenial: boolean;
  readonly pattern: Pattern;
  readonly seconds: number;
}

/** What a run came to. Every answer was the expected one. Times are NaN where nobody looked. */
export interface LoadResult {
  readonly calls: number;
  readonly seconds: number;
  /** Microseconds from the time a call was due to the end of its answer. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** Microseconds by which paced calls were sent after they were due, at the 99th percentile; else NaN. */
  readonly delay99: number;
  /** Processor time of the load itself, in seconds. */
  readonly loadCpuSeconds: number;
}
