import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import * as fc from "fast-check";
import { parseTime } from "../../../src/cli/log/time-argument.ts";

describe("a time on the command line", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  const texts: readonly (readonly [text: string, iso: string | undefined])[] = [
    ["7d", "2026-02-22T12:00:00.000Z"],
    ["90m", "2026-03-01T10:30:00.000Z"],
    ["2026-01-31", "2026-01-31T00:00:00.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["2026-01-31T12:00Z", "2026-01-31T12:00:00.000Z"],
    ["2026-01-31T12:00:01.5-01:00", "2026-01-31T13:00:01.500Z"],
    ["9999999d", "0001-01-01T00:00:00.000Z"],
    ["2026-02-29", undefined],
    ["2026-02-31T12:00:00Z", undefined],
    ["2026-13-01", undefined],
    ["2026-01-31T12:00:00", undefined],
    ["2026-01-31T25:00:00Z", undefined],
    ["31.01.2026", undefined],
    ["", undefined],
    ["-7d", undefined],
  ];
  for (const [text, iso] of texts) {
    it(`${JSON.stringify(text)} is ${iso ?? "none"}`, () => {
      const time = parseTime(text, now);
      assert.equal(time === undefined ? undefined : timestampDate(time).toISOString(), iso);
    });
  }

  it("is any day of the calendar, and nothing else that looks like one", () => {
    const day = fc.date({
      min: new Date("0001-01-01"),
      max: new Date("9999-12-31"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(day, (date) => {
        const text = date.toISOString().slice(0, 10);
        const time = parseTime(text, now);
        assert.ok(time !== undefined && timestampDate(time).toISOString().startsWith(text));
      }),
    );
    fc.assert(
      fc.property(fc.nat(9999), fc.nat(99), fc.nat(99), (year, month, dayOfMonth) => {
        const text = [
          String(year).padStart(4, "0"),
          String(month).padStart(2, "0"),
          String(dayOfMonth).padStart(2, "0"),
        ].join("-");
        const last = new Date(Date.UTC(year < 100 ? year + 400 : year, month, 0)).getUTCDate();
        const isDay = month >= 1 && month <= 12 && dayOfMonth >= 1 && dayOfMonth <= last;
        assert.equal(parseTime(text, now) !== undefined, isDay, text);
      }),
    );
  });
});
