import { createWriteStream, renameSync } from "node:fs";
import { rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Refusal } from "./refusal.ts";

const maxJsonBytes = 64 * 1024;

/** Reads a small JSON object. */
export async function readJson(
  request: IncomingMessage,
): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxJsonBytes) throw new Refusal(413, "too large");
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new Refusal(400, "the body must be a JSON object");
}

/** Stores a body in a file, whole or not at all, and only if it still may then. More than `maxBytes` is refused on the way. */
export async function storeBody(
  request: IncomingMessage,
  file: string,
  maxBytes: number,
  mayKeep: () => boolean,
): Promise<void> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) {
    throw new Refusal(413, "too large");
  }
  let length = 0;
  const count = new Transform({
    transform: (chunk: Buffer, _encoding, next) => {
      length += chunk.length;
      if (length > maxBytes) next(new Refusal(413, "too large"));
      else next(null, chunk);
    },
  });
  const part = `${file}.${randomUUID()}.part`;
  try {
    await pipeline(request, count, createWriteStream(part, { flags: "wx", mode: 0o600 }));
    // In one step with the question: what was committed while it came in must not change any more.
    if (!mayKeep()) throw new Refusal(409, "it is committed");
    renameSync(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** A text of 1 to 512 characters. */
export function requireText(name: string, value: unknown): string {
  if (typeof value === "string" && value.length >= 1 && value.length <= 512) return value;
  throw new Refusal(400, `${name} must be a text of 1 to 512 characters`);
}
