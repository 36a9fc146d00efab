import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import * as fc from "fast-check";
import { sql } from "kysely";
import type { Group } from "../../src/domain/model.ts";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ChangeService } from "../../src/gen/fleetgate/admin/v1/change_service_pb.ts";
import { GroupService } from "../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { attachTestLog, makeGroup, people, usualGroups } from "../commands/change/support.ts";
import { useDatabase } from "../support/database.ts";
import type { Reply } from "./support/bench.ts";
import { openLogBench, type LogBench } from "./support/log-bench.ts";

const open = useDatabase();
const stranger = "user:stranger@example.com";
const names = ["a", "b", "c", "d"].map((name) => `user:${name}@example.com`);

/** A change: what it does to the team, which its owner may read, and to groups that nobody but readers may. */
interface Step {
  readonly team: { readonly members: readonly string[]; readonly description: string } | undefined;
  /** In each of both worlds. */
  readonly hidden: readonly [readonly Group[], readonly Group[]];
}

const hiddenGroups: fc.Arbitrary<readonly Group[]> = fc.uniqueArray(
  fc
    .record({
      name: fc.constantFrom("secret-1", "secret-2", "secret-3"),
      description: fc.constantFrom("", "x", "y"),
      members: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 4 }),
      nested: fc.constantFrom([], ["team"]),
    })
    .map(({ name, ...group }) => makeGroup(name, group)),
  { maxLength: 3, selector: ({ name }) => name },
);

const arbitraryStep: fc.Arbitrary<Step> = fc.record({
  team: fc.option(
    fc.record({
      members: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 }),
      description: fc.constantFrom("", "one", "two"),
    }),
    { nil: undefined },
  ),
  hidden: fc.tuple(hiddenGroups, hiddenGroups),
});

/** What somebody asks the log. */
interface Query {
  readonly identity: string;
  readonly group: string;
  readonly kind: string;
  readonly key: string;
  readonly author: string;
  readonly revision: bigint;
  readonly pageSize: number;
  readonly sinceSecond: number;
}

const arbitraryQuery: fc.Arbitrary<Query> = fc.record({
  identity: fc.constantFrom(people.owner, people.owner, people.owner, people.member, stranger),
  group: fc.constantFrom("team", "team", "team", "", "secret-1", "nothing"),
  kind: fc.constantFrom("", "", "group", "group_member", "pool", "nonsense"),
  key: fc.constantFrom("", "", "team", "secret-1", `team ${names[0]}`, `secret-1 ${names[0]}`, "p"),
  author: fc.constantFrom("", "", people.root, people.auditor),
  revision: fc.bigInt({ min: 0n, max: 14n }),
  pageSize: fc.constantFrom(0, 1, 1, 2, 1000),
  sinceSecond: fc.integer({ min: -1, max: 14 }),
});

/** Makes a world of the steps. Its database has the ids, keys and times of the other one. */
async function openWorld(steps: readonly Step[], which: 0 | 1): Promise<LogBench> {
  const storage = await open();
  await sql`
    update database set database_id = '01234567-89ab-cdef-0123-456789abcdef',
      token_key = decode(repeat('07', 32), 'hex')
  `.execute(storage.db);
  const log = await attachTestLog(storage);
  await log.setGroups(usualGroups);
  const bench = await openLogBench(log, [people.owner, people.member, stranger]);
  let count = 0;
  for (const { team, hidden } of steps) {
    count += 1;
    // Every step is a change in both worlds: how many there are is told by every revision token.
    const always = makeGroup("counter", { description: `${count} in ${which}` });
    if (team !== undefined) {
      const edited = makeGroup("team", { owners: "owners", ...team });
      await log.editGroups([edited, always, ...hidden[which]], { reason: "visible" });
    } else if (which === 0) {
      const by = { author: people.auditor, reason: "hidden" };
      await log.editGroups([always, ...hidden[which]], by);
    } else {
      const pool = `pools: [{ name: p, realm: "p:r${count}" }]`;
      await log.apply(pool, { source: "secret", reason: "as hidden" });
    }
  }
  await sql`
    update change set at = '2026-01-01T00:00:00Z'::timestamptz + revision * interval '1 second'
  `.execute(storage.db);
  return bench;
}

