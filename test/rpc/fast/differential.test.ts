import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, before, describe, it } from "node:test";
import * as fc from "fast-check";
import { nameOf } from "../support/services.ts";
import { shownCredentials } from "./support/caller-requests.ts";
import { allowedDifferences, compare, seenDifferences } from "./support/compare.ts";
import { corpus } from "./support/corpus.ts";
import { forms, methods, type Case } from "./support/make-case.ts";
import { openTwins, type Twins } from "./support/twins.ts";

const cases = corpus();

describe("the fast path and the stock handler", () => {
  let twins: Twins;
  before(async () => {
    twins = await openTwins({ credentials: shownCredentials().area });
  });
  after(() => twins.close());

  it("answer every call by hand alike, and tell the same of it", async () => {
    const codes = new Map<string, number>();
    for (const one of cases) {
      const taken = twins.fast.rpc.fastPath.counts.taken;
      const { records } = await compare(twins, one);
      if (one.taken === true)
        assert.equal(twins.fast.rpc.fastPath.counts.taken, taken + 1, one.name);
      for (const record of records) {
        const { code } = record as { code: string };
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    }
    for (const { what } of allowedDifferences) assert.ok(seenDifferences.has(what), what);
    // That the corpus is what it is meant to be.
    for (const code of [
      "ok",
      "permission_denied",
      "unauthenticated",
      "invalid_argument",
      "failed_precondition",
      "internal",
      "unimplemented",
      "resource_exhausted",
      "canceled",
      "unknown",
    ]) {
      assert.ok((codes.get(code) ?? 0) >= 3, `${code}: ${codes.get(code)}`);
    }
    const { counts } = twins.fast.rpc.fastPath;
    assert.ok(counts.answered > cases.length / 2, "the fast path answers");
    assert.ok(counts.replayed > 100 && counts.cutOff > 5, "and leaves some to the stock handler");
    assert.equal(counts.answered + counts.replayed + counts.cutOff, counts.taken);
    assert.equal(twins.stock.rpc.fastPath.counts.taken, 0);
  });

  it("answer alike over TLS", async () => {
    const taken = twins.fast.rpc.fastPath.counts.taken;
    for (const [index, one] of cases.entries()) {
      if (index % 12 === 0) await compare(twins, one, "tls");
    }
    assert.ok(twins.fast.rpc.fastPath.counts.taken > taken + 50);
  });

  it("answer changed calls alike", async () => {
    await fc.assert(
      fc.asyncProperty(
        changedCase.filter((one) => isUnhurried(one) && isOfItsLength(one)),
        async (one) => {
          await compare(twins, one);
        },
      ),
      { numRuns: 250 },
    );
  });

  it("answer every method in every form, whatever methods there are", async () => {
    for (const form of forms) {
      for (const method of methods) {
        const path = `/${nameOf(method)}`;
        const here = cases.filter(
          (one) => one.headers[":path"] === path && one.name.startsWith(form) && one.taken === true,
        );
        assert.ok(here.length > 0, `${form} ${path}`);
      }
    }
  });
});

// Resets are left to the corpus: what is seen of one that comes after the body is a matter of luck.
const whole = cases.filter(({ end }) => typeof end !== "number");
const texts = fc.constantFrom(...new Set(whole.flatMap(({ headers }) => Object.values(headers))));
const names = fc.constantFrom(
  ...new Set(
    whole.flatMap(({ headers }) => Object.keys(headers).filter((name) => name[0] !== ":")),
  ),
);

const unitMs: Readonly<Record<string, number>> = {
  ...{ H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 0.001, n: 0.000_001 },
};

/** Whether a call has no deadline that may pass on a busy machine: of one that does, the record depends on the moment. */
function isUnhurried({ headers }: Case): boolean {
  return ["grpc-timeout", "connect-timeout-ms"].every((name) => {
    const [, digits, unit = "m"] = /^(\d+)([HMSmun])?$/.exec(String(headers[name])) ?? [];
    const ms = Number(digits) * (unitMs[unit] ?? 1);
    return !(ms > 0 && ms < 1000);
  });
}

/**
 * Whether a call brings as many bytes as it promises, if it promises any. The stream of one that does not is reset when
 * its end comes: whether a refusal upon its head goes out before that depends on how its frames fall into packets.
 */
function isOfItsLength({ headers, pieces }: Case): boolean {
  const promised = headers["content-length"];
  const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  return promised === undefined || String(promised) === String(length);
}

const changedCase: fc.Arbitrary<Case> = fc
  .record({
    base: fc.constantFrom(...whole),
    header: fc.option(fc.record({ name: names, value: texts }), { freq: 3 }),
    removed: fc.option(names, { freq: 4 }),
    edits: fc.array(
      fc.record({
        at: fc.nat(1_000_000),
        remove: fc.nat(3),
        insert: fc.uint8Array({ maxLength: 3 }),
      }),
      { maxLength: 3 },
    ),
    cuts: fc.array(fc.nat(1_000_000), { maxLength: 4 }),
    slowly: fc.boolean(),
  })
  .map(({ base, header, removed, edits, cuts, slowly }) => {
    const headers = Object.fromEntries(
      Object.entries(base.headers).filter(([name]) => name !== removed),
    );
    if (header !== null && !isShortDeadline(header)) headers[header.name] = header.value;
    let body = Buffer.concat(base.pieces);
    for (const { at, remove, insert } of edits) {
      const place = at % (body.length + 1);
      body = Buffer.concat([body.subarray(0, place), insert, body.subarray(place + remove)]);
    }
    const places = cuts.map((cut) => cut % (body.length + 1)).sort((a, b) => a - b);
    const pieces = [0, ...places].map((place, index) => body.subarray(place, places[index]));
    const end = base.end === "head" && body.length > 0 ? "stream" : base.end;
    const name = `changed: ${base.name}`;
    return { ...base, name, headers, pieces, slowly, end };
  });

// One that may pass during the call: then the record says what was first.
function isShortDeadline({
  name,
  value,
}: {
  name: string;
  value: string | readonly string[];
}): boolean {
  return name === "connect-timeout-ms" && /^\d{1,4}$/.test(String(value)) && Number(value) > 0;
}
