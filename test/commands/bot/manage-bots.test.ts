import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { createBot, type CreateBotInput } from "../../../src/commands/bot/create-bot.ts";
import { deleteBot } from "../../../src/commands/bot/delete-bot.ts";
import { getBot } from "../../../src/commands/bot/get-bot.ts";
import { listBots } from "../../../src/commands/bot/list-bots.ts";
import { readSubject } from "../../../src/storage/credential/subjects.ts";
import { forEachBackend } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { actor, admin, createWorld, provisioner, realm, stranger, type World } from "./world.ts";

const denied = hasReason("PERMISSION_REQUIRED", { permission: "fleetgate.bots.manage" });

forEachBackend((_name, openStorage) => {
  let world: World;
  before(async () => {
    world = createWorld(await openStorage());
  });

  function create(input: Partial<CreateBotInput>, who = provisioner) {
    const { deps, snapshot } = world;
    const usual = { id: "new", realm, pool: "", uid: "", references: new Map<string, string>() };
    return createBot(deps, snapshot, who, { ...usual, ...input });
  }
  const get = (id: string, who = provisioner) => getBot(world.deps, world.snapshot, who, { id });
  const remove = (id: string, uid = "", who = provisioner) =>
    deleteBot(world.deps, world.snapshot, who, { id, uid });

  describe("createBot", () => {
    it("creates a bot with its runner pending and its machine to be created, in generation 1", async () => {
      const references = new Map([["reg", "vault/reg"]]);
      const bot = await create({ id: "first@host-1.x_y", pool: "linux", references });
      const { runnerState, instanceState, generation, epoch, version, agentId } = bot;
      assert.deepEqual([runnerState, instanceState], ["pending", "pending_create"]);
      assert.deepEqual([generation, epoch, version, agentId], [1, 0n, 1n, 0n]);
      assert.deepEqual(bot.oneTimeSecrets, [{ name: "reg", fetchedAt: undefined }]);
      assert.deepEqual(
        [bot.pool, bot.createdBy, bot.realm],
        ["linux", "service:provisioner", realm],
      );
      assert.deepEqual(await get("first@host-1.x_y"), bot);
      assert.deepEqual((await world.history(bot.uid, bot.id)).audit, ["bot_created"]);
      assert.ok(world.known.includes(bot.uid));
    });

    it("is safe to repeat by its uid, and says how the bot fares by then", async () => {
      const uid = randomUUID();
      const references = new Map([["a", "1"]]);
      const bot = await create({ id: "again", uid: uid.toUpperCase(), references });
      assert.equal(bot.uid, uid);
      await world.put(uid, "installing", "running");
      const repeated = await create({ id: "again", uid, references });
      assert.deepEqual(repeated, { ...bot, runnerState: "installing", instanceState: "running" });
      assert.deepEqual((await world.history(uid, "again")).audit, ["bot_created"]);
    });

    it("is ALREADY_EXISTS for another uid, another content, and a uid that is taken or was", async () => {
      const uid = randomUUID();
      await create({ id: "taken", uid });
      const exists = hasReason("ALREADY_EXISTS", { kind: "bot", name: "taken" });
      await assert.rejects(create({ id: "taken" }), exists);
      await assert.rejects(create({ id: "taken", uid: randomUUID() }), exists);
      await assert.rejects(create({ id: "taken", uid, pool: "mac" }), exists);
      await assert.rejects(create({ id: "taken", uid, references: new Map([["a", "b"]]) }), exists);
      const uidTaken = hasReason("ALREADY_EXISTS", { kind: "uid", name: uid });
      await assert.rejects(create({ id: "untaken", uid }), uidTaken);
      await remove("taken");
      await assert.rejects(create({ id: "taken", uid }), uidTaken);
      const next = await create({ id: "taken" });
      assert.notEqual(next.uid, uid);
    });

    it("does not tell a stranger that the id is taken in a realm that is none of theirs", async () => {
      await create({ id: "hidden" });
      await assert.rejects(create({ id: "hidden", realm: "proj:other" }, stranger), denied);
    });

    it("wants the permission in the realm, before it says whether there is such a realm", async () => {
      await assert.rejects(create({ id: "n1" }, stranger), denied);
      await assert.rejects(create({ id: "n1", realm: "proj:none" }, stranger), denied);
      await assert.rejects(
        create({ id: "n1", realm: "proj:none" }, actor("service:everywhere")),
        hasReason("INVALID_FIELD", { field: "realm", rule: "must be defined" }),
      );
      await assert.rejects(
        create({ id: "n1", realm: "none:none" }, admin),
        hasReason("INVALID_FIELD", { field: "realm" }),
      );
    });

    it("refuses bearers of bots' tokens, whatever their realm gives them (U40)", async () => {
      const { boot } = await world.running("mighty");
      const itself = await world.by(boot);
      await assert.rejects(create({ id: "n2" }, itself), hasReason("CREDENTIAL_REQUIRED"));
      await assert.rejects(remove("n2", "", itself), hasReason("CREDENTIAL_REQUIRED"));
    });

    for (const [field, input] of [
      ["bot_id", { id: "" }],
      ["bot_id", { id: "a b" }],
      ["bot_id", { id: "a:b" }],
      ["bot_id", { id: "a".repeat(257) }],
      ["realm", { realm: "" }],
      ["realm", { realm: "proj" }],
      ["pool", { pool: "a:b" }],
      ["pool", { pool: "a".repeat(257) }],
      ["uid", { uid: "x" }],
      ["one_time_references", { references: new Map([["", "x"]]) }],
      ["one_time_references", { references: new Map([["A", "x"]]) }],
      ["one_time_references", { references: new Map([["a".repeat(65), "x"]]) }],
      ["one_time_references", { references: new Map([["a", ""]]) }],
      ["one_time_references", { references: new Map([["a", "x\n"]]) }],
      ["one_time_references", { references: new Map([["a", "x".repeat(1025)]]) }],
      [
        "one_time_references",
        { references: new Map(Array.from({ length: 17 }, (_, i) => [`n${i}`, "x"] as const)) },
      ],
    ] as const) {
      it(`refuses a bad ${field}: ${JSON.stringify(input).slice(0, 40)}`, async () => {
        await assert.rejects(create(input), hasReason("INVALID_FIELD", { field }));
      });
    }

    it("takes 16 secrets of 1,024 characters and a bot id of 256", async () => {
      const references = new Map(
        Array.from({ length: 16 }, (_, i) => [`n${i}`, "x".repeat(1024)] as const),
      );
      const bot = await create({ id: "a".repeat(256), references });
      assert.equal(bot.oneTimeSecrets.length, 16);
    });
  });

  describe("getBot", () => {
    it("is one answer for bots of others and for none at all", async () => {
      await create({ id: "shy" });
      await assert.rejects(get("shy", stranger), denied);
      await assert.rejects(get("nobody", stranger), denied);
      await assert.rejects(get("nobody"), denied);
      await assert.rejects(get("nobody", admin), hasReason("NOT_FOUND", { kind: "bot" }));
      await assert.rejects(get(""), hasReason("INVALID_FIELD", { field: "bot_id" }));
    });

    it("shows a bot itself, by its id or without one, and no other", async () => {
      const { id, boot } = await world.running();
      const itself = await world.by(boot);
      assert.equal((await get("", itself)).id, id);
      assert.equal((await get(id, itself)).id, id);
      await assert.rejects(get("shy", itself), denied);
      await assert.rejects(get("nobody", itself), denied);
    });

    it("is not for resume tokens", async () => {
      const { boot } = await world.running();
      const { resumeToken } = await world.open(boot);
      await assert.rejects(get("", await world.by(resumeToken)), hasReason("CREDENTIAL_REQUIRED"));
    });
  });

  describe("listBots", () => {
    const list = (pageSize: number, pageToken = "", who = provisioner, of = realm) =>
      listBots(world.deps, world.snapshot, who, { realm: of, pageSize, pageToken });

    it("lists the live bots of the realm by id, page by page", async () => {
      const all: string[] = [];
      let token = "";
      do {
        const page = await list(2, token);
        assert.ok(page.bots.length <= 2);
        all.push(...page.bots.map(({ id }) => id));
        token = page.nextPageToken;
      } while (token !== "");
      const rows = await world.storage.db
        .selectFrom("subject")
        .select("subject_id")
        .where("deleted_at", "is", null)
        .execute();
      const expected = rows.map((row) => row.subject_id).sort();
      assert.deepEqual(all, expected);
      assert.ok(expected.length > 4);
      assert.equal((await list(0)).bots.length, expected.length);
      assert.deepEqual((await list(0, "", stranger, "proj:other")).bots, []);
    });

    it("binds page tokens to who asks and what", async () => {
      const { nextPageToken } = await list(1);
      const invalid = hasReason("PAGE_TOKEN_INVALID");
      await assert.rejects(list(1, `${nextPageToken}x`), invalid);
      await assert.rejects(list(1, nextPageToken, actor("service:second")), invalid);
      await assert.rejects(list(1, nextPageToken, admin, "proj:other"), invalid);
      await assert.rejects(list(-1), hasReason("INVALID_FIELD", { field: "page_size" }));
      await assert.rejects(list(1, "", stranger), denied);
    });
  });

  describe("deleteBot", () => {
    it("ends a bot softly, frees its id, and may be repeated", async () => {
      const { id, uid } = await world.bot();
      await remove(id);
      await remove(id);
      await remove(id, uid);
      await assert.rejects(get(id), denied);
      const row = await readSubject(world.storage.db, { uid });
      assert.ok(row?.deleted_at);
      assert.deepEqual(row.deleted_at, row.ended_at);
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events, [{ version: 2n, shrinks: true }]);
      assert.deepEqual(audit, ["bot_created", "bot_deleted"]);
    });

    it("deletes only the bot of the uid, when there is one", async () => {
      const { id, uid } = await world.bot();
      await remove(id, randomUUID());
      assert.equal((await get(id)).uid, uid);
      await remove(id, uid);
      const next = await world.bot(id);
      await remove(id, uid);
      assert.equal((await get(id)).uid, next.uid);
    });

    it("is one answer for strangers, and none about who has the id now", async () => {
      const { id } = await world.bot();
      await assert.rejects(remove(id, "", stranger), denied);
      await assert.rejects(remove("nobody", "", stranger), denied);
      await assert.rejects(remove("nobody"), denied);
      await remove("nobody", "", admin);
      await remove(id);
      await create({ id, realm: "proj:other" }, stranger);
      await remove(id);
      assert.equal((await get(id, stranger)).id, id);
    });
  });
});
