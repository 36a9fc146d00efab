import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createTextSlots } from "../../src/engine/text-slots.ts";

describe("slots of texts", () => {
  it("look at hardly any text but the one that is meant", () => {
    const texts: string[] = [];
    let looks = 0;
    const slots = createTextSlots((number, text) => {
      looks += 1;
      return texts[number] === text;
    });
    for (let number = 0; number < 20_000; number += 1) {
      const text = `user:u${number}@example.com`;
      assert.equal(slots.find(text), -1);
      slots.add(text);
      texts.push(text);
    }
    looks = 0;
    for (const [number, text] of texts.entries()) assert.equal(slots.find(text), number);
    // One text each, and of the others one in tens of thousands has the same bits in its slot.
    assert.ok(looks < 20_200, `${looks} looks`);
    assert.equal(slots.count(), 20_000);
  });

  it("go on after what was meant for more was given back", () => {
    const texts: string[] = [];
    const slots = createTextSlots((number, text) => texts[number] === text);
    for (let number = 0; number < 1_000; number += 1) {
      slots.trim();
      slots.add(`t${number}`);
      texts.push(`t${number}`);
    }
    for (const [number, text] of texts.entries()) assert.equal(slots.find(text), number);
  });
});
