import type { Buffer } from "node:buffer";

/** Sends calls, and hears of their answers. */
export interface Client {
  /** Sends one; `done` is called once, with the status of the answer or with what went wrong. */
  call(body: Buffer, done: (status: string) => void): void;
  close(): Promise<void>;
}

/** Where a client calls, and how. */
export interface ClientOptions {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
}
