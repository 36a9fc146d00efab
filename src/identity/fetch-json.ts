import { Buffer } from "node:buffer";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";

/** The largest document that is read, in bytes. */
export const maxDocumentBytes = 256 * 1024;

const jsonType = /^application\/([a-z0-9.-]+\+)?json\s*(;|$)/i;

/**
 * Reads a JSON document by GET, on a connection of its own. Only an answer 200 with JSON of at most
 * `maxDocumentBytes` counts; a redirect is not followed. Fails with an Error that says what is wrong and holds
 * nothing of the document.
 */
export async function fetchJson(url: URL, signal: AbortSignal): Promise<unknown> {
  const response = await get(url, signal);
  try {
    return parseJson(await readAnswer(response));
  } finally {
    response.destroy();
  }
}

function get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === "https:" ? https : http;
    const headers = { accept: "application/json", "user-agent": "fleetgate" };
    request(url, { agent: false, signal, headers }, resolve)
      .on("error", reject)
      // A host that switches to another protocol ends the request without an error.
      .on("close", () => reject(new Error("there was no answer")))
      .end();
  });
}

async function readAnswer(response: IncomingMessage): Promise<Buffer> {
  const { statusCode = 0, headers } = response;
  if (statusCode >= 300 && statusCode < 400) throw new Error("the answer is a redirect");
  if (statusCode !== 200) throw new Error(`the answer has status ${statusCode}`);
  if (!jsonType.test(headers["content-type"] ?? "")) throw new Error("the answer is not JSON");
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    throw new Error("the answer is compressed, which was not asked for");
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxDocumentBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What is wrong with a document of more than `maxDocumentBytes`. */
export function tooLarge(): Error {
  return new Error(`the document is larger than ${maxDocumentBytes} bytes`);
}

/** Reads JSON. The error of a malformed text does not repeat it. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Error("the document is not JSON");
  }
}
