import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { credential } from "../../src/client/node/index.ts";
import type { Entries } from "../../examples/cache-server/entries.ts";
import { makeFolder } from "../e2e/support/cleanup.ts";
import { importPackageFromSource } from "../support/package-source.ts";

const place = { realm: "app:ci", trust: credential.Trust.TRUSTED, ref: "", taskId: "" };
const hour = 60 * 60_000;

describe("the entries of the cache server", () => {
  let openEntries: (folder: string, clock: () => number) => Entries;
  let urlMs: number;
  before(async () => {
    importPackageFromSource();
    ({ openEntries } = await import("../../examples/cache-server/entries.ts"));
    const { urlSeconds } = await import("../../examples/cache-server/urls.ts");
    urlMs = urlSeconds * 1000;
  });

  function open() {
    const folder = makeFolder();
    const clock = { now: 1_000_000 };
    const reopen = () => openEntries(folder, () => clock.now);
    let entries = reopen();
    return {
      clock,
      restart: () => {
        entries = reopen();
      },
      get: (id: string) => entries.get(id),
      find: (key: string) => entries.find([key], "1", [place])?.id,
      file: (id: string) => entries.archive(id),
      reserve: (key: string) => {
        const task = { taskId: "t", taskUid: "u" };
        return entries.reserve({ ...place, ...task, key, version: "1" }) ?? assert.fail();
      },
      commit(id: string): void {
        writeFileSync(entries.archive(id), id);
        entries.commit(entries.get(id) ?? assert.fail(), id.length);
      },
      save(key: string): string {
        const { id } = this.reserve(key);
        this.commit(id);
        return id;
      },
    };
  }

  it("A41: what was replaced is found no more, and kept for as long as a URL to it can be good, over a restart too", () => {
    const world = open();
    const old = world.save("k");
    world.clock.now += hour;
    const young = world.save("k");
    // A URL to it was given out just before.
    world.clock.now += urlMs;
    for (const restart of [false, true]) {
      if (restart) world.restart();
      world.save(`other ${restart}`);
      assert.equal(world.find("k"), young);
      assert.ok(world.get(old)?.size !== undefined && existsSync(world.file(old)));
    }
    world.clock.now += hour;
    world.reserve("any");
    assert.equal(world.get(old), undefined);
    assert.equal(existsSync(world.file(old)), false);
    assert.equal(world.find("k"), young, "what was not replaced stays");
  });

  it("A41: being replaced again makes it last no longer", () => {
    const world = open();
    const old = world.save("k");
    world.save("k");
    const { keptUntil } = world.get(old) ?? assert.fail();
    world.clock.now += urlMs / 2;
    world.save("k");
    assert.equal(world.get(old)?.keptUntil, keptUntil);
  });

  it("finds the newest of those that begin with a key, over a restart too", () => {
    const world = open();
    const saved = Array.from({ length: 8 }, (_, at) => {
      world.clock.now += 1;
      return world.save(`k${at}`);
    });
    world.restart();
    assert.equal(world.find("k"), saved.at(-1));
  });

  it("keeps a reservation for an hour after it was asked for last, and one that is committed at its end", () => {
    const world = open();
    const { id } = world.reserve("k");
    world.clock.now += hour;
    assert.equal(world.reserve("k").id, id);
    world.clock.now += hour + 1;
    world.commit(id);
    assert.equal(world.find("k"), id);
    assert.ok(existsSync(world.file(id)));
    const left = world.reserve("left").id;
    world.clock.now += hour + 1;
    world.reserve("any");
    assert.equal(world.get(left), undefined);
  });
});
