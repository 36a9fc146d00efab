import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { inspect } from "node:util";
import { Code, ConnectError } from "@connectrpc/connect";
import * as fc from "fast-check";
import { formatBearerHeader } from "../../../src/cli/header-file.ts";
import { createFleetgate, reasonOf } from "../../../src/client/node/index.ts";
import { fileCredential } from "../../../src/client/node/key-file.ts";
import { parseKeyFile } from "../../../src/client/node/parse-key-file.ts";
import { keys } from "../../rpc/support/world.ts";
import { fail, startFake } from "../support/fake-server.ts";

const folder = mkdtempSync(join(tmpdir(), "fleetgate-client-"));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function newPath(): string {
  return join(folder, `key-${(files += 1)}`);
}
function write(path: string, text: string): void {
  // As a secret is replaced with care: in one step, by another inode.
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
function keyFile(text: string): string {
  const path = newPath();
  write(path, text);
  return path;
}

const [one, two] = [keys.ann.token, keys.root.token];

describe("the text of a key file", () => {
  const good: readonly (readonly [name: string, text: string, token: string])[] = [
    ["a bare token", one, one],
    ["with a line end", `${one}\n`, one],
    ["of Windows, with a BOM", `\uFEFF${one}\r\n`, one],
    ["a header file of the CLI", formatBearerHeader(one), one],
    ["in another case, with a comment", `# of ann\n\nauthorization:  bearer ${one}\n`, one],
    ["a JWT", "eyJhbGciOiJFUzI1NiJ9.e30.c2ln", "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"],
  ];
  for (const [name, text, token] of good) {
    it(`may be ${name}`, () => assert.deepEqual(parseKeyFile(text), { token }));
  }

  const bad: readonly (readonly [name: string, text: string, problem: RegExp])[] = [
    ["empty", "\n# nothing\n", /empty/],
    ["half a key of ours", one.slice(0, 40), /line 1/],
    ["two keys", `${one}\n${two}\n`, /line 2: there is more than one/],
    ["another header", `X-Key: ${one}`, /line 1/],
    ["another scheme", `Authorization: Basic ${one}`, /line 1/],
    ["a token with a control character", `abc\x07def`, /line 1/],
  ];
  for (const [name, text, problem] of bad) {
    it(`must not be ${name}, and the problem does not quote it`, () => {
      const found = parseKeyFile(text);
      assert.ok("problem" in found);
      assert.match(found.problem, problem);
      assert.ok(!found.problem.includes(one.slice(8, 30)));
    });
  }

  it("is never more than a token that a header can carry, or a problem without it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const found = parseKeyFile(text);
        if ("token" in found) {
          const headers = new Headers({ authorization: `Bearer ${found.token}` });
          assert.equal(headers.get("authorization"), `Bearer ${found.token}`);
        } else if (text.length > 5) assert.ok(!found.problem.includes(text));
      }),
    );
  });
});

describe("a key file in use", () => {
  function open(path: string) {
    const clock = { ms: 0 };
    const warnings: string[] = [];
    const credential = fileCredential(
      path,
      (message) => warnings.push(message),
      () => clock.ms,
    );
    const later = async (): Promise<string | undefined> => {
      clock.ms += 1000;
      return credential.current();
    };
    return { credential, warnings, clock, later };
  }

  it("is looked at once a second at most", async () => {
    const path = keyFile(one);
    const { credential, clock } = open(path);
    write(path, two);
    clock.ms = 999;
    assert.equal(await credential.current(), one);
    clock.ms = 1000;
    assert.equal(await credential.current(), two);
  });

  it("is read again at once when the server refused the token", async () => {
    const path = keyFile(one);
    const { credential } = open(path);
    write(path, two);
    assert.equal(await credential.renew(one), two);
  });

  it("may be reached by a link that moves on, as Kubernetes mounts secrets", async () => {
    const [first, second, path] = [keyFile(one), keyFile(two), newPath()];
    symlinkSync(first, path);
    const { later } = open(path);
    assert.equal(await later(), one);
    unlinkSync(path);
    symlinkSync(second, path);
    assert.equal(await later(), two);
  });

  const damages: readonly (readonly [name: string, damage: (path: string) => void])[] = [
    ["has gone", unlinkSync],
    ["is empty", (path) => write(path, "")],
    ["is cut off", (path) => write(path, two.slice(0, 50))],
    ["is far too large", (path) => write(path, "#".repeat(70_000))],
  ];
  for (const [name, damage] of damages) {
    it(`that ${name} leaves the last good key in use, with one warning that names the file`, async () => {
      const path = keyFile(one);
      const { later, warnings } = open(path);
      damage(path);
      for (let second = 0; second < 3; second += 1) assert.equal(await later(), one);
      assert.equal(warnings.length, 1);
      assert.ok(warnings[0]?.includes(path));
      assert.ok(!warnings.join().includes(two.slice(8, 40)));
      write(path, two);
      assert.equal(await later(), two);
      damage(path);
      await later();
      assert.equal(warnings.length, 2);
    });
  }

  it("that is missing at the start is an error that names it and the way out", () => {
    const path = newPath();
    assert.throws(
      () => createFleetgate({ endpoints: ["http://127.0.0.1:1"], keyFile: path }),
      (error: Error) =>
        error.message.includes(path) &&
        error.message.includes("ENOENT") &&
        error.message.includes("fleetgate key create"),
    );
  });

  it("that is malformed at the start is an error that does not quote it", () => {
    const path = keyFile(`${one}x`);
    assert.throws(
      () => createFleetgate({ endpoints: ["http://127.0.0.1:1"], keyFile: path }),
      (error: Error) => error.message.includes(path) && !inspect(error).includes(one.slice(8, 40)),
    );
  });

  it("must be a file", () => {
    assert.throws(
      () => createFleetgate({ endpoints: ["http://127.0.0.1:1"], keyFile: folder }),
      /file/,
    );
  });

  const hasPipes = process.platform !== "win32";
  it("must not be a pipe, which nobody may ever write into", { skip: !hasPipes }, () => {
    const path = newPath();
    execFileSync("mkfifo", [path]);
    const module = JSON.stringify(import.meta.resolve("../../../src/client/node/index.ts"));
    const options = JSON.stringify({ endpoints: ["http://127.0.0.1:1"], keyFile: path });
    const program = `(await import(${module})).createFleetgate(${options})`;
    // In a process of its own: who waits for a pipe to be opened waits in the only thread.
    const { stderr, signal } = spawnSync(
      process.execPath,
      ["--input-type=module", "--eval", program],
      { encoding: "utf8", timeout: 20_000 },
    );
    assert.equal(signal, null, "it did not end by itself");
    assert.match(stderr, /it is no regular file/);
  });

  it("that cannot be read is an error with its code", { skip: process.getuid?.() === 0 }, () => {
    const path = keyFile(one);
    chmodSync(path, 0);
    assert.throws(
      () => createFleetgate({ endpoints: ["http://127.0.0.1:1"], keyFile: path }),
      /EACCES/,
    );
  });
});

