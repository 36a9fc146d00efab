import assert from "node:assert/strict";
import { before, it } from "node:test";
import type { KyselyPlugin } from "kysely";
import { createClaimBoard, type ClaimWatch } from "../../../src/commands/claim/claim-board.ts";
import { createClaimBook } from "../../../src/credentials/claim-book.ts";
import type { CredentialDeps } from "../../../src/credentials/deps.ts";
import { onPostgres } from "../../support/database.ts";
import { host1 } from "../task/support.ts";
import { openClaims, type TestClaims } from "./support.ts";

onPostgres((_, open) => {
  let claims: TestClaims;
  let deps: Pick<CredentialDeps, "storage" | "claims">;
  let isAway = false;
  const looks = { count: 0 };
  const said: string[] = [];
  before(async () => {
    claims = openClaims(await open());
    const plugin: KyselyPlugin = {
      transformQuery: ({ node }) => {
        looks.count += 1;
        if (isAway) throw new Error("the database is away");
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    };
    const { storage } = claims;
    const { followed } = createClaimBook(
      { presented: () => undefined },
      { onFailure: () => said.push("lost"), onRecovery: () => said.push("found") },
    );
    deps = {
      storage: { ...storage, db: storage.db.withPlugin(plugin) },
      claims: { ...claims.book, followed },
    };
  });

  it("CH8 one who takes nothing keeps nobody waiting, and is kept one telling of each claim", async () => {
    const { claim } = await claims.open(host1);
    const board = createClaimBoard(deps, { everyMs: 0 });
    const idle = board.watch([claim], () => undefined);
    let ring: () => void = () => undefined;
    const other = board.watch([claim], () => ring());
    const changes = [() => claims.extend(host1, claim.uid), () => claims.cancel(host1, claim.uid)];
    for (const change of changes) {
      const rung = new Promise<void>((resolve) => (ring = resolve));
      await change();
      await rung;
      assert.equal(other.take().length, 1);
    }
    assert.deepEqual(
      idle.take().map(({ state }) => state),
      ["canceled"],
    );
    idle.close();
    other.close();
  });

  it("looks once for all that changes while it rests: a busy fleet costs each replica no more", async () => {
    const { claim } = await claims.open(host1);
    let endRest: () => void = () => undefined;
    const resting = Promise.withResolvers<void>();
    const rest = (): Promise<void> => {
      resting.resolve();
      return new Promise((resolve) => (endRest = resolve));
    };
    const board = createClaimBoard(deps, { everyMs: 0, rest });
    const rung = Promise.withResolvers<void>();
    const watch = board.watch([claim], rung.resolve);
    claims.book.changed();
    await resting.promise;
    await claims.cancel(host1, claim.uid);
    const before = looks.count;
    for (let count = 0; count < 100; count += 1) {
      claims.book.changed();
      await new Promise(setImmediate);
    }
    assert.equal(looks.count, before);
    endRest();
    await rung.promise;
    assert.deepEqual([watch.take().length, looks.count], [1, before + 1]);
    watch.close();
    endRest();
  });

  it("C18 finds out by itself that a deadline has passed", async () => {
    const { claim } = await claims.open(host1);
    const board = createClaimBoard(deps, { everyMs: 0 });
    let ring: () => void = () => undefined;
    const rung = new Promise<void>((resolve) => (ring = resolve));
    const watch = board.watch([claim], () => ring());
    await claims.pass(claim.uid, 600_000);
    claims.book.changed();
    await rung;
    assert.deepEqual(
      watch.take().map(({ state }) => state),
      ["expired"],
    );
    watch.close();
  });

  it("C18 U45 tells no watcher anything while the database is away, says so once, and goes on afterwards", async () => {
    const { claim } = await claims.open(host1);
    let time = 0;
    let rang: () => void = () => undefined;
    const board = createClaimBoard(deps, { everyMs: 0, now: () => time });
    const watch: ClaimWatch = board.watch([claim], () => rang());
    // A look goes on in the background: nothing tells when it has failed but the next one.
    const looked = async (): Promise<void> => {
      const before = looks.count;
      claims.book.changed();
      while (looks.count === before) await new Promise(setImmediate);
      await new Promise(setImmediate);
    };
    await looked();
    isAway = true;
    await looked();
    await claims.cancel(host1, claim.uid);
    await looked();
    time = 5_001;
    assert.equal(watch.isFollowed(), false);
    assert.deepEqual(watch.take(), []);
    assert.deepEqual(said, ["lost"]);
    isAway = false;
    const told = new Promise<void>((resolve) => (rang = resolve));
    claims.book.changed();
    await told;
    while (said.length < 2) await new Promise(setImmediate);
    assert.deepEqual(said, ["lost", "found"]);
    const news = watch.take();
    assert.deepEqual(
      news.map(({ uid, state }) => [uid, state]),
      [[claim.uid, "canceled"]],
    );
    // They may be long, and are shown to nobody.
    assert.ok(news.every((one) => !("terms" in one)));
    watch.close();
    const asked = looks.count;
    claims.book.changed();
    assert.equal(looks.count, asked);
  });
});
