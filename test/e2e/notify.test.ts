import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyConfig } from "../../src/commands/apply-config.ts";
import type { Identity } from "../../src/domain/identity.ts";
import { createPostgresDatabase } from "../support/database.ts";
import { atEnd } from "./support/cleanup.ts";
import { eventually } from "./support/eventually.ts";
import { openApp } from "./support/server.ts";

/** Applies a change at one process, and waits until the other one has it; nobody asks the other one for it. */
async function travel(flags: Readonly<Record<string, string>>): Promise<void> {
  const database = await createPostgresDatabase();
  atEnd(database.remove);
  const here = await openApp(database.choice.url, flags);
  const there = await openApp(database.choice.url, flags);
  await applyConfig(here.commands, "user:root@example.com" as Identity, {
    ...{ source: "", etag: "", validateOnly: false, requestId: "", reason: "" },
    files: [{ path: "a.yaml", text: "pools: [{ name: linux, realm: app:tests }]" }],
  });
  const { revision } = here.replica.current() ?? {};
  assert.ok(revision !== undefined && revision > 0n);
  await eventually("it is there", () => there.replica.current()?.revision === revision, 30_000);
}

describe("a change", () => {
  it("travels by notification: long before anybody polls", async () => {
    await travel({ poll_interval: "1m" });
  });

  it("travels by polling alone where notifications are off", async () => {
    await travel({ poll_interval: "100ms", notify: "off" });
  });
});
