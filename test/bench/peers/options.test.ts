import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { UsageError } from "../../../bench/options.ts";
import { help, readPeersOptions } from "../../../bench/peers/options.ts";

const folder = mkdtempSync(join(tmpdir(), "fleetgate-peers-options-"));
after(() => rmSync(folder, { recursive: true }));

function fileOf(content: unknown): string {
  const path = join(folder, "variants.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("readPeersOptions", () => {
  test("compares everything unless told otherwise, and names all of it in its help", () => {
    const { selection, variants } = readPeersOptions([]);
    assert.deepEqual(variants, []);
    const text = help();
    for (const { id } of selection.rows) assert.ok(text.includes(id), id);
    for (const section of selection.sections) assert.ok(text.includes(section), section);
  });

  test("makes a row of another Node or other flags, beside those that are named", () => {
    const { selection, variants } = readPeersOptions([
      ...["--only", "bare", "--node", "/opt/node", "--node-flags=--a  --b=1"],
    ]);
    assert.deepEqual(variants, [
      { name: "variant", node: "/opt/node", nodeFlags: ["--a", "--b=1"] },
    ]);
    assert.deepEqual(
      selection.rows.map(({ id }) => id),
      ["bare", "ours-variant"],
    );
  });

  test("reads variants from a file", () => {
    const path = fileOf([
      { name: "n22", node: "/n22" },
      { name: "semi", flags: ["--x"] },
    ]);
    const { selection } = readPeersOptions(["--variants", path]);
    const ids = selection.rows.map(({ id }) => id);
    assert.ok(ids.includes("ours-n22") && ids.includes("ours-semi"));
  });

  for (const content of [
    "{",
    {},
    [{}],
    [{ name: "a b" }],
    [{ name: "a", flags: "--x" }],
    [{ name: "a", node: 22 }],
    [{ name: "a" }, { name: "a" }],
    [{ name: "log" }],
  ]) {
    test(`refuses the variants ${JSON.stringify(content)}`, () => {
      assert.throws(() => readPeersOptions(["--variants", fileOf(content)]), UsageError);
    });
  }

  for (const args of [["--only", "fast"], ["--seed", "x"], ["--variants", "/no/file"], ["more"]]) {
    test(`refuses ${args.join(" ")}`, () => {
      assert.throws(() => readPeersOptions(args), UsageError);
    });
  }
});
