import { randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { openBookkeeping } from "../../src/credentials/open-bookkeeping.ts";
import type { Inquiry } from "../../src/credentials/identifier.ts";
import type { Keyring } from "../../src/credentials/keyring.ts";
import { openCredentials } from "../../src/credentials/open-credentials.ts";
import type { Snapshot } from "../../src/engine/snapshot.ts";
import { createReplica } from "../../src/replica/replica.ts";
import { openStorage } from "../../src/storage/database.ts";
import { serveParent } from "../children.ts";
import { threadMillis } from "../live/stall-probe.ts";
import type { InProcessRun } from "./measure-in-process.ts";
import type { EngineRequest, TaskToken } from "./messages.ts";
import { audience } from "./world.ts";

// The process that identifies without a network.

const closers: (() => Promise<void>)[] = [];
let inquiries: readonly Inquiry[] = [];
let identifyOnce: ((inquiry: Inquiry) => boolean) | undefined;

serveParent(
  (message) => {
    const request = message as EngineRequest;
    return request.kind === "open" ? open(request.url, request.tokens) : run(request.seconds);
  },
  async () => {
    for (const close of closers.reverse()) await close();
  },
);

const noKeys: Keyring = {
  ...{ activeKey: () => undefined, sign: () => undefined },
  ...{ verify: () => "unknown", lookupHashes: () => ({ hashes: [], isComplete: true }) },
};

/** Opens everything, and has each token read once. */
async function open(url: string, tokens: readonly TaskToken[]): Promise<void> {
  const storage = await openStorage({ kind: "postgres", url });
  closers.push(() => storage.close());
  const replica = createReplica(storage, {
    ...{ maxStalenessMs: 600_000, pollIntervalMs: 600_000, now: () => performance.now() },
  });
  closers.push(() => replica.close());
  await replica.refresh();
  const bookkeeping = openBookkeeping(storage, { everyMs: 0 });
  const area = await openCredentials(
    { storage, replica, randomBytes },
    { keyring: noKeys, bookkeeping, outageGraceMs: 300_000, notify: false },
  );
  closers.push(() => area.close());
  const snapshot = (): Snapshot | undefined => replica.current()?.snapshot;
  inquiries = tokens.map(({ token }) => ({
    ...{ token, accepts: new Set(["task"] as const), audience },
    ...{ freshness: "bounded", source: "127.0.0.1" },
  }));
  // As many at once as one look-up takes.
  for (let from = 0; from < inquiries.length; from += readAtOnce) {
    const some = inquiries.slice(from, from + readAtOnce);
    await Promise.all(
      some.map(async (inquiry) => {
        const verdict = await area.identifier.identify(inquiry, snapshot);
        if (verdict.kind !== "good") throw new Error(`a token is ${verdict.kind}`);
      }),
    );
  }
  identifyOnce = (inquiry) => {
    const now = snapshot();
    return now !== undefined && area.identifier.identifyNow(inquiry, now)?.kind === "good";
  };
}

const readAtOnce = 100;
const callsATurn = 5_000;

/** Identifies for so long, in turns with those who follow the log of changes. */
async function run(seconds: number): Promise<InProcessRun> {
  const identify = identifyOnce;
  if (identify === undefined) throw new Error("nothing is open");
  const end = performance.now() + seconds * 1000;
  let calls = 0;
  let millis = 0;
  while (performance.now() < end) {
    const before = threadMillis();
    for (let index = 0; index < callsATurn; index += 1) {
      const inquiry = inquiries[(calls + index) % inquiries.length];
      if (inquiry === undefined || !identify(inquiry)) {
        throw new Error("a token that was just read is not known any more");
      }
    }
    millis += threadMillis() - before;
    calls += callsATurn;
    await setImmediate();
  }
  return { ns: (millis * 1e6) / calls, calls };
}
