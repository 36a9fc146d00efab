import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { it } from "node:test";
import { appendCredentialEvents } from "../../../src/storage/credential/events.ts";
import { readEventsSince } from "../../../src/storage/credential/read-events-since.ts";
import type { Storage, Tx } from "../../../src/storage/storage.ts";
import { forEachBackend } from "../../support/database.ts";

forEachBackend((_name, open) => {
  const append = (tx: Tx, subjectUid: string, version: bigint, credentialId?: string) =>
    appendCredentialEvents(tx, [
      {
        ...{ subjectUid, realm: "acme:tasks", version, shrinks: true },
        ...(credentialId === undefined ? {} : { credentialId }),
      },
    ]);
  const commit = (storage: Storage, subjectUid: string, version: bigint, credentialId?: string) =>
    storage.db.transaction().execute((tx) => append(tx, subjectUid, version, credentialId));

  it("tells what changed since a position, and looks at no more than it may tell", async () => {
    const storage = await open();
    const [first, second] = [randomUUID(), randomUUID()];
    await commit(storage, first, 1n);
    const start = await readEventsSince(storage.db, 0n, 10);
    assert.deepEqual(
      start.events.map(({ subjectUid }) => subjectUid),
      [first],
    );
    assert.deepEqual((await readEventsSince(storage.db, start.xmax, 10)).events, []);
    await commit(storage, first, 2n);
    await commit(storage, first, 3n);
    await commit(storage, first, 3n, "c");
    await commit(storage, second, 7n);
    const { events, now } = await readEventsSince(storage.db, start.xmax, 10);
    const told = events.map(({ subjectUid, credentialId, version, realm }) =>
      JSON.stringify([subjectUid, credentialId ?? "", version.toString(), realm]),
    );
    assert.deepEqual(
      told.toSorted(),
      [
        JSON.stringify([first, "", "2", "acme:tasks"]),
        JSON.stringify([first, "", "3", "acme:tasks"]),
        JSON.stringify([first, "c", "3", "acme:tasks"]),
        JSON.stringify([second, "", "7", "acme:tasks"]),
      ].toSorted(),
    );
    assert.ok(Math.abs(now - Date.now()) < 60_000);
    const bounded = await readEventsSince(storage.db, start.xmax, 2);
    assert.equal(bounded.events.length, 3, "one more, which says that there are more");
  });
});
