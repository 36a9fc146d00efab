import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { createFleetgate, isUnavailable } from "../../../src/client/node/index.ts";
import { startFake } from "../support/fake-server.ts";

const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill("SIGKILL");
});

async function startProcess(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const file = join(import.meta.dirname, "..", "support", "server-process.ts");
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  return { child, url: chunk.toString().trim() };
}

describe("servers that are killed", () => {
  it("are left for those that live, and no call fails", async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const client = createFleetgate({ endpoints: [a.url, b.url], deadlineMs: 30_000 });
    const first = await client.acl.checkServerPerm({});
    assert.equal(first.revisionToken, `of ${a.child.pid}`);
    const calls = Array.from({ length: 50 }, () => client.acl.checkServerPerm({}));
    a.child.kill("SIGKILL");
    await once(a.child, "exit");
    const later = Array.from({ length: 50 }, () => client.acl.checkServerPerm({}));
    const answers = await Promise.all([...calls, ...later]);
    assert.equal(answers.at(-1)?.revisionToken, `of ${b.child.pid}`);
    b.child.kill("SIGKILL");
    await once(b.child, "exit");
    const error: unknown = await client.acl.checkServerPerm({}).catch((thrown: unknown) => thrown);
    assert.ok(isUnavailable(error));
    await client.close();
  });

  it("that stand still are left too, also on a connection that is open already", async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const client = createFleetgate({ endpoints: [a.url, b.url], deadlineMs: 8000 });
    await client.acl.checkServerPerm({});
    a.child.kill("SIGSTOP");
    const answer = await client.acl.checkServerPerm({});
    assert.equal(answer.revisionToken, `of ${b.child.pid}`);
    await client.close();
  });
});

/** Runs a program that uses a client of `url`, and says what it wrote once it has ended by itself. */
async function runProgram(url: string, body: string): Promise<string> {
  const index = new URL("../../../src/client/node/index.ts", import.meta.url).href;
  const program = `
    import { createFleetgate } from ${JSON.stringify(index)};
    const client = createFleetgate({ endpoints: [${JSON.stringify(url)}] });
    ${body}
  `;
  const args = ["--input-type=module", "--eval", program];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return `${output.trim()} exit ${code}`;
}

describe("a process with a client", () => {
  it("ends by itself while the connection is idle, without close", async () => {
    const server = await startFake();
    const told = await runProgram(
      server.url,
      "console.log((await client.acl.checkServerPerm({})).revisionToken);",
    );
    assert.equal(told, "token exit 0");
  });

  it("waits for the calls that are open", async () => {
    let calls = 0;
    const server = await startFake(async () => {
      calls += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return calls === 1 ? server.sessions()[0]?.destroy() : "second";
    });
    const told = await runProgram(
      server.url,
      "void client.acl.checkServerPerm({}).then((answer) => console.log(answer.revisionToken));",
    );
    assert.equal(told, "second exit 0");
  });

  it("waits for them even without a deadline", async () => {
    const server = await startFake(async () => {
      await setTimeout(100);
      return "late";
    });
    const told = await runProgram(
      server.url,
      `void client.acl.checkServerPerm({}, { timeoutMs: 0 })
         .then((answer) => console.log(answer.revisionToken));`,
    );
    assert.equal(told, "late exit 0");
  });

  it("ends by itself also when the connection was opened for a call that could not be sent", async () => {
    const server = await startFake();
    const told = await runProgram(
      server.url,
      `await client.acl.checkServerPerm({}, { headers: { connection: "keep-alive" } })
         .catch(() => console.log("not sent"));`,
    );
    assert.equal(told, "not sent exit 0");
  });

  it("does not end by an error that comes after close", async () => {
    const server = await startFake();
    const told = await runProgram(
      server.url,
      `await client.acl.checkServerPerm({});
       const call = client.acl.checkServerPerm({});
       await client.close();
       await call.catch((error) => console.log(error.code));
       await new Promise((resolve) => setTimeout(resolve, 50));`,
    );
    assert.equal(told, "1 exit 0");
  });
});
