import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { deleteBot } from "../../../src/commands/bot/delete-bot.ts";
import { requeueBot } from "../../../src/commands/bot/requeue-bot.ts";
import { getCredential } from "../../../src/commands/credential/get-credential.ts";
import { listCredentials } from "../../../src/commands/credential/list-credentials.ts";
import { revokeCredential } from "../../../src/commands/credential/revoke-credential.ts";
import { takeOverSession } from "../../../src/commands/session/take-over-session.ts";
import { parseBearerToken } from "../../../src/domain/bearer-token.ts";
import type { InstanceState, RunnerState } from "../../../src/domain/credential/bot-states.ts";
import { onPostgres } from "../../support/database.ts";
import { admin, createWorld, provisioner, type World } from "../bot/world.ts";

onPostgres((_name, open) => {
  let world: World;
  before(async () => {
    world = createWorld(await open());
  });

  /** What is listed of a bot: each token by its name, and why it proves nothing any more. Without `all`, the same but for the ended. */
  async function ends(id: string, tokens: Readonly<Record<string, string>>) {
    const { deps, snapshot } = world;
    const list = async (showEnded: boolean) => {
      const input = { identity: `bot:${id}`, showEnded, pageSize: 0, pageToken: "" };
      return (await listCredentials(deps, snapshot, admin, input)).credentials;
    };
    const all = await list(true);
    assert.deepEqual(
      await list(false),
      all.filter(({ ended }) => ended === null),
    );
    const found = Object.entries(tokens).map(async ([name, token]) => {
      const { id: credentialId = "" } = parseBearerToken(token) ?? {};
      const shown = await getCredential(deps, snapshot, admin, credentialId);
      assert.deepEqual(
        all.find((listed) => listed.id === credentialId),
        shown,
      );
      return [name, shown.ended];
    });
    return Object.fromEntries(await Promise.all(found)) as Readonly<Record<string, string | null>>;
  }

  async function opened() {
    const { id, uid, boot } = await world.running();
    const { token: session, resumeToken: resume } = await world.open(boot);
    return { id, uid, tokens: { boot, session, resume } };
  }

  describe("a credential of a bot is listed as what it is", () => {
    it("a used resume token as used up, its session and its successor as they are", async () => {
      const { id, tokens } = await opened();
      assert.deepEqual(await ends(id, tokens), { boot: null, session: null, resume: null });
      const { deps, snapshot } = world;
      const next = await takeOverSession(deps, snapshot, await world.by(tokens.resume), {
        ...{ nonce: "n".repeat(16), ttl: undefined },
      });
      assert.deepEqual(await ends(id, { ...tokens, next: next.token, again: next.resumeToken }), {
        ...{ boot: null, session: "revoked", resume: "used_up", next: null, again: null },
      });
    });

    it("all of an earlier attempt as that, and of a bot that is gone too", async () => {
      const { id, uid, tokens } = await opened();
      const { deps, snapshot } = world;
      await world.put(uid, "failed", "error");
      await requeueBot(deps, snapshot, provisioner, { id, expectedGeneration: 1 });
      const generation = { boot: "generation", session: "generation", resume: "generation" };
      assert.deepEqual(await ends(id, tokens), generation);
      const again = await world.boot(id, 2);
      assert.deepEqual(await ends(id, { again }), { again: null });
      await deleteBot(deps, snapshot, provisioner, { id, uid: "" });
      assert.deepEqual(await ends(id, { again }), { again: "subject_gone" });
    });

    for (const [runner, instance, expected] of [
      ["pending", "pending_create", { boot: null, session: null, resume: null }],
      ["installing", "stopped", { boot: null, session: null, resume: null }],
      ["idle", "running", { boot: "state", session: null, resume: null }],
      ["active", "unknown", { boot: "state", session: null, resume: null }],
      ["terminated", "running", { boot: "state", session: "state", resume: "state" }],
      ["pending", "error", { boot: "state", session: "state", resume: "state" }],
      ["idle", "pending_delete", { boot: "state", session: "state", resume: "state" }],
      ["pending", "deleted", { boot: "state", session: "state", resume: "state" }],
    ] as const satisfies readonly (readonly [RunnerState, InstanceState, object])[]) {
      it(`by what may still become of ${runner}, ${instance}`, async () => {
        const { id, uid, tokens } = await opened();
        await world.put(uid, runner, instance);
        assert.deepEqual(await ends(id, tokens), expected);
      });
    }

    it("a resume token as of no use once its session was revoked", async () => {
      const { id, tokens } = await opened();
      const { deps, snapshot } = world;
      const { id: credentialId = "" } = parseBearerToken(tokens.session) ?? {};
      await revokeCredential(deps, snapshot, admin, { credentialId, identity: "", reason: "" });
      assert.deepEqual(await ends(id, tokens), {
        ...{ boot: null, session: "revoked", resume: "epoch" },
      });
    });

    it("as expired, and as of a realm that is gone", async () => {
      const { id, uid, tokens } = await opened();
      await world.age(tokens.boot, "expires_at", 86_400_000);
      assert.equal((await ends(id, tokens))["boot"], "expired");
      await world.storage.db
        .updateTable("subject")
        .set({ realm: "proj:none" })
        .where("uid", "=", uid)
        .execute();
      const realmGone = { boot: "expired", session: "realm_gone", resume: "realm_gone" };
      const { deps, snapshot } = world;
      const input = { identity: `bot:${id}`, pageSize: 0, pageToken: "" };
      const listed = await listCredentials(deps, snapshot, admin, { ...input, showEnded: true });
      assert.deepEqual(
        Object.fromEntries(listed.credentials.map(({ kind, ended }) => [kind, ended])),
        realmGone,
      );
      const live = await listCredentials(deps, snapshot, admin, { ...input, showEnded: false });
      assert.deepEqual(live.credentials, []);
    });
  });
});