/** All answers to a query, of as many pages as there are. */
async function askLog(bench: LogBench, query: Query): Promise<readonly string[]> {
  const { identity, group, kind, key, author, revision, pageSize } = query;
  const since = timestampFromDate(new Date(Date.UTC(2026, 0, 1) + query.sinceSecond * 1000));
  const wire = bench.wires[Number(revision) % bench.wires.length] ?? assert.fail();
  const replies: Reply[] = [];
  const { listChanges, getChange } = ChangeService.method;
  const list = { group, kind, key, author, pageSize, ...(query.sinceSecond >= 0 && { since }) };
  for (let pageToken = "", pages = 0; pages === 0 || pageToken !== ""; pages += 1) {
    const reply = await bench.askAs(identity, listChanges, { ...list, pageToken }, wire);
    replies.push(reply);
    pageToken = nextPageOf(reply);
  }
  for (let pageToken = "", pages = 0; pages === 0 || pageToken !== ""; pages += 1) {
    const get = { revision, group, pageSize, pageToken };
    const reply = await bench.askAs(identity, getChange, get, wire);
    replies.push(reply);
    pageToken = nextPageOf(reply);
  }
  const consistency = { requirement: { case: "atExactRevision" as const, value: revision } };
  const check = { permission: "swarming.servers.peek", consistency };
  replies.push(await bench.askAs(identity, AclService.method.checkServerPerm, check, wire));
  const read = { name: group, consistency };
  replies.push(await bench.askAs(identity, GroupService.method.getGroup, read, wire));
  return replies.map(textOf);
}

function nextPageOf({ response }: Reply): string {
  const { nextPageToken = "" } = (response ?? {}) as { readonly nextPageToken?: string };
  return nextPageToken;
}

/** An answer without its date, and revision tokens without hashes: these are of everything, and salted. */
function textOf(reply: Reply): string {
  const headers = [...reply.metadataOfCall].filter(
    // Packed, an answer is as long as the random bytes of its token make it.
    ([name]) => name !== "date" && name !== "x-request-id" && name !== "content-length",
  );
  const text = JSON.stringify({ ...reply, metadataOfCall: headers });
  return text.replace(/[\w-]{44}/g, (token) =>
    Buffer.from(token, "base64url").subarray(0, 25).toString("base64url"),
  );
}

function count(tally: Map<string, number>, answer: string): void {
  const { code, reason } = JSON.parse(answer) as Reply;
  const brief = `${code} ${reason}`.trim();
  tally.set(brief, (tally.get(brief) ?? 0) + 1);
}

describe("the log", () => {
  it("gives the same bytes in two worlds that differ where the asker may not look", async () => {
    const tally = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryStep, { minLength: 3, maxLength: 8 }),
        fc.array(arbitraryQuery, { minLength: 40, maxLength: 40 }),
        async (steps, queries) => {
          const worlds = [await openWorld(steps, 0), await openWorld(steps, 1)] as const;
          try {
            for (const query of queries) {
              const [one, two] = [await askLog(worlds[0], query), await askLog(worlds[1], query)];
              assert.deepEqual(one, two);
              for (const answer of one) count(tally, answer);
            }
          } finally {
            for (const world of worlds) await world.close();
            for (const { log } of worlds) await log.storage.close();
          }
        },
      ),
      { numRuns: 6, endOnFailure: true },
    );
    for (const brief of [
      "ok",
      "permission_denied GROUP_FORBIDDEN",
      "permission_denied GROUP_REQUIRED",
      "invalid_argument INVALID_FIELD",
      "failed_precondition HISTORY_FORBIDDEN",
    ]) {
      assert.ok((tally.get(brief) ?? 0) > 5, `${brief}: ${JSON.stringify([...tally])}`);
    }
  });
});
