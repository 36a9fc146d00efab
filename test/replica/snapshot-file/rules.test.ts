import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { emptyConfiguration } from "../../../src/domain/model.ts";
import { confirmSnapshot } from "../../../src/replica/snapshot-file/confirm-snapshot.ts";
import { trailerBytes } from "../../../src/replica/snapshot-file/layout.ts";
import { openSnapshot } from "../../../src/replica/snapshot-file/open-snapshot.ts";
import { SnapshotFileError } from "../../../src/replica/snapshot-file/snapshot-file-error.ts";
import { writeSnapshot } from "../../../src/replica/snapshot-file/write-snapshot.ts";
import { makeFolder } from "./support/folders.ts";
import { describeState, release, stateOf } from "./support/states.ts";

const members = ["user:ann@example.com", "user:bob@example.com"];
const group = { description: "", owners: "administrators", members, globs: [], nested: [] };
const configuration = { ...emptyConfiguration, groups: [{ ...group, name: "g" }] };
const state = stateOf(new Map([["", configuration]]));
const later = stateOf(new Map([["", configuration]]), { revision: 8n });
const time = 1_800_000_000_000;
const hour = 3_600_000;

async function write(at = time): Promise<string> {
  const path = join(makeFolder(), "snapshot");
  await writeSnapshot(path, { state, release, confirmedAt: at });
  return path;
}

async function tryToRead(path: string, now = time, by = release): Promise<unknown> {
  const opened = await openSnapshot(path, { release: by, maxStalenessMs: hour, now: () => now });
  if (opened === undefined) return undefined;
  try {
    return { ...(await opened.read()), confirmedAt: opened.confirmedAt };
  } finally {
    await opened.close();
  }
}

async function assertRefused(path: string, words: RegExp, now?: number, by?: string) {
  await assert.rejects(tryToRead(path, now, by), (error: unknown) => {
    assert.ok(error instanceof SnapshotFileError, String(error));
    assert.match(error.message, words);
    return true;
  });
}

describe("a snapshot file", () => {
  it("is for its owner only, and leaves nothing beside it", async () => {
    const path = await write();
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(path, "..")), ["snapshot"]);
  });

  it("that does not exist is none", async () => {
    assert.equal(await tryToRead(join(makeFolder(), "none")), undefined);
  });

  it("may be as old as max_staleness, and no older", async () => {
    const path = await write();
    assert.deepEqual(await tryToRead(path, time + hour).then(Boolean), true);
    await assertRefused(path, /too old: 3601 s, and max_staleness is 3600 s/, time + hour + 1000);
  });

  it("may be a minute ahead, as if it were new, and no more", async () => {
    const path = await write();
    const kept = (await tryToRead(path, time - 60_000)) as { readonly ageMs: number };
    assert.equal(kept.ageMs, 0);
    await assertRefused(path, /from the future, by 61 s/, time - 61_000);
  });

  it("of another release is refused", async () => {
    await assertRefused(await write(), /release 1.2.3 wrote it, and this is 1.2.4/, time, "1.2.4");
  });

  it("of another format is refused", async () => {
    const path = await write();
    const text = readFileSync(path, "latin1").replace(
      "fleetgate snapshot 1",
      "fleetgate snapshot 2",
    );
    writeFileSync(path, text, "latin1");
    await assertRefused(path, /no snapshot file of a format that this release knows/);
  });

  for (const mode of [0o640, 0o604, 0o620, 0o601]) {
    it(`that others may touch (${mode.toString(8)}) is refused`, async () => {
      const path = await write();
      chmodSync(path, mode);
      await assertRefused(path, new RegExp(`its mode is 0${mode.toString(8)}, and must be 0600`));
      // It is written anew, as it should be.
      assert.equal(await confirmSnapshot(path, confirmation(time + 60_000)), false);
      await writeSnapshot(path, { state, release, confirmedAt: time });
      assert.ok(await tryToRead(path));
    });
  }

  it(
    "of another user is refused",
    { skip: process.geteuid?.() === 0 ? false : "only root gives files away" },
    async () => {
      const path = await write();
      chownSync(path, 12_345, 0);
      await assertRefused(path, /it belongs to user 12345, and this process runs as user 0/);
    },
  );

  it("behind a symbolic link is refused, and writing puts a file in the place of the link", async () => {
    const path = await write();
    const target = `${path}-elsewhere`;
    renameSync(path, target);
    symlinkSync(target, path);
    await assertRefused(path, /symbolic link/);
    const before = readFileSync(target);
    await writeSnapshot(path, { state: later, release, confirmedAt: time });
    assert.ok(lstatSync(path).isFile());
    assert.deepEqual(readFileSync(target), before);
  });

  it("that is a folder or a pipe is refused at once", async () => {
    const folder = makeFolder();
    mkdirSync(join(folder, "folder"), { mode: 0o700 });
    await assertRefused(join(folder, "folder"), /no plain file/);
    execFileSync("mkfifo", ["-m", "600", join(folder, "pipe")]);
    await assertRefused(join(folder, "pipe"), /no plain file/);
  });

  it("is written next to what a killed process left, which goes when it is old", async () => {
    const path = await write();
    const [old, recent, foreign] = ["00".repeat(8), "11".repeat(8), "mine"].map(
      (middle) => `${path}.${middle}.tmp`,
    ) as [string, string, string];
    for (const leftover of [old, recent, foreign]) writeFileSync(leftover, "half");
    const longAgo = new Date(Date.now() - 11 * 60_000);
    for (const leftover of [old, foreign]) utimesSync(leftover, longAgo, longAgo);
    await writeSnapshot(path, { state: later, release, confirmedAt: time });
    assert.deepEqual([old, recent, foreign].map(existsSync), [false, true, true]);
  });
});

