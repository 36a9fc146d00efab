import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { ClientHttp2Session } from "node:http2";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { describe, it } from "node:test";
import { createAuthority, type TestCertificate } from "../support/certificates.ts";
import {
  openTlsBench,
  provenBy,
  putFile,
  serverNames,
  writeAuthorities,
  writeIdentity,
  type TlsBench,
} from "./support/tls-bench.ts";
import { callHttp2, connectHttp2, openTestListener } from "./support/test-listener.ts";

const timeout = 30_000;
const ca = await createAuthority("ca");
const otherCa = await createAuthority("other");
const good = await ca.issue();

function serialOf(session: ClientHttp2Session): string {
  // The session hides its socket behind a proxy that knows the methods of TLS.
  return (session.socket as TLSSocket).getPeerCertificate().serialNumber;
}

function messages(bench: TlsBench): readonly unknown[] {
  return bench.listener.log.lines().map(({ msg }) => msg);
}

describe("TLS files that change", { timeout }, () => {
  it("are served to new connections, while open ones go on, and no call fails", async (t) => {
    const bench = await openTlsBench(t, [ca]);
    const old = await bench.connect();
    let goneAway = false;
    old.on("goaway", () => (goneAway = true));
    let calls = 0;
    const over = new AbortController();
    const load = (async () => {
      while (!over.signal.aborted) {
        await callHttp2(old);
        await provenBy(await bench.connect(good));
        calls += 1;
      }
    })();
    const serials = new Set([serialOf(old)]);
    for (let turn = 1; turn <= 3; turn += 1) {
      writeIdentity(bench.files, await bench.serverCa.issue(serverNames));
      await bench.reloaded("ok", turn);
      serials.add(serialOf(await bench.connect()));
    }
    over.abort();
    await load;
    assert.ok(calls > 0);
    assert.equal(serials.size, 4);
    assert.deepEqual([goneAway, old.closed], [false, false]);
    // What a poll read between the two writes does not fit together; then the next one made it good.
    const others = messages(bench).filter((msg) => msg !== "tls files reloaded");
    assert.ok(others.every((msg) => msg === "tls files cannot be used; those in force stay so"));
  });

  it("are told in the log and the status, with fingerprint and expiry, and never what they hold", async (t) => {
    const bench = await openTlsBench(t, [ca]);
    const next = await bench.serverCa.issue(serverNames);
    // A key of its own, so the pair fits from the last write on only.
    writeIdentity(bench.files, next);
    await bench.reloaded("ok", 1);
    writeAuthorities(bench.files, [ca, otherCa]);
    await bench.reloaded("ok", 2);
    const lines = bench.listener.log.lines().filter(({ msg }) => msg === "tls files reloaded");
    const facts = lines.map((line) => Object.keys(line));
    assert.deepEqual(facts, [
      ["level", "time", "option", "fingerprint", "expires", "msg"],
      ["level", "time", "option", "fingerprints", "expires", "msg"],
    ]);
    const [first, second] = lines;
    assert.match(String(first?.["fingerprint"]), /^[0-9a-f]{64}$/);
    assert.equal(([] as unknown[]).concat(second?.["fingerprints"]).length, 2);
    const status = bench.listener.tlsStatus();
    assert.equal(status?.reloads.ok, 2);
    assert.equal(status.expiresAt["tls_cert_file"], Date.parse(String(first?.["expires"])));
    assert.equal(status.expiresAt["tls_client_ca_file"], Date.parse(String(second?.["expires"])));
    const secret = next.key.split("\n")[1] ?? "";
    assert.ok(secret.length > 40 && !bench.listener.log.text().includes(secret));
  });

  for (const [what, spoil] of [
    ["a key of another certificate", (files, other) => putFile(files.keyFile, other.key)],
    ["a certificate of another key", (files, other) => putFile(files.certFile, other.cert)],
    ["half a certificate", (files, other) => putFile(files.certFile, other.cert.slice(0, 200))],
    ["an empty key", (files) => putFile(files.keyFile, "")],
    ["no key", (files) => rmSync(files.keyFile)],
    ["no authorities", (files) => putFile(files.clientCaFile, "")],
    [
      "half an authority",
      (files, other) => putFile(files.clientCaFile, `${ca.cert}${other.cert.slice(0, 200)}`),
    ],
    ["a key for an authority", (files, other) => putFile(files.clientCaFile, other.key)],
    ["no file for authorities", (files) => rmSync(files.clientCaFile)],
  ] as readonly (readonly [string, (files: TlsBench["files"], other: TestCertificate) => void])[]) {
    it(`that hold ${what} leave those in force, are told once, and are taken once they are good`, async (t) => {
      const bench = await openTlsBench(t, [ca]);
      const serial = serialOf(await bench.connect());
      const open = await bench.connect(good);
      const other = await bench.serverCa.issue(serverNames);
      spoil(bench.files, other);
      await bench.reloaded("failed", 1);
      // The next turns of the poll see the same, and the file of the other kind that changes after it.
      const authority = what.includes("authorit");
      if (authority) writeIdentity(bench.files, other);
      else writeAuthorities(bench.files, [ca, otherCa]);
      await bench.reloaded("ok", 1);
      const about = authority ? /^\["tls_client_ca_file/ : /^\["tls_(cert|key)_file/;
      const told = (): number =>
        bench.listener.log
          .lines()
          .filter((line) => about.test(JSON.stringify(line["problems"] ?? ""))).length;
      assert.equal(told(), 1);
      if (!authority) assert.equal(serialOf(await bench.connect()), serial);
      assert.equal((await provenBy(await bench.connect(good))).kind, "verified");
      if (authority) assert.equal((await provenBy(open)).kind, "verified");
      writeAuthorities(bench.files, [otherCa]);
      writeIdentity(bench.files, other);
      await bench.reloaded("ok", authority ? 2 : 3);
      assert.notEqual(serialOf(await bench.connect()), serial);
      assert.deepEqual(await provenBy(await bench.connect(good)), { kind: "bad" });
      assert.doesNotMatch(bench.listener.log.text(), /BEGIN|fleetgate-tls-/);
    });
  }

  it("are found behind links that are swapped as Kubernetes does", async (t) => {
    const bench = await openTlsBench(t, [ca]);
    const directory = join(bench.files.certFile, "..", "secret");
    const names = { certFile: "tls.crt", keyFile: "tls.key", clientCaFile: "ca.crt" } as const;
    function put(version: string, { cert, key }: TestCertificate): void {
      const place = join(directory, version);
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, names.certFile), cert);
      writeFileSync(join(place, names.keyFile), key);
      symlinkSync(version, join(directory, "..data_tmp"));
      renameSync(join(directory, "..data_tmp"), join(directory, "..data"));
    }
    put("..1", await bench.serverCa.issue(serverNames));
    for (const name of [names.certFile, names.keyFile]) {
      symlinkSync(join("..data", name), join(directory, name));
    }
    const listener = await openTestListener(t, {
      tls: { certFile: join(directory, names.certFile), keyFile: join(directory, names.keyFile) },
      tlsPollMs: 10,
    });
    const connect = () => connectHttp2(t, listener.url, { ca: bench.serverCa.cert });
    const before = serialOf(await connect());
    put("..2", await bench.serverCa.issue(serverNames));
    rmSync(join(directory, "..1"), { recursive: true });
    while (!t.signal.aborted && listener.tlsStatus()?.reloads.ok === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.notEqual(serialOf(await connect()), before);
  });
});

