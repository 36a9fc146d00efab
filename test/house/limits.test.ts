import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { configurationLimits } from "./limits/configuration.ts";
import { credentialLimits } from "./limits/credentials.ts";
import { peerLimits } from "./limits/peers.ts";
import { requestLimits } from "./limits/requests.ts";
import type { Limits } from "./limits/probes.ts";

const page = readFileSync(new URL("../../docs/limits.md", import.meta.url), "utf8");

/** What each part of the page must say. */
const expected: Readonly<Record<string, Limits>> = {
  "Requests, streams and answers": requestLimits,
  "Names, configuration, groups and changes": configurationLimits,
  "API keys, JWTs and certificates": peerLimits,
  "Bots, tasks, runners, claims and gates": credentialLimits,
};

function rowsOf(part: string): ReadonlyMap<string, string> {
  const rows = part.matchAll(/^\| (.+) \| (.+) \|$/gm);
  return new Map([...rows].slice(1).map(([, what = "", limit = ""]) => [what, limit] as const));
}

const [start = "", ...parts] = page.split(/^## /m);
const found = new Map(
  parts.map((part) => [part.slice(0, part.indexOf("\n")), rowsOf(part)] as const),
);

describe("docs/limits.md", () => {
  it("has the rows that are checked here, and no other", () => {
    assert.equal(rowsOf(start).size, 0);
    assert.deepEqual(
      [...found].map(([title, rows]) => [title, [...rows.keys()]]),
      Object.entries(expected).map(([title, limits]) => [title, Object.keys(limits)]),
    );
  });

  for (const [title, limits] of Object.entries(expected)) {
    for (const [what, limit] of Object.entries(limits)) {
      it(`says how much is accepted: ${what}`, () => {
        assert.equal(found.get(title)?.get(what), limit());
      });
    }
  }
});
