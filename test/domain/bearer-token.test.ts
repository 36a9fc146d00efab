import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { formatBearerToken, parseBearerToken } from "../../src/domain/bearer-token.ts";

const id = "A".repeat(16);
const secret = "B".repeat(43);
// The checksum was computed by another implementation of CRC-32.
const text = `fg1_ak_${id}_${secret}_Y_pNyD`;

describe("formatBearerToken", () => {
  it("puts version, kind, id, secret and checksum into 74 characters", () => {
    assert.equal(formatBearerToken({ kind: "ak", id, secret }), text);
    assert.equal(text.length, 74);
  });
});

describe("parseBearerToken", () => {
  it("gives the parts of a token", () => {
    assert.deepEqual(parseBearerToken(text), { kind: "ak", id, secret });
  });

  it("finds its way when id and secret hold underscores", () => {
    const tricky = { kind: "ak" as const, id: "0123456789abcd-_", secret: `${"_-".repeat(21)}Z` };
    const token = `fg1_ak_${tricky.id}_${tricky.secret}_a3LWzC`;
    assert.equal(formatBearerToken(tricky), token);
    assert.deepEqual(parseBearerToken(token), tricky);
  });

  const refused: Readonly<Record<string, string>> = {
    "an empty text": "",
    "another version": text.replace("fg1", "fg2"),
    "an unknown kind": formatBearerToken({ kind: "zz" as "ak", id, secret }),
    "another checksum": text.replace(/.$/, "E"),
    "an id that is too short": formatBearerToken({ kind: "ak", id: id.slice(1), secret }),
    "a secret that is too long": formatBearerToken({ kind: "ak", id, secret: `${secret}B` }),
    "a character outside of base64url": formatBearerToken({
      kind: "ak",
      id: `+${id.slice(1)}`,
      secret,
    }),
    "a space before it": ` ${text}`,
    "a newline after it": `${text}\n`,
    "the scheme of the header": `Bearer ${text}`,
  };
  for (const [name, token] of Object.entries(refused)) {
    it(`refuses ${name}`, () => {
      assert.equal(parseBearerToken(token), undefined);
    });
  }

  it("gives back what was formatted, and refuses it with any one character changed", () => {
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".split("");
    const unit = fc.constantFrom(...digits);
    const idText = fc.string({ unit, minLength: 16, maxLength: 16 });
    const secretText = fc.string({ unit, minLength: 43, maxLength: 43 });
    fc.assert(
      fc.property(idText, secretText, fc.nat(73), unit, (keyId, hidden, position, digit) => {
        const parts = { kind: "ak" as const, id: keyId, secret: hidden };
        const good = formatBearerToken(parts);
        assert.deepEqual(parseBearerToken(good), parts);
        if (good[position] === digit) return;
        const changed = good.slice(0, position) + digit + good.slice(position + 1);
        assert.equal(parseBearerToken(changed), undefined);
      }),
    );
  });
});
