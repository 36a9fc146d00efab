import assert from "node:assert/strict";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DomainError } from "../../../src/domain/errors.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { openSnapshot } from "../../../src/replica/snapshot-file/open-snapshot.ts";
import { SnapshotFileError } from "../../../src/replica/snapshot-file/snapshot-file-error.ts";
import {
  startReplica,
  type StartedReplica,
} from "../../../src/replica/snapshot-file/start-replica.ts";
import { ForeignHistoryError } from "../../../src/replica/replica.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { writeChange } from "../../../src/storage/write-change.ts";
import { eventually } from "../../e2e/support/eventually.ts";
import { useDatabase } from "../../support/database.ts";
import { makeFolder } from "./support/folders.ts";
import { release } from "./support/states.ts";

const open = useDatabase();
const author = "user:root@example.com" as Identity;
const silence = new DomainError("STORAGE_UNAVAILABLE", "the database does not answer");

async function addGroup(storage: Storage, name: string): Promise<void> {
  const after = { name, description: "", owners: "administrators" };
  await writeChange(storage, { author, reason: "", requestId: "", requestHash: "" }, () =>
    Promise.resolve({
      source: undefined,
      changes: [{ kind: "group", key: name, before: undefined, after }],
    }),
  );
}

/** A storage of which every part fails from the moment at which it is cut. */
function cuttable(storage: Storage, isCut: (part: string) => boolean): Storage {
  return new Proxy(storage, {
    get: (target, name) => {
      if (isCut(String(name))) throw silence;
      return Reflect.get(target, name) as unknown;
    },
  });
}

async function start(storage: Storage, path: string, more: { readonly silent?: boolean } = {}) {
  const seen: string[] = [];
  const started: StartedReplica = await startReplica({
    storage,
    options: { maxStalenessMs: 3_600_000, pollIntervalMs: 3_600_000, now: () => performance.now() },
    events: {
      onState: ({ revision }) => seen.push(`loaded ${revision}`),
      onFailure: (error) =>
        seen.push(error instanceof ForeignHistoryError ? "foreign" : "no answer"),
    },
    silence: more.silent === true ? silence : undefined,
    file: {
      path,
      release,
      wallClock: Date.now,
      events: {
        onUsed: ({ state }) => seen.push(`file ${state.revision}`),
        onRefused: (error) =>
          seen.push(
            error instanceof SnapshotFileError ? `refused: ${error.message}` : String(error),
          ),
        onWriteFailure: (error) => seen.push(String(error)),
        onWriteRecovery: () => seen.push("written again"),
      },
    },
  });
  const stop = async (): Promise<void> => {
    await started.keeper?.close();
    await started.replica.close();
  };
  return { ...started, seen, stop };
}

/** A storage at revision 1, and the path of a file that holds it. */
async function prepare(): Promise<{ readonly storage: Storage; readonly path: string }> {
  const storage = await open();
  const path = join(makeFolder(), "snapshot");
  await addGroup(storage, "g");
  const { stop, seen } = await start(storage, path);
  await stop();
  assert.deepEqual(seen, ["loaded 1"]);
  assert.ok(existsSync(path));
  return { storage, path };
}

const confirmedAt = async (path: string): Promise<number> => {
  const opened = await openSnapshot(path, { release, maxStalenessMs: 1e9, now: Date.now });
  await opened?.close();
  return opened?.confirmedAt ?? 0;
};

describe("starting a replica with a snapshot file", () => {
  it("loads from storage while that answers, whatever the file holds", async () => {
    const { storage, path } = await prepare();
    await addGroup(storage, "h");
    const { replica, seen, stop } = await start(storage, path);
    assert.deepEqual(seen, ["loaded 2"]);
    assert.equal(replica.current()?.snapshot.groups.groupCount, 2);
    await stop();
  });

  it("begins with the file while storage is silent, with its age, and follows when it answers", async () => {
    const { storage, path } = await prepare();
    const at = await confirmedAt(path);
    let cut = true;
    const { replica, seen, stop } = await start(
      cuttable(storage, () => cut),
      path,
      { silent: true },
    );
    assert.ok(replica.current()?.snapshot.groups.entry("g"));
    const ageMs = replica.ageMs() ?? 0;
    assert.ok(Math.abs(Date.now() - ageMs - at) < 5000, `${ageMs}`);
    await eventually("it has asked", () => seen.includes("no answer"));
    cut = false;
    await addGroup(storage, "h");
    await replica.refresh();
    assert.ok(replica.current()?.snapshot.groups.entry("h"));
    await stop();
    assert.deepEqual(seen, ["file 1", "no answer", "loaded 2"]);
    assert.ok((await confirmedAt(path)) > at);
  });

  it("fails as without a file when storage is silent and the file may not be used", async () => {
    const { storage, path } = await prepare();
    writeFileSync(path, "fleetgate snapshot 1\n");
    await assert.rejects(start(storage, path, { silent: true }), silence);
    await assert.rejects(start(storage, `${path}-none`, { silent: true }), silence);
    const { seen, stop } = await start(storage, path);
    await stop();
    assert.match(seen[0] ?? "", /^refused: it is damaged/);
    assert.equal(seen[1], "loaded 1");
    assert.ok(statSync(path).size > 100, "it was written anew");
  });

  it("takes the file when storage falls silent in the middle of the load", async () => {
    const { storage, path } = await prepare();
    // Short reads go through; the load wants the pool.
    const { replica, seen, stop } = await start(
      cuttable(storage, (part) => part === "db"),
      path,
    );
    assert.ok(replica.current()?.snapshot.groups.entry("g"));
    assert.equal(seen[0], "no answer");
    assert.ok(seen.includes("file 1"));
    await stop();
  });

  it("refuses another database, and one that does not continue the history of the file", async () => {
    const { path } = await prepare();
    const other = await open();
    await addGroup(other, "o");
    const { replica, seen, stop } = await start(other, path);
    await eventually("it was refused", () => seen.includes("foreign"));
    assert.deepEqual(seen, ["file 1", "foreign"]);
    assert.ok(replica.current()?.snapshot.groups.entry("g"));
    await stop();
  });

  it("follows a history that was accepted since the file was written", async () => {
    const { storage, path } = await prepare();
    await storage.exec(`
      update change set hash = decode(repeat('11', 32), 'hex');
      update database set chain_hash = decode(repeat('11', 32), 'hex');
    `);
    const refused = await start(storage, path);
    await eventually("it was refused", () => refused.seen.includes("foreign"));
    await refused.stop();
    await storage.exec(
      "insert into accepted_restore values (gen_random_uuid(), now(), 'accept-restore', 'why')",
    );
    const { seen, stop } = await start(storage, path);
    assert.deepEqual(seen, ["loaded 1"]);
    await stop();
  });
});
