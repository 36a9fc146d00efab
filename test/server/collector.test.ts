import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { promisify } from "node:util";

// Everything that the line makes is kept, so V8 comes to think that it had better be made old.
const program = `
  const make = () => [{}];
  const kept = [];
  for (let index = 0; index < 1e6; index += 1) kept.push(make());
`;

describe("keepGarbageYoung", { timeout: 30_000 }, () => {
  it("has V8 make nothing old from the start", async () => {
    const path = new URL("../../src/server/collector.ts", import.meta.url).href;
    const call = `(await import(${JSON.stringify(path)})).keepGarbageYoung();`;
    assert.match(await run(program), /=> (?:maybe )?tenure/);
    assert.doesNotMatch(await run(call + program), /=> (?:maybe )?tenure/);
  });
});

async function run(code: string): Promise<string> {
  const args = ["--trace-pretenuring-statistics", "--input-type=module", "-e", code];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
  return stdout;
}
