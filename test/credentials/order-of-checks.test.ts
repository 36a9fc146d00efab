import assert from "node:assert/strict";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { describe, it } from "node:test";
import { loadedLookUps } from "../../src/credentials/record-reader.ts";
import { unknownAtOnce } from "../../src/credentials/source-limiter.ts";
import type { Inquiry } from "../../src/credentials/identifier.ts";
import type {
  BotSubject,
  CredentialRecord,
  TaskSubject,
} from "../../src/domain/credential/subject.ts";
import { load, unknownToken } from "./support/load.ts";
import { memoryWorld, wordOf, type MemoryWorld } from "./support/memory-database.ts";
import { bot, noon, record, task, tokenOf } from "./support/records.ts";

interface Shown {
  token: string;
  record: CredentialRecord | undefined;
  inquiry: Partial<Inquiry>;
  /** Whether the source has had too many unknown ones looked up, and many look-ups of others wait. */
  exhausted: boolean;
}

interface Fault {
  readonly number: number;
  /** The verdict of a session, and of a task if that is another one. */
  readonly session: string;
  readonly task?: string;
  readonly make: (shown: Shown) => void;
}

const change =
  (changes: Partial<CredentialRecord>) =>
  (shown: Shown): void => {
    if (shown.record !== undefined) shown.record = { ...shown.record, ...changes };
  };
const changeSubject =
  (changes: Partial<BotSubject> | Partial<TaskSubject>) =>
  (shown: Shown): void => {
    if (shown.record === undefined) return;
    shown.record = { ...shown.record, subject: { ...shown.record.subject, ...changes } as never };
  };

// credentials.md c.7, each check with every way in which it fails. The first is that there is one credential; that is tested
// where headers are read, and the gate of writes where writes are.
const faults: readonly Fault[] = [
  {
    ...{ number: 3, session: "refused malformed" },
    make: (shown) => void (shown.token = `${shown.token.slice(0, -1)}!`),
  },
  {
    ...{ number: 3, session: "refused wrong_kind" },
    make: (shown) => void (shown.inquiry = { ...shown.inquiry, accepts: new Set(["boot"]) }),
  },
  { number: 4, session: "too_many", make: (shown) => void (shown.exhausted = true) },
  { number: 5, session: "refused unknown", make: (shown) => void (shown.record = undefined) },
  {
    ...{ number: 6, session: "refused wrong_secret" },
    make: change({ secretHash: "00".repeat(32) }),
  },
  { number: 7, session: "refused not_yet_valid", make: change({ notBefore: noon + 120_000 }) },
  { number: 7, session: "refused expired", make: change({ expiresAt: noon }) },
  { number: 8, session: "refused revoked", make: change({ revokedAt: noon - 1 }) },
  { number: 8, session: "refused used_up", make: change({ usedAt: noon - 1 }) },
  { number: 9, session: "refused audience", make: change({ audiences: ["cache"] }) },
  {
    ...{ number: 10, session: "mismatch" },
    make: (shown) =>
      void (shown.inquiry = { ...shown.inquiry, targetSubject: "task:other" as never }),
  },
  { number: 11, session: "refused subject_gone", make: changeSubject({ deleted: true }) },
  { number: 12, session: "refused generation", make: change({ generation: 1 }) },
  {
    ...{ number: 13, session: "refused realm_gone", task: "not_active realm_gone" },
    make: changeSubject({ realm: "acme:gone" }),
  },
  {
    ...{ number: 14, session: "refused state", task: "not_active state" },
    make: (shown) => {
      if (shown.record?.kind === "task") changeSubject({ state: "failed" })(shown);
      else changeSubject({ runnerState: "failed" })(shown);
    },
  },
  {
    number: 15,
    session: "lacks",
    make: (shown) =>
      void (shown.inquiry = { ...shown.inquiry, wantPermission: "swarming.tasks.get" }),
  },
];

// A fault that only one of the kinds can have stands where it belongs.
const epoch: Fault = { number: 14, session: "refused epoch", make: change({ epoch: 1n }) };

// Nothing is read in it, so that one serves all.
let exhausted: Promise<MemoryWorld> | undefined;

async function exhaustedWorld(): Promise<MemoryWorld> {
  const world = memoryWorld();
  await world.poll();
  for (let count = 0; count < unknownAtOnce; count += 1) await world.ask(unknownToken(count));
  await load(world, loadedLookUps);
  return world;
}

async function freshWorld(): Promise<MemoryWorld> {
  const world = memoryWorld();
  await world.poll();
  return world;
}

