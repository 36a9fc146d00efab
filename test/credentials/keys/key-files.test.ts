import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { inspect } from "node:util";
import {
  maxHeldKeys,
  parseKeyText,
  type HeldKeys,
} from "../../../src/credentials/keys/held-key.ts";
import { makeKeys } from "../../../src/credentials/keys/make-keys.ts";
import { parseKeyList } from "../../../src/credentials/keys/parse-key-list.ts";
import { readKeyDirectory } from "../../../src/credentials/keys/read-key-directory.ts";

const made: string[] = [];
after(() => made.forEach((path) => rmSync(path, { recursive: true, force: true })));

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "fleetgate-keys-"));
  made.push(path);
  return path;
}

function put(path: string, name: string, text: string, mode = 0o600): void {
  writeFileSync(join(path, name), text, { mode });
  chmodSync(join(path, name), mode);
}

function material(keys: HeldKeys, name: string): string | undefined {
  return new Map<string, { secret: { export(): Buffer } }>(keys)
    .get(name)
    ?.secret.export()
    .toString("hex");
}

const fresh = (size = 32): Buffer => randomBytes(size);

describe("the text of a key", () => {
  it("is 32 to 64 bytes in base64, base64url or hexadecimal, spaces around it aside", () => {
    for (const size of [32, 33, 48, 64]) {
      const bytes = fresh(size);
      for (const encoding of ["base64", "base64url", "hex"] as const) {
        const text = `\n ${bytes.toString(encoding)} \r\n`;
        assert.deepEqual(parseKeyText(text)?.export(), bytes, `${size} ${encoding}`);
      }
      const upper = bytes.toString("hex").toUpperCase();
      assert.deepEqual(parseKeyText(upper)?.export(), bytes);
    }
  });

  it("is nothing shorter, longer, of zeros, or of other characters", () => {
    const good = fresh().toString("base64");
    for (const text of [
      "",
      fresh(31).toString("base64"),
      fresh(65).toString("base64"),
      Buffer.alloc(32).toString("base64"),
      "ab".repeat(32),
      `${good.slice(0, 20)} ${good.slice(20)}`,
      `${good}!`,
      `+_${good}`,
      "-----BEGIN PRIVATE KEY-----",
    ]) {
      assert.equal(parseKeyText(text), undefined, text);
    }
  });
});

