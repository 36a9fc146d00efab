import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freshMs } from "../../src/credentials/create-identifier.ts";
import { chooseSeed } from "../conformance/support/tally.ts";
import { useDatabase } from "../support/database.ts";
import { createRandom, type Random } from "../support/fleets/random.ts";
import { testIdentifier, type TestIdentifier } from "./support/identifier.ts";
import { change, revoke, store, type Stored } from "./support/stored.ts";

/** The clock of the identifiers goes so many times as fast as the real one: their two seconds are 200 ms. */
const haste = 10;
const boundMs = freshMs / haste;

/** So many answers of each token must have come before it is revoked, and so many must have been asked for after the bound. */
const enough = 5;

interface Seen {
  readonly askedAt: number;
  readonly answeredAt: number;
  readonly word: string;
  readonly strict: boolean;
}

describe("revoking while tokens are looked up", () => {
  const open = useDatabase();

  it("U22 U23 no answer is good that was asked for later than the bound after the revocation, however long reads are under way", async (context) => {
    const seed = chooseSeed(context);
    // Everybody draws from numbers of their own, so that all wait as long again when it is repeated, whoever comes first.
    const drawsOf = (who: number): Random => createRandom(seed + who);
    const storage = await open({ poolSize: 20 });
    // What reads bring is late, often by more than the log is.
    const slow = ({ chance, int }: Random) => {
      return async (what: string): Promise<void> => {
        if (what === "credentials" && chance(80)) await sleep(30 + int(150));
      };
    };
    const replicas = [0, 1].map((who): TestIdentifier => {
      const replica = testIdentifier(storage, { now: () => performance.now() * haste });
      replica.hooks.after = slow(drawsOf(who));
      return replica;
    });
    for (const { identifier } of replicas) await identifier.start();
    const polling = setInterval(() => {
      for (const { identifier } of replicas) identifier.nudge();
    }, 10);

    const seen = new Map<string, Seen[]>();
    const revoked = new Map<string, { readonly from: number; readonly to: number }>();

    async function ask({ ask }: TestIdentifier, { id, token }: Stored, strict: boolean) {
      const askedAt = performance.now();
      const verdict = await ask(token, { freshness: strict ? "strict" : "bounded" });
      const word = "why" in verdict ? verdict.why : verdict.kind;
      seen.get(id)?.push({ askedAt, answeredAt: performance.now(), word, strict });
    }

    // However slow the machine is: what is asserted of too few answers would say nothing.
    const until = async (answers: readonly Seen[], counts: (one: Seen) => boolean) => {
      while (answers.filter(counts).length < enough) await sleep(5);
    };

    async function lane(index: number): Promise<void> {
      const stored = await store(storage, "session");
      const answers: Seen[] = [];
      seen.set(stored.id, answers);
      const state = { over: false };
      const { int } = drawsOf(10 * (index + 1));
      const readers = replicas.flatMap((replica, which) =>
        [0, 1].map(async (who) => {
          const { chance, int } = drawsOf(10 * (index + 1) + 1 + 2 * which + who);
          while (!state.over) {
            // A strict answer puts right what is in memory, so not in every lane.
            await ask(replica, stored, index % 4 === 1 && chance(10));
            await sleep(int(8));
          }
        }),
      );
      // Changes that take nothing away: each has what is in memory read again.
      for (let count = 0; count < 6; count += 1) {
        await change(storage, stored.uid, { pool: `p${count}` }, false);
        await sleep(int(40));
      }
      await until(answers, () => true);
      const from = performance.now();
      await revoke(storage, stored);
      const to = performance.now();
      revoked.set(stored.id, { from, to });
      const [own] = replicas;
      if (index % 2 === 0 && own !== undefined) {
        await own.identifier.makeKnown([stored.uid]);
        // Its own write is not behind any bound.
        const verdict = await own.ask(stored.token);
        assert.equal("why" in verdict ? verdict.why : verdict.kind, "revoked");
      }
      await sleep(3 * boundMs);
      await until(answers, ({ askedAt }) => askedAt > to + boundMs);
      state.over = true;
      await Promise.all(readers);
    }

    await Promise.all(
      Array.from({ length: 24 }, async (_, index) => {
        await sleep(index * 15);
        await lane(index);
      }),
    );
    clearInterval(polling);

    for (const [id, answers] of seen) {
      const { from, to } = revoked.get(id) ?? { from: Infinity, to: Infinity };
      for (const { askedAt, answeredAt, word, strict } of answers) {
        if (answeredAt < from) assert.equal(word, "good", "before it was revoked, a token is good");
        if (askedAt > to + (strict ? 0 : boundMs)) {
          const message = `${strict ? "strict, " : ""}${askedAt - to} ms after it was revoked`;
          assert.equal(word, "revoked", message);
        }
      }
    }
  });
});