describe("the key of a client", () => {
  it("is rotated while calls go on, and no call fails", async () => {
    let accepted = one;
    const server = await startFake((_, context) =>
      context.requestHeader.get("authorization") === `Bearer ${accepted}`
        ? "token"
        : fail("CREDENTIAL_REQUIRED"),
    );
    const path = keyFile(formatBearerHeader(one));
    const client = createFleetgate({ endpoints: [server.url], keyFile: path });
    for (const next of [two, one, two]) {
      const before = Array.from({ length: 20 }, () => client.acl.checkServerPerm({}));
      write(path, formatBearerHeader(next));
      accepted = next;
      const behind = Array.from({ length: 20 }, () => client.acl.checkServerPerm({}));
      await Promise.all([...before, ...behind]);
      assert.equal(server.bearers.at(-1), `Bearer ${next}`);
    }
    await client.close();
  });

  it("is read again after CREDENTIAL_REQUIRED, and the call is made once more", async () => {
    const path = keyFile(one);
    const server = await startFake((_, context) =>
      context.requestHeader.get("authorization") === `Bearer ${two}`
        ? "token"
        : fail("CREDENTIAL_REQUIRED"),
    );
    const client = createFleetgate({ endpoints: [server.url], keyFile: path });
    const call = client.acl.checkServerPerm({}).catch((error: unknown) => error);
    assert.equal(reasonOf(await call), "CREDENTIAL_REQUIRED");
    assert.equal(server.calls.length, 1, "an unchanged key is not sent twice");
    write(path, two);
    // Not even a write without request_id was done by who refused the key.
    await Promise.all([client.acl.checkServerPerm({}), client.config.apply({})]);
    assert.equal(server.bearers.at(-1), `Bearer ${two}`);
    await client.close();
  });

  it("may come from a function, whose failure and whose nonsense are UNAUTHENTICATED", async () => {
    const server = await startFake();
    let key: () => string | Promise<string> = () => Promise.resolve(one);
    const client = createFleetgate({ endpoints: [server.url], key: () => key() });
    await client.acl.checkServerPerm({});
    assert.deepEqual(server.bearers, [`Bearer ${one}`]);
    const failures = [
      () => Promise.reject(new Error("vault is sealed")),
      () => `${one}\nX-Admin: yes`,
      () => undefined as unknown as string,
    ];
    for (key of failures) {
      const error = await client.acl.checkServerPerm({}).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof ConnectError);
      assert.equal(error.code, Code.Unauthenticated);
      assert.ok(!inspect(error).includes(one));
    }
    assert.equal(server.calls.length, 1);
    await client.close();
  });

  it("gives way to a credential that the call brings itself", async () => {
    const server = await startFake();
    const client = createFleetgate({ endpoints: [server.url], key: () => one });
    await client.acl.checkServerPerm({}, { headers: { authorization: "Bearer own" } });
    assert.deepEqual(server.bearers, ["Bearer own"]);
    await client.close();
  });

  it("is in no rendering of the client, of its errors and of its warnings", async () => {
    const warnings: string[] = [];
    const path = keyFile(one);
    const server = await startFake(() => fail("INVALID_FIELD"));
    const client = createFleetgate({
      endpoints: [server.url],
      keyFile: path,
      onWarning: (message) => warnings.push(message),
    });
    const error: unknown = await client.acl.checkServerPerm({}).catch((thrown: unknown) => thrown);
    await server.close();
    const lost: unknown = await client.acl.checkServerPerm({}).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof ConnectError && lost instanceof ConnectError);
    const all = [client, error, lost, warnings, client.session()]
      .map((what) => inspect(what, { depth: null, showHidden: true, getters: true }))
      .join();
    assert.ok(!all.includes(one.slice(8)));
    assert.ok(!JSON.stringify([client, error, lost]).includes(one.slice(8)));
    await client.close();
  });
});