describe("a TLS session", { timeout }, () => {
  async function handshake(
    bench: TlsBench,
    maxVersion: "TLSv1.2" | "TLSv1.3",
    credential: TestCertificate | undefined,
    session?: Buffer,
  ) {
    const socket = connectTls({
      port: bench.listener.port,
      host: "127.0.0.1",
      ca: bench.serverCa.cert,
      maxVersion,
      ...credential,
      ...(session && { session }),
    });
    let saved: Buffer | undefined;
    socket.on("session", (given: Buffer) => (saved = given));
    await once(socket, "secureConnect");
    const reused = socket.isSessionReused();
    socket.write("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    return { saved, reused, kind: /"kind":"([a-z]+)"/.exec(text)?.[1] };
  }

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`is never resumed where clients are asked for certificates (${version})`, async (t) => {
      const bench = await openTlsBench(t, [ca, otherCa]);
      const first = await handshake(bench, version, good);
      assert.deepEqual([first.reused, first.kind], [false, "verified"]);
      const second = await handshake(bench, version, good, first.saved);
      assert.deepEqual([second.reused, second.kind], [false, "verified"]);
      const withoutCertificate = await handshake(bench, version, undefined, first.saved);
      assert.deepEqual([withoutCertificate.reused, withoutCertificate.kind], [false, "none"]);
      writeAuthorities(bench.files, [otherCa]);
      await bench.reloaded("ok", 1);
      const third = await handshake(bench, version, good, first.saved);
      assert.deepEqual([third.reused, third.kind], [false, "bad"]);
    });
  }
});
