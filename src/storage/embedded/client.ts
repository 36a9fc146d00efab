import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { ConnectionError } from "../connection-error.ts";
import type {
  StatementResult,
  WorkerFault,
  WorkerInput,
  WorkerReply,
  WorkerRequest,
} from "./protocol.ts";

/** An error of the embedded database, with the fields that pg's errors have. */
export class EmbeddedDatabaseError extends Error {
  override readonly name = "EmbeddedDatabaseError";
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly constraint: string | undefined;

  constructor({ message, code, detail, constraint }: WorkerFault) {
    super(message);
    this.code = code;
    this.detail = detail;
    this.constraint = constraint;
  }
}

type RequestBody =
  | Omit<Extract<WorkerRequest, { kind: "query" }>, "id">
  | Omit<Extract<WorkerRequest, { kind: "exec" }>, "id">
  | Omit<Extract<WorkerRequest, { kind: "close" }>, "id">;

/** The thread of the embedded database, seen from outside. */
export interface WorkerClient {
  /** Performs one request. Requests are performed in their order. */
  readonly send: (request: RequestBody) => Promise<readonly StatementResult[]>;
  /** Closes the database and ends the thread; idempotent. */
  readonly close: () => Promise<void>;
  readonly isClosed: () => boolean;
}

interface Waiting {
  readonly resolve: (results: readonly StatementResult[]) => void;
  readonly reject: (error: Error) => void;
}

/** How long closing may take before the thread is stopped; the database survives that like a crash. */
const closeTimeoutMs = 10_000;

/** Starts the thread and waits until its database is open. Throws a ConnectionError if that fails. */
export async function startWorker(input: WorkerInput): Promise<WorkerClient> {
  // Types are stripped from the source; the build has JavaScript beside this file.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), {
    workerData: input,
  });
  const waiting = new Map<number, Waiting>();
  let ended: ConnectionError | undefined;
  let lastId = 0;

  await new Promise<void>((resolve, reject) => {
    const end = (error: ConnectionError): void => {
      ended ??= error;
      reject(ended);
      for (const request of waiting.values()) request.reject(ended);
      waiting.clear();
    };
    worker.on("error", (thrown: unknown) => {
      // The embedded database throws things that are no errors, too.
      const cause = thrown instanceof Error ? thrown : new Error(inspect(thrown));
      end(new ConnectionError("embedded database failed", { cause }));
    });
    worker.on("exit", () => end(new ConnectionError("embedded database has ended")));
    worker.on("message", (message: WorkerReply) => {
      if (message.kind === "ready") return resolve();
      const request = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.kind === "result") request?.resolve(message.results);
      else request?.reject(new EmbeddedDatabaseError(message.fault));
    });
  });

  const send = async (request: RequestBody): Promise<readonly StatementResult[]> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage({ id: lastId, ...request } satisfies WorkerRequest);
    });

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const timer = setTimeout(() => void worker.terminate(), closeTimeoutMs);
    try {
      await send({ kind: "close" });
    } catch {
      // It has ended, or does so now.
    }
    await worker.terminate();
    clearTimeout(timer);
  };
  return {
    send,
    close: () => (closed ??= close()),
    isClosed: () => closed !== undefined || ended !== undefined,
  };
}
