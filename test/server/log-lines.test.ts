import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text as readAll } from "node:stream/consumers";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createLogLines } from "../../src/server/log-lines.ts";

function setUp() {
  const written: string[] = [];
  return { written, lines: createLogLines({ write: (text) => void written.push(text) }) };
}

describe("createLogLines", () => {
  it("hands over at once what must not wait, after what waits", () => {
    const { written, lines } = setUp();
    lines.writeSoon("a\n");
    lines.writeSoon("b\n");
    assert.deepEqual(written, []);
    lines.write("c\n");
    assert.deepEqual(written, ["a\nb\n", "c\n"]);
  });

  it("hands over together what came in one turn, at the end of it", async () => {
    const { written, lines } = setUp();
    lines.writeSoon("a\n");
    lines.writeSoon("b\n");
    await turn();
    assert.deepEqual(written, ["a\nb\n"]);
    lines.writeSoon("c\n");
    await turn();
    assert.deepEqual(written, ["a\nb\n", "c\n"]);
  });

  it("hands over once when told, and nothing when nothing waits", async () => {
    const { written, lines } = setUp();
    lines.flush();
    lines.writeSoon("a\n");
    lines.flush();
    await turn();
    assert.deepEqual(written, ["a\n"]);
  });

  it("lets no more than 64 KiB wait", () => {
    const { written, lines } = setUp();
    const line = `${"x".repeat(1023)}\n`;
    for (let count = 0; count < 200; count += 1) lines.writeSoon(line);
    assert.deepEqual(
      written.map(({ length }) => length),
      [65_536, 65_536, 65_536],
    );
    lines.flush();
    assert.equal(written.join("").length, 200 * 1024);
  });

  for (const [how, end] of [
    ["is told to", "process.exit(3)"],
    ["has an exception that nobody catches", "throw new Error('gone')"],
    ["has a rejection that nobody catches", "void Promise.reject(new Error('gone'))"],
    ["has nothing left to do", ""],
  ]) {
    it(`loses nothing when the process ${how}`, async () => {
      const modules = ["log", "call-log"].map(
        (name) => new URL(`../../src/server/${name}.ts`, import.meta.url).href,
      );
      const record = JSON.stringify({ code: "ok", message: "", method: "m", ms: 1, reason: "" });
      const script = `
        import { createLog } from ${JSON.stringify(modules[0])};
        import { createCallLog } from ${JSON.stringify(modules[1])};
        const calls = createCallLog(createLog({ level: "info" }), { everyCall: true });
        const texts = { protocol: "grpc", peer: "", credential: "", caller: "", permission: "" };
        for (let id = 0; id < 500; id += 1) calls.logCall({ ...${record}, ...texts, requestId: "r" + id });
        ${end};
      `;
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      const [text] = await Promise.all([readAll(child.stderr), once(child, "exit")]);
      const ids = [...text.matchAll(/"request_id":"r(\d+)"/g)].map(([, id]) => Number(id));
      assert.deepEqual(
        ids,
        Array.from({ length: 500 }, (_, id) => id),
      );
    });
  }
});
