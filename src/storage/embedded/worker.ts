import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { PGlite, types, type Results } from "@electric-sql/pglite";
import type {
  StatementResult,
  WorkerFault,
  WorkerInput,
  WorkerReply,
  WorkerRequest,
} from "./protocol.ts";

// The thread of the embedded database, which blocks its thread while it works. Started by client.ts.

if (parentPort === null) throw new Error("worker.ts runs in a worker thread only");
await serve(parentPort, workerData as WorkerInput);

async function serve(port: MessagePort, { dataDirectory }: WorkerInput): Promise<void> {
  const database = await PGlite.create(dataDirectory, { parsers: { [types.INT8]: BigInt } });
  port.on("message", (request: WorkerRequest) => void answer(port, database, request));
  reply(port, { kind: "ready" });
}

async function answer(port: MessagePort, database: PGlite, request: WorkerRequest): Promise<void> {
  const { id } = request;
  try {
    reply(port, { id, kind: "result", results: await perform(database, request) });
  } catch (error) {
    reply(port, { id, kind: "fault", fault: toFault(error) });
  }
  if (request.kind === "close") port.close();
}

async function perform(
  database: PGlite,
  request: WorkerRequest,
): Promise<readonly StatementResult[]> {
  switch (request.kind) {
    case "query":
      return [toResult(await database.query(request.sql, [...request.parameters]))];
    case "exec":
      return (await database.exec(request.sql)).map(toResult);
    case "close":
      await database.close();
  }
  return [];
}

function toResult(result: Results): StatementResult {
  const { rows, fields, affectedRows } = result as Results<Record<string, unknown>>;
  return { rows, fields, ...(affectedRows === undefined ? {} : { affectedRows }) };
}

function toFault(error: unknown): WorkerFault {
  if (!(error instanceof Error)) {
    return { message: String(error), code: undefined, detail: undefined, constraint: undefined };
  }
  const fields = error as Error & Partial<Record<"code" | "detail" | "constraint", string>>;
  const { message, code, detail, constraint } = fields;
  return { message, code, detail, constraint };
}

function reply(port: MessagePort, message: WorkerReply): void {
  port.postMessage(message);
}
