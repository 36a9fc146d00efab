import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { describe, it, type TestContext } from "node:test";
import {
  readAuthorities,
  stillVouched,
  type ClientAuthorities,
} from "../../src/server/client-authorities.ts";
import { createAuthority, type TestCertificate } from "../support/certificates.ts";
import { ca, good, middle, otherCa, throughMiddle } from "./support/client-authorities.ts";
import { openTlsBench, provenBy, writeAuthorities, type TlsBench } from "./support/tls-bench.ts";

const timeout = 30_000;
const namesake = await createAuthority("ca");

describe("stillVouched", () => {
  function authorities(...given: readonly TestCertificate[]): ClientAuthorities {
    const read = readAuthorities(Buffer.from(given.map(({ cert }) => cert).join("")));
    assert.ok(read !== undefined);
    return read;
  }

  it("tells authorities of one name from each other by their keys", () => {
    const certificate = new X509Certificate(good.cert);
    const both = authorities(ca, namesake);
    assert.equal(stillVouched(certificate, both, authorities(ca)), true);
    assert.equal(stillVouched(certificate, both, authorities(namesake)), false);
  });
});

describe("a change of the authorities", { timeout }, () => {
  it("takes what a removed one vouched for as bad, in open connections too, and asks them to end", async (t) => {
    const bench = await openTlsBench(t, [ca, otherCa]);
    const session = await bench.connect(good);
    const held = session.request({ ":path": "/", ":method": "POST" });
    held.setEncoding("utf8");
    const kept = await bench.connect(await otherCa.issue());
    assert.equal((await provenBy(session)).kind, "verified");
    const goaways = [once(session, "goaway"), once(kept, "goaway")];
    writeAuthorities(bench.files, [otherCa]);
    await Promise.all(goaways);
    await bench.reloaded("ok", 1);
    held.end();
    assert.deepEqual(await provenBy(await bench.connect(good)), { kind: "bad" });
    assert.equal((await provenBy(await bench.connect(await otherCa.issue()))).kind, "verified");
  });
});

// A connection of HTTP/1.1 takes one more request after it was asked to end.
async function keepAlive(
  t: TestContext,
  bench: TlsBench,
  credential: TestCertificate,
): Promise<() => Promise<string | undefined>> {
  const { port } = bench.listener;
  const ca = bench.serverCa.cert;
  const socket = connectTls({ port, host: "127.0.0.1", ca, ...credential });
  t.after(() => socket.destroy());
  await once(socket, "secureConnect");
  return async () => {
    socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    let text = "";
    while (!text.includes('"kind"')) {
      const [chunk] = (await once(socket, "data")) as [Buffer];
      text += chunk.toString();
    }
    return /"kind":"([a-z]+)"/.exec(text)?.[1];
  };
}

describe("an open connection, after a change of the authorities", { timeout }, () => {
  for (const [what, before, after, issue, first, then] of [
    [
      "is bad when its authority was removed",
      [ca, otherCa],
      [otherCa],
      () => Promise.resolve(good),
      "verified",
      "bad",
    ],
    [
      "is bad when its authority was replaced",
      [ca],
      [otherCa],
      () => Promise.resolve(good),
      "verified",
      "bad",
    ],
    [
      "is bad when its authority was replaced by one of the same name",
      [ca],
      [namesake],
      () => Promise.resolve(good),
      "verified",
      "bad",
    ],
    [
      "goes on when another authority was added",
      [ca],
      [ca, otherCa],
      () => Promise.resolve(good),
      "verified",
      "verified",
    ],
    [
      "goes on when another authority was removed",
      [ca, otherCa],
      [ca],
      () => Promise.resolve(good),
      "verified",
      "verified",
    ],
    [
      "goes on when another authority was added and its chain is not known",
      [ca],
      [ca, otherCa],
      throughMiddle,
      "verified",
      "verified",
    ],
    [
      "goes on when its chain of authorities was kept",
      [ca, middle, otherCa],
      [ca, middle],
      () => middle.issue(),
      "verified",
      "verified",
    ],
    [
      "is bad when the root of its chain of authorities was removed",
      [ca, middle],
      [middle],
      () => middle.issue(),
      "verified",
      "bad",
    ],
    [
      "is bad when any authority was removed and its chain is not known",
      [ca, otherCa],
      [ca],
      throughMiddle,
      "verified",
      "bad",
    ],
    [
      "is bad when the authority of its chain was removed",
      [ca, otherCa],
      [otherCa],
      throughMiddle,
      "verified",
      "bad",
    ],
    [
      "is bad when the intermediate was given as an authority and removed",
      [ca, middle],
      [ca],
      () => middle.issue(),
      "verified",
      "bad",
    ],
    [
      "stays bad when its authority was added",
      [otherCa],
      [ca, otherCa],
      () => Promise.resolve(good),
      "bad",
      "bad",
    ],
  ] as const) {
    it(what, async (t) => {
      const bench = await openTlsBench(t, before);
      const ask = await keepAlive(t, bench, await issue());
      assert.equal(await ask(), first);
      writeAuthorities(bench.files, after);
      await bench.reloaded("ok", 1);
      assert.equal(await ask(), then);
    });
  }
});
