import { closeSync, constants, openSync, readSync, fstatSync, type BigIntStats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { quote } from "../../domain/quote.ts";
import type { Credential } from "./credential.ts";
import { parseKeyFile, type KeyFileContent } from "./parse-key-file.ts";
import type { OnWarning } from "./warnings.ts";

const maxBytes = 65_536;
const checkIntervalMs = 1000;
// To open a pipe would else wait until somebody writes into it.
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK;

interface Reading {
  readonly content: KeyFileContent;
  readonly fingerprint: string;
}

/**
 * Takes the token from a file and follows its changes: they are looked for with a call, at most once a
 * second, and at once when the server refuses the token. A file that has gone or holds no token any more is
 * reported once, and the last good token stays in use. Throws when there is none at the start.
 */
export function fileCredential(
  path: string,
  onWarning: OnWarning,
  now: () => number = () => performance.now(),
): Credential {
  const first = readAtStart(path);
  let { token, fingerprint } = first;
  let checkedAt = now();
  let problem = "";
  let checking: Promise<void> | undefined;

  const report = (found: string): void => {
    if (found !== problem && found !== "") {
      onWarning(`key file ${quote(path)}: ${found}; the last good key stays in use`);
    }
    problem = found;
  };
  const look = async (always: boolean): Promise<void> => {
    try {
      if (!always && fingerprintOf(await stat(path, { bigint: true })) === fingerprint) return;
      const reading = await readNow(path);
      fingerprint = reading.fingerprint;
      if ("token" in reading.content) token = reading.content.token;
      report("problem" in reading.content ? reading.content.problem : "");
    } catch (error) {
      fingerprint = "";
      report(`it cannot be read (${codeOf(error)})`);
    }
  };
  const check = (always: boolean): Promise<void> => {
    checkedAt = now();
    checking ??= look(always).finally(() => {
      checking = undefined;
    });
    return checking;
  };
  return {
    current: () => (now() - checkedAt < checkIntervalMs ? token : check(false).then(() => token)),
    renew: async (refused) => {
      // A check under way may have looked before the change.
      await checking;
      if (token === refused) await check(true);
      return token;
    },
  };
}

function readAtStart(path: string): { readonly token: string; readonly fingerprint: string } {
  const wayOut =
    "make one with `fleetgate key create --out FILE`, and name it in `keyFile` of createFleetgate";
  let reading: Reading;
  try {
    reading = readFirst(path);
  } catch (error) {
    const why = codeOf(error);
    throw new Error(`key file ${quote(path)}: it cannot be read (${why}); ${wayOut}`, {
      cause: error,
    });
  }
  const { content, fingerprint } = reading;
  if ("problem" in content) {
    throw new Error(`key file ${quote(path)}: ${content.problem}; ${wayOut}`);
  }
  return { token: content.token, fingerprint };
}

function readFirst(path: string): Reading {
  const descriptor = openSync(path, openFlags);
  try {
    const stats = fstatSync(descriptor, { bigint: true });
    const buffer = Buffer.alloc(maxBytes + 1);
    // Anything but a file could keep us waiting.
    const length = stats.isFile() ? readSync(descriptor, buffer, 0, buffer.length, 0) : 0;
    return toReading(stats, buffer.subarray(0, length));
  } finally {
    closeSync(descriptor);
  }
}

async function readNow(path: string): Promise<Reading> {
  const handle = await open(path, openFlags);
  try {
    const stats = await handle.stat({ bigint: true });
    const buffer = Buffer.alloc(maxBytes + 1);
    const length = stats.isFile() ? (await handle.read(buffer, 0, buffer.length, 0)).bytesRead : 0;
    return toReading(stats, buffer.subarray(0, length));
  } finally {
    await handle.close();
  }
}

function toReading(stats: BigIntStats, bytes: Buffer): Reading {
  const fingerprint = fingerprintOf(stats);
  if (!stats.isFile()) return { content: { problem: "it is no regular file" }, fingerprint };
  if (bytes.length > maxBytes) {
    return { content: { problem: `it is larger than ${maxBytes} bytes` }, fingerprint };
  }
  return { content: parseKeyFile(bytes.toString("utf8")), fingerprint };
}

function fingerprintOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
