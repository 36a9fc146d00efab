import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createTurns, type Turns } from "../../src/storage/turns.ts";
import { hasReason } from "../support/errors.ts";

const full = new Error("too many");
const gone = new Error("the peer went away");

/** Work that says when it was begun, and ends when it is told to. */
interface Piece {
  readonly begun: () => boolean;
  readonly end: (error?: Error) => void;
  readonly done: Promise<string>;
}

function begin(turns: Turns, name: string, signal?: AbortSignal): Piece {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let begun = false;
  const done = turns.take(() => {
    begun = true;
    return promise;
  }, signal);
  // Who awaits it later still sees it.
  done.catch(() => undefined);
  return {
    begun: () => begun,
    end: (error) => (error === undefined ? resolve(name) : reject(error)),
    done,
  };
}

const settle = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

const begunOf = (pieces: readonly Piece[]): readonly boolean[] => pieces.map((it) => it.begun());

describe("turns", () => {
  it("come one after another, in the order in which they were asked for, whatever became of those before", async () => {
    const turns = createTurns(10, () => full);
    const pieces = ["a", "b", "c"].map((name) => begin(turns, name));
    await settle();
    assert.deepEqual(begunOf(pieces), [true, false, false]);
    pieces[0]?.end(new Error("failed"));
    await assert.rejects(pieces[0]?.done ?? assert.fail(), { message: "failed" });
    await settle();
    assert.deepEqual(begunOf(pieces), [true, true, false]);
    pieces[2]?.end();
    pieces[1]?.end();
    assert.equal(await pieces[1]?.done, "b");
    assert.equal(await pieces[2]?.done, "c");
    const later = begin(turns, "d");
    later.end();
    assert.equal(await later.done, "d");
  });

  it("are refused beyond a number, which counts who works and who waits", async () => {
    const turns = createTurns(3, () => full);
    const pieces = ["a", "b", "c"].map((name) => begin(turns, name));
    const refused = begin(turns, "d");
    await assert.rejects(refused.done, full);
    pieces[0]?.end();
    await pieces[0]?.done;
    const later = begin(turns, "e");
    for (const piece of [...pieces, later]) piece.end();
    assert.equal(await later.done, "e");
    assert.deepEqual(begunOf([...pieces, refused, later]), [true, true, true, false, true]);
  });

  it("are left at once when the signal aborts, and what was not begun never is", async () => {
    const turns = createTurns(3, () => full);
    const { signal, abort } = abortable();
    const first = begin(turns, "a");
    const left = begin(turns, "b", signal);
    const last = begin(turns, "c");
    abort();
    await assert.rejects(left.done, gone);
    // Its place is free while the first still works.
    const another = begin(turns, "d");
    for (const piece of [first, last, another]) piece.end();
    assert.deepEqual(await Promise.all([first.done, last.done, another.done]), ["a", "c", "d"]);
    assert.equal(left.begun(), false);
  });

  it("are not taken by who is gone before, or just when the turn comes", async () => {
    const turns = createTurns(3, () => full);
    const { signal, abort } = abortable();
    const first = begin(turns, "a");
    const second = begin(turns, "b", signal);
    const third = begin(turns, "c");
    first.end();
    await first.done;
    abort();
    await assert.rejects(second.done, gone);
    third.end();
    assert.equal(await third.done, "c");
    const late = begin(turns, "d", signal);
    await assert.rejects(late.done, gone);
    assert.deepEqual(begunOf([second, late]), [false, false]);
  });

  it("go on to their end once the work is begun: what came of it is what is told", async () => {
    const turns = createTurns(3, () => full);
    const { signal, abort } = abortable();
    const piece = begin(turns, "a", signal);
    await settle();
    abort();
    const next = begin(turns, "b");
    await settle();
    assert.equal(next.begun(), false);
    piece.end();
    assert.equal(await piece.done, "a");
    next.end();
    assert.equal(await next.done, "b");
  });

  it("end with STORAGE_UNAVAILABLE when the signal says nothing but that it is over", async () => {
    const turns = createTurns(3, () => full);
    await assert.rejects(
      turns.take(() => assert.fail(), AbortSignal.abort()),
      hasReason("STORAGE_UNAVAILABLE"),
    );
  });
});

function abortable(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(gone) };
}
