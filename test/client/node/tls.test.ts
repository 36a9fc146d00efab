import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { inspect } from "node:util";
import { ConnectError } from "@connectrpc/connect";
import { createFleetgate, isUnavailable } from "../../../src/client/node/index.ts";
import {
  createAuthority,
  type TestAuthority,
  type TestCertificate,
} from "../../support/certificates.ts";
import { startFake, type FakeServer } from "../support/fake-server.ts";

const folder = mkdtempSync(join(tmpdir(), "fleetgate-client-tls-"));
after(() => rmSync(folder, { recursive: true }));
const caFile = join(folder, "ca.pem");
const certFile = join(folder, "client.pem");
const keyFile = join(folder, "client.key");

function write(ca: TestCertificate, client: TestCertificate): void {
  writeFileSync(caFile, ca.cert);
  writeFileSync(certFile, client.cert);
  writeFileSync(keyFile, client.key);
}

/** A server that wants a client certificate of the authority. */
async function startTls(authority: TestAuthority): Promise<FakeServer> {
  const server = await authority.issue({ san: [{ type: "ip", value: "127.0.0.1" }] });
  return startFake(() => "token", 0, {
    ...server,
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: true,
  });
}

const clientCert = { certFile, keyFile };

describe("a client over TLS", () => {
  it("trusts the authorities of caFile, and proves itself with its certificate", async () => {
    const authority = await createAuthority("one");
    write(authority, await authority.issue());
    const server = await startTls(authority);
    const client = createFleetgate({ endpoints: [server.url], caFile, clientCert });
    await client.acl.checkServerPerm({});
    assert.equal(server.calls.length, 1);
    await client.close();
  });

  it("goes to nobody whom they do not vouch for, and fails over", async () => {
    const [trusted, stranger] = [await createAuthority("one"), await createAuthority("two")];
    write(trusted, await trusted.issue());
    const [a, b] = [await startTls(stranger), await startTls(trusted)];
    const options = { caFile, clientCert, retry: { delayMs: 0 } };
    const alone = createFleetgate({ ...options, endpoints: [a.url] });
    const error: unknown = await alone.acl.checkServerPerm({}).catch((thrown: unknown) => thrown);
    assert.ok(isUnavailable(error));
    assert.match(error.rawMessage, /certificate/);
    const both = createFleetgate({ ...options, endpoints: [a.url, b.url] });
    await both.acl.checkServerPerm({});
    assert.deepEqual([a.calls.length, b.calls.length], [0, 1]);
    await Promise.all([alone.close(), both.close()]);
  });

  it("reads its files again for each connection, and keeps the last good ones when they break", async () => {
    const [old, renewed] = [await createAuthority("old"), await createAuthority("new")];
    write(old, await old.issue());
    const [a, b] = [await startTls(old), await startTls(renewed)];
    const warnings: string[] = [];
    const client = createFleetgate({
      endpoints: [a.url, b.url],
      ...{ caFile, clientCert, retry: { rounds: 1 } },
      onWarning: (message) => warnings.push(message),
    });
    await client.acl.checkServerPerm({});
    await a.close();
    write(renewed, await renewed.issue());
    await client.acl.checkServerPerm({});
    assert.equal(b.calls.length, 1);
    for (const session of b.sessions()) session.destroy();
    writeFileSync(keyFile, "secret nonsense");
    await client.acl.checkServerPerm({}).catch((error: unknown) => {
      // The connection may have ended under the call.
      assert.ok(error instanceof ConnectError);
    });
    await client.acl.checkServerPerm({});
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /client\.key.*last good/);
    assert.doesNotMatch(inspect(warnings), /nonsense/);
    await client.close();
  });
});
