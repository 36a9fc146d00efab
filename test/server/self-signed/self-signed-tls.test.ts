import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import {
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { connect } from "node:tls";
import { OptionsError } from "../../../src/server/options-error.ts";
import { makeCertificate } from "../../../src/server/self-signed/make-certificate.ts";
import { keepPair } from "../../../src/server/self-signed/kept-pair.ts";
import { openTls } from "../../../src/server/self-signed/self-signed-tls.ts";
import { readTlsFiles, type TlsSource } from "../../../src/server/tls-files.ts";
import { selfSigned } from "../../support/certificates.ts";
import { callHttp2, connectHttp2, openTestListener } from "../support/test-listener.ts";
import { makeFolder } from "../../cli/support/temp-folder.ts";

const now = new Date();

function newFiles() {
  const folder = makeFolder({});
  return { folder, certFile: join(folder, "tls.crt"), keyFile: join(folder, "tls.key") };
}

async function open(
  kept?: { readonly certFile: string; readonly keyFile: string },
  at = now,
): Promise<TlsSource> {
  return (await openTls({ kept }, at)) ?? assert.fail("there is no TLS");
}

function fingerprintOf(source: TlsSource): string {
  return readTlsFiles(source).identity.fingerprint;
}

async function problemsOf(
  kept: { readonly certFile: string; readonly keyFile: string },
  at = now,
): Promise<string> {
  try {
    await open(kept, at);
  } catch (error) {
    assert.ok(error instanceof OptionsError);
    return error.problems.join("\n");
  }
  return assert.fail("it was taken");
}

describe("TLS with a certificate of the server's own", () => {
  it("is another one at each start, and on no disk, unless files are named", async () => {
    const one = await open();
    assert.notEqual(fingerprintOf(one), fingerprintOf(await open()));
    assert.ok(!("certFile" in one));
  });

  it("is kept in the files that are named, and the one of every later start", async () => {
    const { folder, ...kept } = newFiles();
    const fingerprint = fingerprintOf(await open(kept));
    assert.equal(fingerprintOf(await open(kept, new Date(now.getTime() + 1e9))), fingerprint);
    assert.deepEqual(readdirSync(folder).sort(), ["tls.crt", "tls.key"]);
    assert.equal(statSync(kept.keyFile).mode & 0o777, 0o600);
  });

  it("is one for servers that start at once, and for one that follows one that died", async () => {
    const { folder: _, ...kept } = newFiles();
    // Another server makes the whole pair at the moment between the look at the files and the making of each.
    const other = { folder: "", ...kept };
    let turns = 0;
    const maker = (race: boolean) => ({
      makeKey: () => {
        if (race && turns++ === 0) keepPair(other, maker(false));
        return newKey();
      },
      makeCertificate: (key: string) => makeCertificate(key, now),
      now,
    });
    keepPair(kept, maker(true));
    const fingerprint = fingerprintOf(await open(kept));
    assert.equal(turns, 1);
    // One that died after it had made the key.
    const key = readFileSync(kept.keyFile, "utf8");
    rmSync(kept.certFile);
    assert.notEqual(fingerprintOf(await open(kept)), fingerprint);
    assert.equal(readFileSync(kept.keyFile, "utf8"), key);
  });

  it("does not begin with a pair that cannot be used, and says what to do", async (t) => {
    const stranger = await selfSigned();
    const old = await selfSigned({ notAfter: new Date(now.getTime() - 1000) });
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const rsaPem = rsa.export({ type: "pkcs8", format: "pem" }).toString();
    for (const [what, cert, key, expected] of [
      ["of two pairs", stranger.cert, old.key, /must be a certificate and its .*; or remove both/],
      ["that has expired", old.cert, old.key, /has expired: remove it and the file of tls_key_/],
      ["without its key", stranger.cert, undefined, /without its key: put the key there, or remo/],
      ["of a key alone that is none", undefined, "hunter2", /ECDSA P-256 keys only/],
      ["of a key alone that is of RSA", undefined, rsaPem, /ECDSA P-256 keys only/],
    ] as const) {
      await t.test(what, async () => {
        const { folder, ...kept } = newFiles();
        if (cert !== undefined) writeFileSync(kept.certFile, cert);
        if (key !== undefined) writeFileSync(kept.keyFile, key);
        const before = readdirSync(folder);
        const problems = await problemsOf(kept);
        assert.match(problems, expected);
        assert.doesNotMatch(problems, /hunter2|BEGIN|tls\.crt/);
        assert.deepEqual(readdirSync(folder), before);
      });
    }
    const { folder, ...kept } = newFiles();
    const lost = { ...kept, keyFile: join(folder, "none", "tls.key") };
    assert.match(await problemsOf(lost), /^tls_key_file: the file cannot be made: there is no suc/);
    mkdirSync(kept.certFile);
    assert.match(await problemsOf(kept), /without its key/);
  });

  it("is the only thing for which a server loads the library that writes certificates", () => {
    const importing = (what: RegExp): readonly string[] =>
      globSync("src/**/*.ts").filter((file) => what.test(readFileSync(file, "utf8")));
    assert.deepEqual(importing(/"@peculiar\//), ["src/server/self-signed/make-certificate.ts"]);
    assert.deepEqual(importing(/from ".*make-certificate/), []);
  });

  it("speaks TLS 1.3 and nothing before it", async (t) => {
    const tls = await open();
    const listener = await openTestListener(t, { tls });
    const { cert } = readTlsFiles(tls).identity;
    const session = await connectHttp2(t, listener.url, { ca: cert });
    assert.equal((await callHttp2(session)).body, "2.0");
    assert.equal(await handshake(t, listener.port, {}), "TLSv1.3");
    assert.match(await handshake(t, listener.port, { maxVersion: "TLSv1.2" }), /alert/i);
    assert.equal(listener.tlsStatus()?.fingerprint, fingerprintOf(tls));
  });
});

function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

async function handshake(t: TestContext, port: number, options: object): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  t.after(() => socket.destroy());
  try {
    await once(socket, "secureConnect");
    return socket.getProtocol() ?? "none";
  } catch (error) {
    return String(error);
  }
}
