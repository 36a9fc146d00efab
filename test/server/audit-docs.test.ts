import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { auditEvents } from "../../src/storage/credential/audit.ts";

describe("the audit in docs/operations.md", () => {
  it("has every event, and no other", () => {
    const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const table = page.slice(page.indexOf("| event | what happened |"));
    const rows = table.slice(0, table.indexOf("\n\n")).split("\n").slice(2);
    const told = rows.flatMap((row) =>
      [...(row.split("|")[1] ?? "").matchAll(/`([a-z_]+)`/g)].map(([, event = ""]) => event),
    );
    assert.deepEqual(new Set(told), new Set<string>(auditEvents));
    assert.equal(told.length, auditEvents.length);
  });
});
