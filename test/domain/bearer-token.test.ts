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

// The grammar as a pattern and the checksum bit by bit: what a token is, said as plainly as can be.
function parseBySpec(text: string): unknown {
  const parts = /^fg1_(ak)_([A-Za-z0-9_-]{16})_([A-Za-z0-9_-]{43})_([A-Za-z0-9_-]{6})$/.exec(text);
  if (parts === null) return undefined;
  let crc = 0xffffffffn;
  for (const byte of Buffer.from(text.slice(0, 67), "latin1")) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >> 1n) ^ ((crc & 1n) === 1n ? 0xedb88320n : 0n);
  }
  crc ^= 0xffffffffn;
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const digits = Array.from(
    { length: 6 },
    (_, at) => alphabet[Number((crc >> BigInt(6 * at)) & 63n)],
  );
  const [, kind, id, secret, sum] = parts;
  return digits.join("") === sum ? { kind, id, secret } : undefined;
}

describe("the one pass over a token", () => {
  const unit = fc.constantFrom(..."ABCXYZabcxyz0189-_".split(""));
  const good = fc
    .tuple(
      fc.string({ unit, minLength: 16, maxLength: 16 }),
      fc.string({ unit, minLength: 43, maxLength: 43 }),
    )
    .map(([keyId, hidden]) => formatBearerToken({ kind: "ak", id: keyId, secret: hidden }));
  // Among them characters that are a digit of base64url but for a bit, within ASCII and far outside of it.
  const odd = fc.constantFrom(..."+/=.~ \t\n\0\u007f\u00c1\u0141\u2041\uff21é漢😀\ud800".split(""));
  const spoilt = fc
    .tuple(good, fc.nat(73), fc.oneof(odd, unit, fc.constant("")))
    .map(([token, at, character]) => token.slice(0, at) + character + token.slice(at + 1));
  const shifted = fc
    .tuple(good, fc.integer({ min: -3, max: 3 }))
    .map(([token, by]) => (by < 0 ? token.slice(-by) : token + token.slice(0, by)));
  const texts = fc.oneof(good, spoilt, shifted, fc.string({ unit, minLength: 74, maxLength: 74 }));

  it("finds what the grammar and the checksum say, wherever in a text it starts", () => {
    fc.assert(
      fc.property(texts, fc.string({ maxLength: 9 }), (token, before) => {
        assert.deepEqual(parseBearerToken(token), parseBySpec(token));
        assert.deepEqual(parseBearerToken(before + token, before.length), parseBySpec(token));
      }),
      { numRuns: 500 },
    );
  });
});
