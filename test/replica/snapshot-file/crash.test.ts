import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openSnapshot } from "../../../src/replica/snapshot-file/open-snapshot.ts";
import { makeFolder } from "./support/folders.ts";
import { release } from "./support/states.ts";

const kills = 12;
const script = join(import.meta.dirname, "support", "write-for-ever.ts");

describe("a snapshot file whose writer is killed", () => {
  const path = join(makeFolder(), "snapshot");

  /** Lets a process write some revisions and a little more, and kills it; tells which was the last it has told of. */
  async function writeAndKill(revisions: number, delayMs: number): Promise<bigint> {
    const child = spawn(process.execPath, [script, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let last = 0n;
    const enough = Promise.withResolvers<void>();
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      last = BigInt(text.trimEnd().split("\n").at(-1) ?? "0");
      if (last >= revisions) enough.resolve();
    });
    const closed = once(child, "close");
    await Promise.race([enough.promise, closed]);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    child.kill("SIGKILL");
    await closed;
    return last;
  }

  it("is the one before or the new one, whole, wherever that was", async () => {
    for (let kill = 0; kill < kills; kill += 1) {
      const told = await writeAndKill(1 + (kill % 3), (kill * 31) % 83);
      const opened = await openSnapshot(path, {
        release,
        maxStalenessMs: 60_000,
        now: () => 10_000,
      });
      assert.ok(opened);
      const { state } = await opened.read();
      await opened.close();
      assert.equal(state.snapshot.groups.groupCount, 5000);
      // What was told was on the disk; one more may be there.
      assert.ok([told, told + 1n].includes(state.revision), `${state.revision}, ${told}`);
    }
    const others = readdirSync(join(path, "..")).filter((name) => name !== "snapshot");
    assert.ok(others.length > 0, "some were killed in the middle");
    assert.ok(others.every((name) => /^snapshot\.[0-9a-f]{16}\.tmp$/.test(name)));
  });
});
