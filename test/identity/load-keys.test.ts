import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it, type TestContext } from "node:test";
import { maxDocumentBytes } from "../../src/identity/fetch-json.ts";
import type { KeyOrigin } from "../../src/identity/jwt-issuer.ts";
import { isFetchable, loadKeys } from "../../src/identity/load-keys.ts";
import {
  discoveryPath,
  json,
  jwksPath,
  makeKeyPair,
  startIssuer,
  type Answer,
  type TestKeyPair,
} from "./support/test-issuer.ts";

let pair: TestKeyPair;
before(async () => {
  pair = await makeKeyPair("k");
});

const idle = new AbortController().signal;
const discovery: KeyOrigin = { kind: "discovery" };

describe("loadKeys", () => {
  it("finds the key set of an issuer by discovery, in two requests", async (t) => {
    const issuer = await startIssuer(t, [pair.jwk]);
    const { keys } = await loadKeys(issuer.url, discovery, idle);
    assert.equal(keys[0]?.kid, "k");
    assert.deepEqual(issuer.requests, [discoveryPath, jwksPath]);
  });

  it("asks below the path of an issuer that has one, with or without a slash at its end", async (t) => {
    for (const path of ["/tenant", "/tenant/"]) {
      const issuer = await startIssuer(t, [pair.jwk]);
      const name = `${issuer.url}${path}`;
      const answer = json({ issuer: name, jwks_uri: `${issuer.url}${jwksPath}` });
      issuer.answers.set(`/tenant${discoveryPath}`, answer);
      assert.equal((await loadKeys(name, discovery, idle)).keys.length, 1);
    }
  });

  it("asks for nothing but the key set when that is configured", async (t) => {
    const issuer = await startIssuer(t, [pair.jwk]);
    const url = `${issuer.url}${jwksPath}`;
    await loadKeys("https://elsewhere.example", { kind: "url", url }, idle);
    assert.deepEqual(issuer.requests, [jwksPath]);
  });

  it("does not follow discovery to another host, port or scheme", async (t) => {
    const [issuer, other] = [await startIssuer(t), await startIssuer(t, [pair.jwk])];
    for (const jwks_uri of [
      `${other.url}${jwksPath}`,
      `${issuer.url.replace("127.0.0.1", "localhost")}${jwksPath}`,
      `${issuer.url.replace("http:", "https:")}${jwksPath}`,
      `${issuer.url.replace("//", "//user:password@")}${jwksPath}`,
      `${issuer.url.replace("127.0.0.1", "[::1]")}${jwksPath}`,
      `${issuer.url.replace("127.0.0.1", "127.0.0.1\u3002example")}${jwksPath}`,
      `${issuer.url.replace("127.0.0.1", "localhost.")}${jwksPath}`,
      `http://169.254.169.254/latest`,
      "file:///etc/passwd",
      "data:application/json,{}",
    ]) {
      issuer.answers.set(discoveryPath, json({ issuer: issuer.url, jwks_uri }));
      await assert.rejects(loadKeys(issuer.url, discovery, idle), /on another host/, jwks_uri);
    }
    assert.deepEqual(other.requests, []);
    assert.ok(!issuer.requests.includes(jwksPath));
  });

  it("does not believe the configuration of another issuer", async (t) => {
    const issuer = await startIssuer(t, [pair.jwk]);
    const jwks_uri = `${issuer.url}${jwksPath}`;
    for (const name of [`${issuer.url}/`, issuer.url.toUpperCase(), "", undefined, [issuer.url]]) {
      issuer.answers.set(discoveryPath, json({ issuer: name, jwks_uri }));
      await assert.rejects(loadKeys(issuer.url, discovery, idle), /of another issuer/);
    }
    for (const document of [null, [], "x", 7]) {
      issuer.answers.set(discoveryPath, json(document));
      await assert.rejects(loadKeys(issuer.url, discovery, idle), /of another issuer/);
    }
    for (const uri of [undefined, 7, "", "keys", "//"]) {
      issuer.answers.set(discoveryPath, json({ issuer: issuer.url, jwks_uri: uri }));
      await assert.rejects(loadKeys(issuer.url, discovery, idle), /no jwks_uri/);
    }
  });

  it("follows no redirect, not even to itself", async (t) => {
    const [issuer, other] = [await startIssuer(t, [pair.jwk]), await startIssuer(t, [pair.jwk])];
    for (const location of [`${other.url}${jwksPath}`, "/moved"]) {
      for (const status of [301, 302, 303, 307, 308]) {
        const redirect: Answer = (_, response) => response.writeHead(status, { location }).end();
        issuer.answers.set(jwksPath, redirect);
        await assert.rejects(loadKeys(issuer.url, discovery, idle), /is a redirect/);
      }
    }
    assert.deepEqual(other.requests, []);
    assert.ok(!issuer.requests.includes("/moved"));
  });

  const answers: readonly (readonly [what: string, answer: Answer, message: RegExp])[] = [
    ["an error", (_, response) => response.writeHead(500).end(), /has status 500/],
    ["no content", (_, response) => response.writeHead(204).end(), /has status 204/],
    [
      "a web page",
      (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("{}"),
      /is not JSON/,
    ],
    ["no type", (_, response) => response.writeHead(200).end('{"keys":[]}'), /is not JSON/],
    [
      "broken JSON",
      (_, response) => response.writeHead(200, { "content-type": "application/json" }).end("{"),
      /the document is not JSON/,
    ],
    [
      "bytes that are no text",
      (_, response) =>
        response
          .writeHead(200, { "content-type": "application/json" })
          .end(Buffer.from([34, 255, 34])),
      /the document is not JSON/,
    ],
    [
      "compression",
      (_, response) =>
        response
          .writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" })
          .end("{}"),
      /compressed/,
    ],
    ["no keys", json({ keys: [] }), /no key that can be used/],
    [
      "too much",
      json({ keys: [], more: "x".repeat(maxDocumentBytes) }),
      /larger than 262144 bytes/,
    ],
    ["a closed connection", (request) => request.socket.destroy(), /socket hang up|ECONNRESET/],
  ];
  for (const [what, answer, message] of answers) {
    it(`does not take ${what} for a key set`, async (t) => {
      const issuer = await startIssuer(t);
      issuer.answers.set(jwksPath, answer);
      await assert.rejects(loadKeys(issuer.url, discovery, idle), message);
    });
  }

  it("stops reading what has no end", async (t) => {
    const issuer = await startIssuer(t);
    const gone = Promise.withResolvers<void>();
    issuer.answers.set(jwksPath, (_, response) => {
      response.setHeader("content-type", "application/json");
      const write = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
        if (!response.destroyed) response.once("drain", write);
      };
      response.once("close", gone.resolve);
      write();
    });
    await assert.rejects(loadKeys(issuer.url, discovery, idle), /larger than/);
    await gone.promise;
  });

  it("ends when it is told to, while it waits for a head or for a body", async (t) => {
    const issuer = await startIssuer(t);
    for (const send of [false, true]) {
      const asked = Promise.withResolvers<void>();
      issuer.answers.set(jwksPath, (_, response) => {
        if (send) {
          response.setHeader("content-type", "application/json");
          response.write("{");
        }
        asked.resolve();
      });
      const controller = new AbortController();
      const loading = loadKeys(issuer.url, discovery, controller.signal);
      await asked.promise;
      controller.abort();
      await assert.rejects(loading, /abort/);
    }
  });

  it("ends when the host switches to another protocol, or ends the connection", async (t) => {
    const issuer = await startIssuer(t);
    for (const head of [
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
      "HTTP/1.1 103 Early Hints\r\n\r\n",
      "",
    ]) {
      issuer.answers.set(jwksPath, ({ socket }) => {
        if (head.includes("101")) socket.write(head);
        else socket.end(head);
      });
      await assert.rejects(loadKeys(issuer.url, discovery, idle), /no answer|hang up/);
    }
  });

  it("tells of a host that does not answer", async (t) => {
    const issuer = await startIssuer(t);
    await issuer.stop();
    await assert.rejects(loadKeys(issuer.url, discovery, idle), /ECONNREFUSED/);
  });
});

