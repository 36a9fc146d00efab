import type { Place } from "./connect.ts";

/** All that a worker is started with. It comes on standard input: every process of a machine can read command lines. */
export interface Order extends Place {
  readonly jobId: string;
  /** The token of the claim: good for this job, once. */
  readonly secret: string;
}

/** What the claim holds for the worker, beside its token: where to send its log, and how much there is to do. No secret. */
export interface Payload {
  readonly logs: string;
  /** 0: until it is told to stop. */
  readonly steps: number;
}
