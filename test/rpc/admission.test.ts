import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ConfigService } from "../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { formatBearerToken, parseBearerToken } from "../../src/domain/bearer-token.ts";
import { ask, openBench, type Bench } from "./support/bench.ts";
import { envelope, exchangeHttp1, exchangeHttp2, type RawReply } from "./support/exchange.ts";
import { makeKey, now } from "./support/keys.ts";
import { sendHttp2Head } from "./support/raw-http2.ts";
import { createState, group, keys, usual } from "./support/world.ts";

const { checkServerPerm } = AclService.method;
const permission = "swarming.servers.peek";
const checkPath = "/fleetgate.acl.v1.AclService/CheckServerPerm";

const expired = makeKey("user:expired@example.com", { expiresAt: now.toISOString() });
const dying = makeKey("user:dying@example.com", {
  expiresAt: new Date(now.getTime() + 1).toISOString(),
});
const revoked = makeKey("user:revoked@example.com", { revokedAt: "2026-02-01T00:00:00.000Z" });
const unknown = makeKey("user:unknown@example.com");
const corrupt = makeKey("nobody");
const all = [...Object.values(keys), expired, dying, revoked, corrupt].map(({ body }) => body);

function withWrongSecret(token: string): string {
  const parts = parseBearerToken(token);
  assert.ok(parts);
  return formatBearerToken({ ...parts, secret: parts.secret.replace(/^./, "_") });
}

/** Every way not to prove anything. */
const worthless: Readonly<Record<string, string | readonly string[] | undefined>> = {
  "no header": undefined,
  "an empty header": "",
  "no token": "Bearer",
  "the token alone": keys.ann.token,
  "another scheme": `Basic ${keys.ann.token}`,
  "a longer scheme": `Bearers ${keys.ann.token}`,
  "two equal headers": [`Bearer ${keys.ann.token}`, `Bearer ${keys.ann.token}`],
  "a good header and a bad one": [`Bearer ${keys.ann.token}`, "Basic eDp5"],
  "joined headers": `Bearer ${keys.ann.token}, Bearer ${keys.ann.token}`,
  "two tokens": `Bearer ${keys.ann.token} ${keys.ann.token}`,
  "a wrong checksum": `Bearer ${keys.ann.token.slice(0, -1)}${keys.ann.token.endsWith("A") ? "B" : "A"}`,
  "another kind": `Bearer ${keys.ann.token.replace("_ak_", "_bk_")}`,
  "an unknown id": `Bearer ${unknown.token}`,
  "a wrong secret": `Bearer ${withWrongSecret(keys.ann.token)}`,
  "a revoked key": `Bearer ${revoked.token}`,
  "a key at its expiry": `Bearer ${expired.token}`,
  "a key of no identity": `Bearer ${corrupt.token}`,
  "a very long value": `Bearer ${"A".repeat(4000)}`,
};