describe("a key set in a file", () => {
  function directory(t: TestContext): string {
    const path = mkdtempSync(join(tmpdir(), "fleetgate-keys-"));
    t.after(() => rmSync(path, { recursive: true }));
    return path;
  }
  const load = (path: string) => loadKeys("https://x.example", { kind: "file", path }, idle);

  it("is read within the same bounds", async (t) => {
    const path = join(directory(t), "keys.json");
    writeFileSync(path, JSON.stringify({ keys: [pair.jwk] }));
    assert.equal((await load(path)).keys.length, 1);
    writeFileSync(path, JSON.stringify({ keys: [pair.jwk], x: "x".repeat(maxDocumentBytes) }));
    await assert.rejects(load(path), /larger than/);
    writeFileSync(path, "S3cretCanary");
    await assert.rejects(load(path), (error: Error) => {
      assert.match(error.message, /not JSON/);
      return !error.message.includes("S3cret");
    });
    await assert.rejects(load(`${path}.x`), { message: "the system says ENOENT" });
  });

  it("is a regular file", async (t) => {
    await assert.rejects(load(directory(t)), /not a regular file|EISDIR/);
    await assert.rejects(load("/dev/zero"), /not a regular file/);
  });
});

describe("isFetchable", () => {
  it("wants https, or http on this machine", () => {
    for (const url of [
      "https://a.example/x?y",
      "http://127.0.0.1:1/",
      "http://localhost",
      "http://[::1]/",
    ]) {
      assert.ok(isFetchable(new URL(url)), url);
    }
    for (const url of [
      "http://a.example",
      "http://10.0.0.1",
      "http://127.0.0.1.example.com",
      "https://u:p@a.example",
      "https://u@a.example",
      "https://a.example/#x",
      "file:///etc/passwd",
      "ftp://127.0.0.1",
    ]) {
      assert.ok(!isFetchable(new URL(url)), url);
    }
  });
});