async function verdictOf(kind: "session" | "task", made: readonly Fault[]): Promise<string> {
  const good = record(kind, { subject: kind === "task" ? task() : bot() });
  const shown: Shown = { token: tokenOf(good), record: good, inquiry: {}, exhausted: false };
  for (const { make } of made) make(shown);
  const world = await (shown.exhausted ? (exhausted ??= exhaustedWorld()) : freshWorld());
  world.records.clear();
  if (shown.record !== undefined) world.records.set(shown.record.id, shown.record);
  return wordOf(await world.ask(shown.token, shown.inquiry));
}

describe("the order of checks", () => {
  for (const kind of ["session", "task"] as const) {
    const all = kind === "task" ? faults : faults.toSpliced(-1, 0, epoch);
    const expected = (fault: Fault): string =>
      kind === "task" ? (fault.task ?? fault.session) : fault.session;

    it(`finds nothing wrong with a good ${kind} token, and each fault by itself`, async () => {
      assert.equal(await verdictOf(kind, []), "good all");
      for (const fault of all) {
        assert.equal(await verdictOf(kind, [fault]), expected(fault));
      }
    });

    for (const [index, first] of all.entries()) {
      const second = all[index + 1];
      if (second === undefined) continue;
      it(`of a ${kind}: ${first.session} (${first.number}) comes before ${second.session} (${second.number})`, async () => {
        assert.equal(await verdictOf(kind, [first, second]), expected(first));
        assert.equal(await verdictOf(kind, [second, first]), expected(first));
      });
    }

    it(`of a ${kind}: the earlier of any two faults is why`, async () => {
      for (const [index, first] of all.entries()) {
        for (const second of all.slice(index + 1)) {
          const word = await verdictOf(kind, [first, second]);
          assert.equal(word, expected(first), `${first.session}, ${second.session}`);
        }
      }
    });
  }

  it("has them by number", () => {
    const numbers = faults.map(({ number }) => number);
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
    assert.deepEqual([...new Set(numbers)], [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  });
});

describe("the work of a refusal", () => {
  /** How many hashes and comparisons something takes. */
  async function workOf(use: () => Promise<unknown>): Promise<readonly number[]> {
    const counts = { hash: 0, timingSafeEqual: 0 };
    const { hash, timingSafeEqual } = crypto;
    Object.assign(crypto, {
      hash: (...given: Parameters<typeof hash>) => ((counts.hash += 1), hash(...given)),
      timingSafeEqual: (...given: Parameters<typeof timingSafeEqual>) => (
        (counts.timingSafeEqual += 1),
        timingSafeEqual(...given)
      ),
    });
    syncBuiltinESMExports();
    try {
      await use();
    } finally {
      Object.assign(crypto, { hash, timingSafeEqual });
      syncBuiltinESMExports();
    }
    return [counts.hash, counts.timingSafeEqual];
  }

  it("U12 is the same for an unknown id, a wrong secret, one that was wiped, and another kind than the token says", async () => {
    const good = record("session");
    const cases: Readonly<Record<string, readonly [CredentialRecord | undefined, string]>> = {
      "refused unknown": [undefined, tokenOf(good)],
      "refused wrong_secret": [good, tokenOf(good, "x".repeat(43))],
      wiped: [{ ...good, secretHash: undefined }, tokenOf(good)],
      "refused wrong_kind": [record("boot"), tokenOf(good)],
    };
    for (const [word, [stored, token]] of Object.entries(cases)) {
      const world = memoryWorld();
      if (stored !== undefined) world.records.set(stored.id, stored);
      const expected = word === "wiped" ? "refused wrong_secret" : word;
      // By a read, and again from memory.
      for (const how of ["read", "memory"]) {
        const work = await workOf(async () => {
          assert.equal(wordOf(await world.ask(token)), expected, `${word} by ${how}`);
        });
        assert.deepEqual(work, [1, 1], `${word} by ${how}`);
      }
      assert.equal(world.reads.length, 1);
      await world.identifier.close();
    }
  });

  it("U40 U51 garbage and kinds that are not accepted are looked up nowhere", async () => {
    const world = memoryWorld();
    const good = record("session");
    world.records.set(good.id, good);
    const token = tokenOf(good);
    const bad = [
      ...["", "x", "fg1_", `${token}x`, `fg1_${"x".repeat(60)}`],
      ...["x".repeat(31), "x".repeat(513), `${"x".repeat(40)}\u00e9`, `${"x".repeat(40)} `],
      `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`,
    ];
    for (const text of bad) assert.equal(wordOf(await world.ask(text)), "refused malformed", text);
    const others = new Set(["boot", "task", "resume"] as const);
    assert.equal(wordOf(await world.ask(token, { accepts: others })), "refused wrong_kind");
    const noTask = { accepts: new Set(["session"] as const) };
    assert.equal(wordOf(await world.ask("x".repeat(40), noTask)), "refused wrong_kind");
    assert.equal(wordOf(world.askNow("x".repeat(40), noTask)), "refused wrong_kind");
    assert.deepEqual(world.reads, []);
    await world.identifier.close();
  });
});