describe("credentials", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());
  beforeEach(() => {
    bench.replica.state = createState(usual, 7n, all);
    bench.records.length = 0;
    bench.keyUses.length = 0;
  });

  const check = (authorization?: string) =>
    ask(
      (bench.wires[0] ?? assert.fail()).transport,
      checkServerPerm,
      { permission },
      authorization === undefined ? {} : { authorization },
    );

  it("are refused with the same bytes whatever is wrong with them", async () => {
    const replies = new Map<string, readonly (string | undefined)[]>();
    for (const [cause, authorization] of Object.entries(worthless)) {
      const headers = authorization === undefined ? {} : { authorization };
      const grpc = { "content-type": "application/grpc", te: "trailers" };
      const json = { "content-type": "application/json" };
      const body = envelope(new Uint8Array());
      const answers = [
        // Node's client of HTTP/2 sends no header twice; see the test after this one.
        Array.isArray(authorization)
          ? undefined
          : await exchangeHttp2(bench.session, {
              path: checkPath,
              headers: { ...headers, ...grpc },
              body,
            }),
        await exchangeHttp1(bench.servers.http1, {
          path: checkPath,
          headers: { ...headers, ...json },
          body: Buffer.from("{}"),
        }),
      ];
      replies.set(cause, answers.map(withoutRequestId));
    }
    const [first = []] = replies.values();
    assert.match(first[0] ?? "", /a%20valid%20credential%20is%20required/);
    assert.match(first[1] ?? "", /a valid credential is required/);
    for (const [cause, [overHttp2, overHttp1]] of replies) {
      assert.equal(overHttp2 ?? first[0], first[0], cause);
      assert.equal(overHttp1, first[1], cause);
    }
    assert.ok(bench.records.every(({ code, peer }) => code === "unauthenticated" && peer === ""));
    assert.deepEqual(bench.keyUses, []);
  });

  it("are refused when they come twice over HTTP/2", async () => {
    const good = ["authorization", `Bearer ${keys.root.token}`] as const;
    const head = [
      [":method", "POST"],
      [":scheme", "http"],
      [":path", checkPath],
      [":authority", "fleetgate.test"],
      ["content-type", "application/json"],
    ] as const;
    await sendHttp2Head(bench.servers.http2, [...head, good, good]);
    assert.deepEqual(
      bench.records.map(({ code }) => code),
      ["unauthenticated"],
    );
    await sendHttp2Head(bench.servers.http2, [...head, good]);
    assert.equal(bench.records.at(1)?.peer, "user:root@example.com");
  });

  it("may be written with a scheme in any case and with space around the value", async () => {
    for (const scheme of ["Bearer", "bearer", "BEARER", "bEaReR"]) {
      assert.equal((await check(`${scheme} ${keys.root.token}`)).code, "ok");
    }
    assert.equal((await check(`Bearer   ${keys.root.token}\t `)).code, "ok");
  });

  it("are good up to the instant of their expiry, not at it", async () => {
    assert.equal((await check(`Bearer ${dying.token}`)).code, "permission_denied");
    assert.equal((await check(`Bearer ${expired.token}`)).code, "unauthenticated");
  });

  it("are dead from the next state on when they are revoked", async () => {
    assert.equal((await check(`Bearer ${keys.root.token}`)).code, "ok");
    const rest = all.filter((body) => body !== keys.root.body);
    bench.replica.state = createState(usual, 8n, rest);
    assert.equal((await check(`Bearer ${keys.root.token}`)).code, "unauthenticated");
  });

  it("are looked at again once the body has come in", async () => {
    const times = [new Date(now), new Date(now.getTime() + 1)];
    Object.defineProperty(bench, "time", { configurable: true, get: () => times.shift() ?? now });
    assert.equal((await check(`Bearer ${dying.token}`)).code, "unauthenticated");
    Object.defineProperty(bench, "time", { value: now });
  });

  it("are reported as used only when they admit a call", async () => {
    await check(`Bearer ${keys.ann.token}`);
    await check(`Bearer ${revoked.token}`);
    assert.deepEqual(bench.keyUses, [keys.ann.body.id]);
  });

  it("are found nowhere but in the one header", async () => {
    for (const headers of [
      { cookie: `authorization=Bearer ${keys.root.token}` },
      { "x-authorization": `Bearer ${keys.root.token}` },
      { "proxy-authorization": `Bearer ${keys.root.token}` },
    ]) {
      const { transport } = bench.wires[0] ?? assert.fail();
      const reply = await ask(transport, checkServerPerm, { permission }, headers);
      assert.equal(reply.code, "unauthenticated");
    }
  });

  it("appear in no record", async () => {
    await check(`Bearer ${keys.ann.token}`);
    await check(`Bearer ${unknown.token}`);
    await check(`Bearer ${withWrongSecret(keys.ann.token)} `);
    const told = JSON.stringify(bench.records);
    assert.doesNotMatch(told, /fg1_|Bearer/);
  });
});

describe("anonymous peers", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench({ allowAnonymous: true });
  });
  after(() => bench.close());

  it("may use AclService where the options allow it, but never with a bad credential", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const good = await ask(transport, checkServerPerm, { permission });
    assert.equal(good.code, "permission_denied");
    assert.equal(good.metadata["caller"], "anonymous:anonymous");
    for (const [cause, authorization] of Object.entries(worthless)) {
      if (typeof authorization !== "string") continue;
      const reply = await ask(transport, checkServerPerm, { permission }, { authorization });
      assert.equal(reply.code, "unauthenticated", cause);
    }
  });

  it("are no administrators, whatever the group says", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const everybody = [group("administrators", ["anonymous:anonymous"])];
    bench.replica.state = createState({ ...usual, groups: everybody });
    for (const state of [bench.replica.state, undefined]) {
      bench.replica.state = state;
      const reply = await ask(transport, ConfigService.method.get, {});
      assert.equal(reply.code, "unauthenticated");
    }
  });
});

function withoutRequestId(reply: RawReply | undefined): string | undefined {
  if (reply === undefined) return undefined;
  const { "x-request-id": id, ...headers } = reply.headers;
  assert.ok(id);
  return JSON.stringify({ ...reply, headers, body: reply.body.toString("latin1") });
}
