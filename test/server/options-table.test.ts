import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  optionFlag,
  optionNames,
  optionsTable,
  optionVariable,
} from "../../src/server/options-table.ts";
import { problems, read } from "./support/read-options.ts";

describe("optionsTable", () => {
  it("has defaults that are good values", () => {
    for (const name of optionNames) {
      const { kind, preset } = optionsTable[name];
      if (preset !== undefined) assert.notEqual(kind.parse(preset), undefined, name);
    }
  });

  it("gives no flag to what may hold a secret", () => {
    assert.equal(optionFlag("database_url"), undefined);
    assert.equal(optionFlag("max_staleness"), "--max-staleness");
    assert.equal(optionVariable("database_url"), "DATABASE_URL");
    assert.equal(optionVariable("max_staleness"), "FLEETGATE_MAX_STALENESS");
  });
});

describe("the kinds of options", () => {
  const accepted: readonly (readonly [string, string])[] = [
    ["listen", "0.0.0.0:65535"],
    ["listen", "fleetgate.example.com:443"],
    ["max_staleness", "30d"],
    ["freshness_wait", "0s"],
    ["poll_interval", "100ms"],
    ["max_header_bytes", "1024"],
    ["metrics_listen", "off"],
    ["log_level", "silent"],
  ];
  for (const [name, text] of accepted) {
    it(`accept ${name} ${text}`, () => void read({ flags: { [name]: text } }));
  }

  const refused: readonly (readonly [string, string])[] = [
    ["listen", "127.0.0.1"],
    ["listen", ":8080"],
    ["listen", "127.0.0.1:65536"],
    ["listen", "::1:8080"],
    ["listen", "a b:80"],
    ["listen", "off"],
    ["max_staleness", "31d"],
    ["max_staleness", "0s"],
    ["freshness_wait", "-1s"],
    ["freshness_wait", "1.5s"],
    ["freshness_wait", "1 s"],
    ["freshness_wait", "1S"],
    ["poll_interval", "99ms"],
    ["poll_interval", "1"],
    ["max_connections", "1e3"],
    ["max_connections", "0x10"],
    ["max_connections", "-5"],
    ["max_connections", " 5"],
    ["allow_anonymous", "True"],
    ["allow_anonymous", "on"],
    ["notify", "Off"],
    ["notify", "no"],
    ["notify", "0"],
    ["log_level", "verbose"],
    ["embedded", ""],
  ];
  for (const [name, text] of refused) {
    it(`refuse ${name} ${JSON.stringify(text)}`, () => {
      assert.match(problems({ flags: { [name]: text } }).join("\n"), /^--[a-z-]+: must be /m);
    });
  }
});
