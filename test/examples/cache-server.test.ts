import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { credential } from "../../src/client/node/index.ts";
import { eventually } from "../e2e/support/eventually.ts";
import { archive, openCacheServer, type CacheWorld } from "./support/cache-jobs.ts";

const { Trust } = credential;

describe("the cache server of the examples", { concurrency: false }, () => {
  let world = {} as CacheWorld;
  let {
    archiveOf,
    begin,
    call,
    cancel,
    commit,
    end,
    find,
    peer,
    reserve,
    save,
    serve,
    startCommit,
  } = world;
  before(async () => {
    world = await openCacheServer();
    ({
      archiveOf,
      begin,
      call,
      cancel,
      commit,
      end,
      find,
      peer,
      reserve,
      save,
      serve,
      startCommit,
    } = world);
  });

  it("A20: no token and one that nobody knows are answered alike", async () => {
    const wrong = [
      "fg1_tk_AAAAAAAAAAAAAAAA_".padEnd(67, "A"),
      "some-token-of-a-forge-that-nobody-registered",
    ];
    const answers = [await call("GET", "/entries?key=k&version=1")];
    for (const token of wrong) answers.push(await find({ taskId: "", token }, "k"));
    for (const { status, text } of answers) {
      assert.deepEqual([status, text], [401, '{"error":"unauthorized"}']);
    }
  });

  it("A21 A26 A30: what a task saved it finds, and fetches by a URL without a bearer, as often as it likes", async () => {
    const job = await begin("own", {});
    await save(job, "deps-1");
    const hit = await find(job, "deps-1");
    assert.equal(hit.status, 200);
    for (let time = 0; time < 2; time += 1) {
      assert.equal((await call("GET", archiveOf(hit))).text, archive.toString());
    }
    assert.equal((await find(job, "deps-")).status, 200, "a key that it begins with");
    assert.equal((await find(job, "other")).status, 204);
  });

  it("A22: an entry is where its task writes, whatever the body says", async () => {
    const job = await begin("liar", {});
    await save(job, "stamped", {
      realm: "app:release",
      trust: Trust.TRUSTED,
      ref: "x",
      taskId: "y",
    });
    const elsewhere = await begin("victim", { realm: "app:release" });
    assert.equal((await find(elsewhere, "stamped")).status, 204);
    assert.equal((await find(job, "stamped")).status, 200);
  });

  it("A23 A24 AH11: of another realm nothing is found and nothing written, and all of it looks like nothing", async () => {
    const job = await begin("here", {});
    const { id } = await reserve(job, "private");
    const stranger = await begin("there", { realm: "app:release" });
    const foreign = await commit(stranger, id);
    const unknown = await commit(stranger, crypto.randomUUID());
    assert.deepEqual([foreign.status, foreign.text], [404, unknown.text]);
    assert.equal((await find(stranger, "private")).status, 204);
  });

  it("U35: nobody's pull request writes what the branch reads, and each reads its own and the default ref", async () => {
    const branch = await begin("branch", {});
    await save(branch, "shared");
    const pr = await begin("pr", { trust: Trust.UNTRUSTED, ref: "refs/pull/7/head" });
    const other = await begin("pr2", { trust: Trust.UNTRUSTED, ref: "refs/pull/8/head" });
    assert.equal((await find(pr, "shared")).status, 200, "the default ref");
    await save(pr, "poison");
    assert.equal((await find(pr, "poison")).status, 200, "its own");
    assert.equal((await find(branch, "poison")).status, 204);
    assert.equal((await find(other, "poison")).status, 204);
    await save(pr, "shared");
    const hit = await find(branch, "shared");
    assert.equal((JSON.parse(hit.text) as { key: string }).key, "shared");
    // Even untrusted code that runs on the default ref's name stays out of it.
    const posing = await begin("posing", { trust: Trust.UNTRUSTED });
    await save(posing, "posed");
    assert.equal((await find(branch, "posed")).status, 204);
  });

  it("a task reads of a dependency what that published, and nothing else of its realm", async () => {
    const producer = await begin("producer", { realm: "app:release" });
    const bystander = await begin("bystander", { realm: "app:release" });
    await save(producer, "published");
    await save(bystander, "unrelated");
    const reader = await begin("reader", { dependencies: ["producer"] });
    const hit = await find(reader, "published");
    assert.equal(hit.status, 200);
    assert.equal((await call("GET", archiveOf(hit))).text, archive.toString());
    assert.equal((await find(reader, "unrelated")).status, 204);
    const uninvited = await begin("uninvited", { dependencies: ["producer"] });
    assert.equal(
      (await find(uninvited, "published")).status,
      204,
      "it may not see tasks of that realm",
    );
  });

  it("A27 A31: a URL that was tampered with, or has no grant, is refused", async () => {
    const job = await begin("tamper", {});
    const id = await save(job, "t");
    const url = archiveOf(await find(job, "t"));
    const other = await save(job, "t-other");
    const bad = [
      `/archives/${id}`,
      `/archives/${id}?grant=`,
      `${url.slice(0, -2)}${url.at(-2) === "A" ? "B" : "A"}${url.slice(-1)}`,
      // Of two it would be a guess which one counts.
      `${url}&${url.split("?")[1] ?? ""}`,
      `${url}&grant=x`,
      url.replace("?", "?grant=x&"),
      url.replace(id, other),
      url.replace(id, id.toUpperCase()),
    ];
    for (const path of bad) {
      const { status, text } = await call("GET", path);
      assert.deepEqual([status, text], [401, '{"error":"unauthorized"}'], path);
    }
  });

  it("A40: URLs for upload and download are not interchangeable, and a reservation is its task's", async () => {
    const job = await begin("uploader", {});
    const { id, upload } = await reserve(job, "u");
    assert.deepEqual((await reserve(job, "u")).id, id, "asking again gives the same reservation");
    assert.equal((await call("PUT", upload, { body: archive })).status, 204);
    const rival = await begin("rival", {});
    assert.equal((await commit(rival, id)).status, 404);
    assert.equal((await commit(job, id, 1)).status, 409, "another size than was uploaded");
    assert.equal((await call("GET", upload)).status, 401);
    assert.equal((await commit(job, id)).status, 200);
    assert.equal((await commit(job, id)).status, 200, "safe to repeat");
    assert.equal((await call("PUT", upload, { body: "later" })).status, 409);
    const download = archiveOf(await find(job, "u"));
    assert.equal((await call("PUT", download, { body: "later" })).status, 401);
    assert.equal((await call("GET", download)).text, archive.toString());
  });

  it("U32 U38: a task that is to stop writes nothing; its end kills bearer and URLs, and hands on the signal", async () => {
    const job = await begin("ending", {});
    await save(job, "e");
    const url = archiveOf(await find(job, "e"));
    const { id, upload } = await reserve(job, "late");
    await call("PUT", upload, { body: archive });
    await cancel(job);
    assert.equal((await commit(job, id)).status, 404, "strict: at once");
    await eventually("the identifier has heard that it is to stop", async () => {
      const body = JSON.stringify({ key: "x", version: "1" });
      return (await call("POST", "/entries", { token: job.token, body })).status === 403;
    });
    assert.equal((await find(job, "e")).status, 204);
    await end(job);
    const stopped = await eventually("the identifier has heard of the end", async () => {
      const answer = await find(job, "e");
      return answer.status === 403 && answer;
    });
    assert.equal(stopped.headers.get("task-state"), "succeeded");
    assert.equal((await call("GET", url)).status, 401, "unlike A30, the URL dies with its task");
    assert.equal((await call("PUT", upload, { body: archive })).status, 401);
  });

  it("asks who commits, and what the entry is, once the body is there, however long that takes", async () => {
    const job = await begin("delayed", {});
    const { id, upload } = await reserve(job, "delayed");
    await call("PUT", upload, { body: archive });
    const again = await startCommit(job, id);
    assert.equal((await commit(job, id)).status, 200);
    await save(job, "delayed", {}, Buffer.from("a newer one"));
    assert.equal(await again.finish(), 200, "safe to repeat");
    const { text } = await call("GET", archiveOf(await find(job, "delayed")));
    assert.equal(text, "a newer one", "a repetition does not bring back what was replaced");

    const late = await reserve(job, "delayed-too");
    await call("PUT", late.upload, { body: archive });
    const commitLate = await startCommit(job, late.id);
    await cancel(job);
    assert.equal(await commitLate.finish(), 404);
  });

  it("signed by itself: what a task signs that may sign URLs opens nothing", async () => {
    const job = await begin("forger", { permissions: ["fleetgate.urls.sign"] });
    const id = await save(job, "f");
    const { upload } = await reserve(job, "f-open");
    const forge = async (purpose: string, method: string, resource: string): Promise<string> => {
      const { grant } = await peer(job).urls.signUrl({ purpose, method, resource });
      return `${resource}?grant=${grant}`;
    };
    const read = await forge("cache.download", "GET", `/archives/${id}`);
    assert.equal((await call("GET", read)).status, 401);
    const write = await forge("cache.upload", "PUT", upload.replace(/\?.*/, ""));
    assert.equal((await call("PUT", write, { body: "forged" })).status, 401);
    assert.equal((await call("PUT", upload, { body: archive })).status, 204);
  });

  it("A41: a URL to an archive that was replaced brings that archive, and the next search the new one", async () => {
    const job = await begin("replacer", {});
    await save(job, "a");
    const old = archiveOf(await find(job, "a"));
    await save(job, "a", {}, Buffer.from("another one"));
    assert.equal((await call("GET", old)).text, archive.toString());
    assert.equal((await call("GET", archiveOf(await find(job, "a")))).text, "another one");
  });

  it("a download URL that may survive its task does", async () => {
    const at = await serve({ surviveTask: true });
    const job = await begin("surviving", {});
    await save(job, "s");
    const url = archiveOf(await find(job, "s", at));
    await end(job);
    assert.equal((await call("GET", url, { at })).text, archive.toString());
  });

  it("A14 A32: what was committed, and URLs to it, outlive a restart", async () => {
    const job = await begin("restart", {});
    await save(job, "r");
    const url = archiveOf(await find(job, "r"));
    const at = await serve({});
    assert.equal((await find(job, "r", at)).status, 200);
    assert.equal((await call("GET", url, { at })).text, archive.toString());
  });

  it("refuses more than it takes, and texts that are too long", async () => {
    const at = await serve({ maxArchiveBytes: 10 });
    const job = await begin("large", {});
    const { upload } = await reserve(job, "l", {}, at);
    // The length is said before, or found on the way.
    assert.equal((await call("PUT", upload, { body: "more than ten bytes", at })).status, 413);
    const longKey = {
      token: job.token,
      body: JSON.stringify({ key: "k".repeat(513), version: "1" }),
    };
    assert.equal((await call("POST", "/entries", longKey)).status, 400);
    const huge = {
      token: job.token,
      body: JSON.stringify({ key: "k", version: "1", x: "x".repeat(65_536) }),
    };
    assert.equal((await call("POST", "/entries", huge)).status, 413);
  });

  it("U11 A39: logs methods, paths and statuses, and no secret", () => {
    const { lines, secrets } = world;
    assert.ok(lines.length > 50 && secrets.length > 20);
    const text = lines.join("\n");
    for (const secret of secrets) assert.ok(!text.includes(decodeURIComponent(secret)));
    for (const line of lines)
      assert.match(line, /^[A-Z]+ \/[a-z]+(\/[0-9A-Fa-f-]{36}(\/commit)?)? \d{3}$/);
  });
});
