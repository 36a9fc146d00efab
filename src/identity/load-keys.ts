import { Buffer } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { isLoopback } from "../domain/loopback.ts";
import { fetchJson, maxDocumentBytes, parseJson, tooLarge } from "./fetch-json.ts";
import type { KeyOrigin } from "./jwt-issuer.ts";
import { parseKeySet, type KeySet } from "./key-set.ts";

/**
 * Whether a document may be fetched from an address: over https, or over http on this machine; without a user
 * and a fragment.
 */
export function isFetchable(url: URL): boolean {
  if (url.username !== "" || url.password !== "" || url.hash !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

/** Loads the keys of an issuer once. Fails with an Error that says what is wrong. */
export async function loadKeys(
  issuer: string,
  origin: KeyOrigin,
  signal: AbortSignal,
): Promise<KeySet> {
  if (origin.kind === "file") return readKeyFile(origin.path);
  const url = origin.kind === "url" ? new URL(origin.url) : await discover(issuer, signal);
  return parseKeySet(await fetchJson(url, signal));
}

// OpenID Connect Discovery 1.0, sections 4 and 4.3.
async function discover(issuer: string, signal: AbortSignal): Promise<URL> {
  const address = new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const found = (await fetchJson(address, signal)) as Readonly<Record<string, unknown>> | null;
  if (found?.["issuer"] !== issuer)
    throw new Error("the OpenID configuration is of another issuer");
  const uri = found["jwks_uri"];
  const url = typeof uri === "string" ? URL.parse(uri) : null;
  if (url === null) throw new Error("the OpenID configuration has no jwks_uri");
  // Whoever can write there must not choose which hosts this server talks to, or whose keys count.
  if (url.origin !== address.origin || !isFetchable(url)) {
    throw new Error("the jwks_uri is on another host than the issuer; set jwks_url to trust it");
  }
  return url;
}

/**
 * Reads a key set in a file: at once, since it is small and of this machine. Throws an Error that says what is
 * wrong.
 */
export function readKeyFile(path: string): KeySet {
  const file = openFile(path);
  try {
    if (!fstatSync(file).isFile()) throw new Error("it is not a regular file");
    const buffer = Buffer.alloc(maxDocumentBytes + 1);
    let size = 0;
    for (;;) {
      const bytesRead = readSync(file, buffer, size, buffer.length - size, null);
      size += bytesRead;
      if (size > maxDocumentBytes) throw tooLarge();
      if (bytesRead === 0) return parseKeySet(parseJson(buffer.subarray(0, size)));
    }
  } finally {
    closeSync(file);
  }
}

function openFile(path: string): number {
  let code: string;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    code = cause instanceof Error && "code" in cause ? String(cause.code) : "no code";
  }
  // The path is not told: it may be something else, given in the wrong place.
  throw new Error(`the system says ${code}`);
}