function confirmation(confirmedAt: number, point = state, now = confirmedAt) {
  return { point, release, confirmedAt, now };
}

describe("confirming a snapshot file", () => {
  it("moves its time and nothing else, as often as it is done", async () => {
    const path = await write();
    const before = readFileSync(path);
    for (let step = 1; step <= 5; step += 1) {
      assert.equal(await confirmSnapshot(path, confirmation(time + step * 60_000)), true);
      const read = (await tryToRead(path, time + hour)) as { readonly confirmedAt: number };
      assert.equal(read.confirmedAt, time + step * 60_000);
    }
    const after = readFileSync(path);
    assert.equal(after.length, before.length);
    const body = before.length - trailerBytes;
    assert.deepEqual(after.subarray(0, body), before.subarray(0, body));
  });

  it("leaves a file alone that is of another state, release or time", async () => {
    const path = await write();
    const before = readFileSync(path);
    assert.equal(await confirmSnapshot(path, confirmation(time + hour, later)), false);
    const other = { ...confirmation(time + hour), release: "1.2.4" };
    assert.equal(await confirmSnapshot(path, other), false);
    // Another process of this machine was later.
    assert.equal(await confirmSnapshot(path, confirmation(time - hour, state, time)), true);
    // The clock was wrong, and is set right.
    assert.equal(await confirmSnapshot(path, confirmation(time - hour)), false);
    assert.deepEqual(readFileSync(path), before);
  });

  it("wants a file", async () => {
    assert.equal(await confirmSnapshot(join(makeFolder(), "none"), confirmation(time)), false);
  });

  it("that breaks off anywhere leaves the time before or the new one", async () => {
    const path = await write();
    await confirmSnapshot(path, confirmation(time + 60_000));
    const before = readFileSync(path);
    await confirmSnapshot(path, confirmation(time + 120_000));
    const after = readFileSync(path);
    const first = before.findIndex((byte, index) => byte !== after[index]);
    const seen = new Set<number>();
    for (let end = first; end <= after.length; end += 1) {
      writeFileSync(path, Buffer.concat([after.subarray(0, end), before.subarray(end)]));
      const read = (await tryToRead(path, time + hour)) as { readonly confirmedAt: number };
      seen.add(read.confirmedAt);
    }
    assert.deepEqual(seen, new Set([time + 60_000, time + 120_000]));
  });
});

describe("a damaged snapshot file", () => {
  const path = join(makeFolder(), "snapshot");
  const expected = describeState(state);

  async function whole(): Promise<Buffer> {
    await writeSnapshot(path, { state, release, confirmedAt: time });
    await confirmSnapshot(path, confirmation(time + 60_000));
    return readFileSync(path);
  }

  it("is refused for every changed byte; in a confirmation it may only get older", async () => {
    const bytes = await whole();
    const confirmations = bytes.length - trailerBytes + 72;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (position, flip) => {
          const damaged = Buffer.from(bytes);
          damaged[position] = (damaged[position] ?? 0) ^ flip;
          writeFileSync(path, damaged);
          if (position < confirmations) {
            await assertRefused(path, /damaged|no snapshot file|wrote it|future|old/);
            return;
          }
          const read = (await tryToRead(path, time + 60_000)) as {
            readonly state: typeof state;
            readonly confirmedAt: number;
          };
          assert.ok([time, time + 60_000].includes(read.confirmedAt));
          assert.deepEqual(describeState(read.state), expected);
        },
      ),
      { numRuns: 600 },
    );
  });

  it("is refused at every length but its own", async () => {
    const bytes = await whole();
    for (let length = 0; length < bytes.length; length += 1) {
      writeFileSync(path, bytes.subarray(0, length));
      await assertRefused(path, /./);
    }
    writeFileSync(path, Buffer.concat([bytes, bytes]));
    await assertRefused(path, /damaged/);
    writeFileSync(path, Buffer.concat([bytes, Buffer.from("\n")]));
    await assertRefused(path, /damaged/);
  });

  it("is refused when pieces of it are swapped, doubled or of another state", async () => {
    const bytes = await whole();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), fc.nat(bytes.length), async (left, right) => {
        const [start, end] = left < right ? [left, right] : [right, left];
        const doubled = Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
        if (doubled.equals(bytes)) return;
        writeFileSync(path, doubled);
        await assertRefused(path, /./);
      }),
      { numRuns: 200 },
    );
  });
});
