import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { sql } from "kysely";
import { deleteManager } from "../../src/commands/runner/delete-manager.ts";
import { openBookkeeping } from "../../src/credentials/open-bookkeeping.ts";
import type { ManagerContact } from "../../src/credentials/manager-contacts.ts";
import { createRunnerWorld, fleet, type RunnerWorld } from "../commands/runner/world.ts";
import { onPostgres } from "../support/database.ts";

const minute = 60_000;

onPostgres((_name, open) => {
  let world: RunnerWorld;
  before(async () => {
    world = createRunnerWorld(await open());
    // Counts what is written, of each manager.
    await world.storage.exec(`
      create table written (system_id text not null);
      create function note_write() returns trigger language plpgsql as
        $$ begin insert into written values (new.system_id); return null; end $$;
      create trigger note_write after insert or update on manager_contact
        for each row when (new.written_at >= now()) execute function note_write();`);
  });
  let made = 0;
  const working = async () => {
    const systemId = `m${(made += 1)}`;
    return { systemId, ...(await world.working(systemId)) };
  };
  const writes = async (systemId: string): Promise<number> => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from written where system_id = ${systemId}`.execute(
      world.storage.db,
    );
    return rows[0]?.count ?? NaN;
  };
  /** A bookkeeping of another replica, whose clock a test sets. */
  const replica = () => {
    const clock = { ms: 0 };
    return { clock, ...openBookkeeping(world.storage, { now: () => clock.ms, everyMs: 0 }) };
  };
  const contact = (
    { uid, systemId, credentialId }: Readonly<Record<"uid" | "systemId" | "credentialId", string>>,
    more: Partial<ManagerContact> = {},
  ): ManagerContact => ({
    ...{ runnerUid: uid, systemId, credentialId, at: Date.now(), ready: false },
    ...{ source: "192.0.2.7", info: undefined, ...more },
  });
  /** A minute goes by for what was written; nobody moves the database's clock. */
  const passMinute = async (systemId: string) =>
    world.storage.exec(`update manager_contact set written_at = written_at - interval '1 minute',
      contacted_at = contacted_at - interval '1 minute' where system_id = '${systemId}'`);
  const managerOf = async (id: string) => (await world.managersOf(id))[0] ?? assert.fail();

  describe("heartbeats", () => {
    it("a thousand of one manager at two replicas are one write a minute (U24, L34, LH8)", async () => {
      const manager = await working();
      const replicas = [replica(), replica()];
      for (let turn = 0; turn < 3; turn += 1) {
        for (let count = 0; count < 1_000; count += 1) {
          const books = replicas[count % 2] ?? assert.fail();
          books.heard(contact(manager));
          if (count % 250 === 0) await Promise.all(replicas.map((each) => each.flush()));
        }
        await Promise.all(replicas.map((each) => each.flush()));
        assert.equal(await writes(manager.systemId), turn + 1);
        for (const { clock } of replicas) clock.ms += minute;
        await passMinute(manager.systemId);
      }
    });

    it("are one write a minute also if each replica hears something else of it, and nothing of that is lost (U24)", async () => {
      const manager = await working();
      const names = ["version", "revision", "platform"] as const;
      const replicas = names.map((name) => ({ name, ...replica() }));
      const flushAll = async () => {
        for (const each of replicas) await each.flush();
      };
      for (const { name, ...books } of replicas) {
        books.heard(contact(manager, { info: { [name]: "x" } }));
      }
      for (let minutes = 1; minutes <= names.length; minutes += 1) {
        await flushAll();
        await flushAll();
        assert.equal(await writes(manager.systemId), minutes);
        await passMinute(manager.systemId);
      }
      const told = Object.fromEntries(names.map((name) => [name, "x"]));
      assert.deepEqual((await managerOf(manager.id)).info, told);
    });

    it("are written with the address, make no version, and turn the status (L12, L13, L36)", async () => {
      const manager = await working();
      const books = replica();
      books.heard(contact(manager));
      await books.flush();
      const heard = await managerOf(manager.id);
      assert.deepEqual([heard.status, heard.source], ["never_contacted", "192.0.2.7"]);
      assert.ok(Math.abs((heard.contactedAt?.getTime() ?? 0) - Date.now()) < minute);
      // Ready for the first time is worth a write at once, and stays.
      books.heard(contact(manager, { ready: true }));
      books.heard(contact(manager, { ready: false }));
      await books.flush();
      assert.equal((await managerOf(manager.id)).status, "online");
      assert.deepEqual((await world.history(manager.uid, manager.id)).events, []);
      await world.storage
        .exec(`update manager_contact set contacted_at = now() - interval '2 hours',
        written_at = now() - interval '2 hours' where system_id = '${manager.systemId}'`);
      assert.equal((await managerOf(manager.id)).status, "offline");
      books.heard(contact(manager, { ready: false }));
      await books.flush();
      assert.equal((await managerOf(manager.id)).status, "online");
    });

    it("lose nothing of what was said: absent info keeps what is stored (L35)", async () => {
      const manager = await working();
      const [here, there] = [replica(), replica()];
      here.heard(contact(manager, { info: { name: "one", version: "1" } }));
      here.heard(contact(manager));
      await here.flush();
      assert.deepEqual((await managerOf(manager.id)).info, { name: "one", version: "1" });
      // Said elsewhere a moment later: it waits for its turn instead of a second write in the minute.
      there.heard(contact(manager, { info: { version: "2" } }));
      await there.flush();
      assert.equal(await writes(manager.systemId), 1);
      await passMinute(manager.systemId);
      await there.flush();
      assert.deepEqual((await managerOf(manager.id)).info, { name: "one", version: "2" });
      const before = await writes(manager.systemId);
      await there.flush();
      assert.equal(await writes(manager.systemId), before);
    });

    it("bring no manager back that was deleted (L11), and say nothing of one that enrols by its name (L14)", async () => {
      const manager = await working();
      const books = replica();
      books.heard(contact(manager, { ready: true, info: { name: "copy" } }));
      const { id, systemId, enrolToken } = manager;
      await deleteManager(world.deps, world.snapshot, fleet, { id, systemId });
      await books.flush();
      assert.equal(await writes(systemId), 0);
      assert.deepEqual(await world.managersOf(id), []);
      books.heard(contact(manager, { ready: true, info: { name: "copy" } }));
      const { issued } = await world.enrol(enrolToken, systemId);
      await books.flush();
      const { status, info, contactedAt } = await managerOf(id);
      assert.deepEqual([status, info, contactedAt], ["never_contacted", {}, null]);
      // Nor in one write with its own.
      books.heard(contact(manager, { ready: true, info: { name: "copy" } }));
      books.heard(contact({ ...manager, ...issued }));
      await books.flush();
      const { status: own, info: said, source } = await managerOf(id);
      assert.deepEqual([own, said, source], ["never_contacted", {}, "192.0.2.7"]);
    });

    it("of a clock that is ahead or behind put the last one neither into the future nor back", async () => {
      const manager = await working();
      const books = replica();
      const contacts: number[] = [];
      for (const hours of [1, -1]) {
        books.heard(contact(manager, { at: Date.now() + hours * 60 * minute }));
        await books.flush();
        contacts.push((await managerOf(manager.id)).contactedAt?.getTime() ?? NaN);
        await world.storage.exec("update manager_contact set written_at = null");
      }
      const [ahead = NaN, behind] = contacts;
      assert.ok(ahead <= Date.now() + minute);
      assert.equal(behind, ahead);
    });

    it("of a token and of the one that took its place are of one manager", async () => {
      const manager = await working();
      const { issued } = await world.rotate(manager.token);
      const books = replica();
      const [at, source] = [Date.now() - 1_000, "192.0.2.8"];
      books.heard(contact(manager, { at, ready: true, info: { name: "a", version: "1" }, source }));
      books.heard(contact({ ...manager, ...issued }, { info: { version: "2" } }));
      await books.flush();
      assert.equal(await writes(manager.systemId), 1);
      const found = await managerOf(manager.id);
      assert.deepEqual(
        [found.status, found.info, found.source],
        ["online", { name: "a", version: "2" }, "192.0.2.7"],
      );
    });

    it("are kept while the database is away, and written when it is back", async () => {
      const manager = await working();
      let isAway = true;
      const { db } = world.storage;
      const away = { ...world.storage };
      Object.defineProperty(away, "db", {
        get: () => {
          if (isAway) throw new Error("the database is away");
          return db;
        },
      });
      const books = openBookkeeping(away, { everyMs: 0 });
      books.heard(contact(manager, { ready: true }));
      await books.flush();
      books.heard(contact(manager));
      isAway = false;
      await books.flush();
      assert.equal((await managerOf(manager.id)).status, "online");
    });
  });
});