describe("a directory of keys", () => {
  it("has a key in each file <purpose>-<key id>.key, and other files are left alone", async () => {
    const path = directory();
    const bytes = fresh();
    put(path, "url-k1.key", bytes.toString("base64"));
    put(path, "assertion-2026-11.key", fresh().toString("hex"));
    put(path, "lookup-k-1.key", fresh().toString("base64url"), 0o400);
    put(path, "README", "nothing");
    const { keys, problems } = await readKeyDirectory(path);
    assert.deepEqual(problems, []);
    assert.deepEqual([...keys.keys()], ["assertion/2026-11", "lookup/k-1", "url/k1"]);
    assert.equal(material(keys, "url/k1"), bytes.toString("hex"));
  });

  it("A32: refuses a file that others may read, and says what to do; never what is in it", async () => {
    const path = directory();
    const secret = fresh().toString("base64");
    for (const mode of [0o640, 0o604, 0o620, 0o644, 0o601]) {
      put(path, "url-k1.key", secret, mode);
      const { keys, problems } = await readKeyDirectory(path);
      assert.equal(keys.size, 0);
      assert.match(problems.join(), /^"url-k1\.key": other users may .* chmod 600/);
    }
    put(path, "url-k1.key", `${secret}${secret}${secret}`, 0o600);
    const { problems } = await readKeyDirectory(path);
    assert.match(problems.join(), /must hold 32 to 64 random bytes/);
    assert.ok(!problems.join().includes(secret.slice(0, 8)));
  });

  it("refuses names that are none, one material twice, too many keys, and a directory that is not there", async () => {
    const path = directory();
    const text = fresh().toString("hex");
    for (const name of [
      "k1.key",
      "sign-k1.key",
      "url-K1.key",
      "url-.key",
      `url-${"a".repeat(33)}.key`,
    ]) {
      put(path, name, text);
      const { problems } = await readKeyDirectory(path);
      assert.match(problems.join(), /must be called <purpose>-<key id>\.key/, name);
      rmSync(join(path, name));
    }
    put(path, "url-k1.key", text);
    put(path, "assertion-k1.key", text);
    const twice = await readKeyDirectory(path);
    assert.match(twice.problems.join(), /"?url\/k1"?: is the same as/);
    assert.equal(twice.keys.size, 0);
    for (let index = 0; index <= maxHeldKeys; index += 1) {
      put(path, `lookup-k${index}.key`, fresh().toString("hex"));
    }
    put(path, "assertion-k1.key", fresh().toString("hex"));
    const many = await readKeyDirectory(path);
    assert.match(many.problems.join(), /more than 32 keys/);
    const missing = await readKeyDirectory(join(path, "none"));
    assert.match(missing.problems.join(), /cannot be read: ENOENT/);
  });

  it("keeps the key of a file that broke, and of all when it cannot be read at all", async () => {
    const path = directory();
    put(path, "url-k1.key", fresh().toString("hex"));
    put(path, "url-k2.key", fresh().toString("hex"));
    const { keys: before } = await readKeyDirectory(path);
    put(path, "url-k1.key", "");
    const next = fresh();
    put(path, "url-k2.key", next.toString("hex"));
    put(path, "url-k3.key", "half");
    const after = await readKeyDirectory(path, before);
    assert.equal(after.problems.length, 2);
    assert.equal(material(after.keys, "url/k1"), material(before, "url/k1"));
    assert.equal(material(after.keys, "url/k2"), next.toString("hex"));
    assert.equal(after.keys.size, 2);
    rmSync(join(path, "url-k1.key"));
    assert.deepEqual([...(await readKeyDirectory(path, after.keys)).keys.keys()], ["url/k2"]);
    rmSync(path, { recursive: true });
    assert.equal((await readKeyDirectory(path, after.keys)).keys, after.keys);
  });
});

describe("keys of an embedded database", () => {
  it("A32: are made once, for their owner alone, and used again after a restart", async () => {
    const path = join(directory(), "keys");
    makeKeys(path, randomBytes);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    const files = readdirSync(path).sort();
    assert.deepEqual(files, ["assertion-k1.key", "lookup-k1.key", "url-k1.key"]);
    for (const file of files) assert.equal(statSync(join(path, file)).mode & 0o777, 0o600);
    const first = await readKeyDirectory(path);
    assert.deepEqual(first.problems, []);
    makeKeys(path, randomBytes);
    const second = await readKeyDirectory(path);
    for (const name of first.keys.keys()) {
      assert.equal(material(second.keys, name), material(first.keys, name));
    }
    assert.equal(second.keys.size, 3);
  });
});

describe("a list of keys", () => {
  const text = (): string => fresh().toString("base64");

  it("has spaces or commas between its items", () => {
    const list = ` url/k1:${text()},assertion/k1:${text()}\n lookup/k-2:${text()} `;
    assert.deepEqual(
      [...(parseKeyList(list)?.keys() ?? [])],
      ["url/k1", "assertion/k1", "lookup/k-2"],
    );
  });

  it("is refused whole for one bad item, a key twice, one material twice, or none", () => {
    const good = `url/k1:${text()}`;
    const same = text();
    for (const list of [
      "",
      " , ",
      `${good} k2`,
      `${good} url/k1:${text()}`,
      `${good} sign/k2:${text()}`,
      `${good} url/K2:${text()}`,
      `${good} url/k2:short`,
      `${good} url/k2=${text()}`,
      `url/k1:${same} assertion/k1:${same}`,
    ]) {
      assert.equal(parseKeyList(list), undefined, list);
    }
  });

  it("U11: shows nothing of its keys when it is printed", () => {
    const secret = text();
    const keys = parseKeyList(`url/k1:${secret}`);
    assert.equal(keys?.size, 1);
    const shown = inspect(keys, { depth: 9, showHidden: true }) + JSON.stringify([...(keys ?? [])]);
    assert.ok(shown.includes("url/k1"));
    for (const form of [secret, Buffer.from(secret, "base64").toString("hex")]) {
      assert.ok(!shown.includes(form.slice(0, 8)));
    }
  });
});
