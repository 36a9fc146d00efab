import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { acquireGate } from "../../src/commands/gate/acquire-gate.ts";
import { releaseGate } from "../../src/commands/gate/release-gate.ts";
import type { GateEvents } from "../../src/credentials/gate-keeper.ts";
import { openCredentials, type OpenCredentials } from "../../src/credentials/open-credentials.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { openStorage } from "../../src/storage/database.ts";
import { createPostgresDatabase } from "../support/database.ts";
import { plainKeyring } from "./support/plain-keyring.ts";

const actor = { caller: "user:admin@example.com", source: "", requestId: "" };

describe("gates of two processes over one database (U73)", () => {
  it("are closed and opened by one and kept by the other, but not by one that ignores them (L2)", async (test) => {
    const database = await createPostgresDatabase();
    const opened: { readonly area: OpenCredentials; readonly storage: Storage }[] = [];
    const open = async (ignoreGates: boolean, gateEvents: GateEvents = {}) => {
      const storage = await openStorage(database.choice);
      const area = await openCredentials(
        { storage, replica: undefined as never, randomBytes },
        {
          ...{ keyring: plainKeyring(["k1", "of the tests"]), bookkeeping: undefined as never },
          ...{ outageGraceMs: 0, notify: true, ignoreGates, gateEvents },
        },
      );
      opened.push({ area, storage });
      return area;
    };
    const changes: string[] = [];
    let wake = (): void => undefined;
    const one = await open(false);
    const deaf = await open(true);
    const other = await open(false, {
      onChange: (area, closed) => {
        changes.push(`${area} ${closed ? "closed" : "open"}`);
        wake();
      },
    });
    const heard = async (count: number): Promise<void> => {
      while (changes.length < count) await new Promise<void>((resolve) => (wake = resolve));
    };
    const { identifier, gates, commands } = one;
    const deps = { storage: commands.storage, gates, identifier };
    const lease = { area: "all", holder: "m" } as const;

    await acquireGate(deps, actor, { ...lease, leaseMs: undefined, exclusive: false, reason: "" });
    assert.equal(typeof one.gates.refuse("issue"), "number");
    // What is called again then, because its answer was lost, has been as long ago as it was closed besides.
    assert.ok((commands.lostAnswerMs?.() ?? 0) >= 60_000);
    await heard(2);
    assert.deepEqual(changes, ["issue closed", "fleet closed"]);
    for (const area of ["issue", "fleet"] as const) {
      assert.equal(typeof other.gates.refuse(area), "number");
      assert.equal(deaf.gates.refuse(area), undefined);
    }
    // It starts while the log of changes is out of reach, as behind a migration, and with a clock that is wrong.
    const [{ storage }] = opened as [(typeof opened)[0]];
    await storage.exec("alter table credential_event rename to away");
    const right = Date.now;
    test.mock.method(Date, "now", () => right() + 3_600_000);
    const fast = await open(false);
    test.mock.restoreAll();
    await storage.exec("alter table away rename to credential_event");
    assert.equal(typeof fast.gates.refuse("issue"), "number");
    await releaseGate(deps, actor, lease);
    await heard(4);
    assert.ok((commands.lostAnswerMs?.() ?? 0) > 60_000);
    assert.equal(other.gates.refuse("issue"), undefined);
    for (const { area, storage } of opened) {
      await area.close();
      await storage.close();
    }
    await database.remove();
  });
});
