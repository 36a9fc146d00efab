import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { parseIdentity } from "../../../src/domain/identity.ts";
import type { ClientCertificate } from "../../../src/identity/client-certificate.ts";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { PeerIdentity } from "../../../src/rpc/handler.ts";
import { bearer } from "../support/bench.ts";
import { createState, keys } from "../support/world.ts";
import { now } from "../support/keys.ts";
import { compare } from "./support/compare.ts";
import { bodyOf, forms, headersOf, makeCase, methods, type Case } from "./support/make-case.ts";
import { there } from "./support/talk.ts";
import { openTwins, type Seen, type Twin, type Twins } from "./support/twins.ts";

const ann = parseIdentity("user:ann@example.com") ?? assert.fail();
const { checkPoolPerm } = AclService.method;
const good = { permission: "swarming.pools.createTask", pool: "ci" };

describe("admission on the fast path", () => {
  let twins: Twins;
  let certificate: ClientCertificate = { kind: "none" };
  const expiresAt = now.getTime() + 1000;
  const identity: PeerIdentity = {
    verifyJwt: async (token) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (token === "a.b.refused") return { kind: "refused", why: "it is bad" };
      if (token === "a.b.unverifiable") return { kind: "unverifiable" };
      if (token === "a.b.broken") throw new Error("the verifier is broken");
      return { kind: "verified", identity: ann, issuer: "i", expiresAt };
    },
    certificateRules: [],
    certificateOf: () => certificate,
  };
  before(async () => {
    twins = await openTwins({ identity });
  });
  after(() => twins.close());
  afterEach(() => {
    certificate = { kind: "none" };
    for (const twin of [twins.fast, twins.stock]) {
      twin.time = now;
      twin.replica.state = createState();
    }
  });

  const taken = async (one: Case): Promise<Seen> => {
    const before = twins.fast.rpc.fastPath.counts.taken;
    const seen = await compare(twins, one);
    assert.equal(twins.fast.rpc.fastPath.counts.taken, before + 1, one.name);
    return seen;
  };
  const codeOf = ({ records }: Seen): string => (records[0] as { code: string }).code;
  const everyCall = (headers: Case["headers"]): Case[] =>
    forms.flatMap((form) => methods.map((method) => makeCase("", form, method, {}, { headers })));

  it("bypasses no method: a stranger is UNAUTHENTICATED everywhere", async () => {
    for (const one of everyCall({ authorization: "" })) {
      assert.equal(codeOf(await taken(one)), "unauthenticated", one.name);
    }
  });

  it("bypasses no method: without a snapshot nothing is answered", async () => {
    twins.fast.replica.state = undefined;
    twins.stock.replica.state = undefined;
    for (const one of everyCall({})) {
      const isCheck = String(one.headers[":path"]).startsWith("/fleetgate.acl.");
      const code = isCheck ? "internal" : "unavailable";
      assert.equal(codeOf(await taken(one)), code, one.name);
    }
  });

  it("holds a JWT against its verifier, whatever that says", async () => {
    for (const form of forms) {
      for (const what of ["good", "refused", "unverifiable", "broken"]) {
        const headers = bearer(`a.b.${what}`);
        const seen = await taken(makeCase(what, form, checkPoolPerm, good, { headers }));
        assert.equal(codeOf(seen) === "ok", what === "good", what);
      }
    }
    twins.fast.time = new Date(expiresAt);
    twins.stock.time = new Date(expiresAt);
    const headers = bearer("a.b.good");
    const late = await taken(makeCase("expired", "grpc", checkPoolPerm, good, { headers }));
    assert.equal(codeOf(late), "unauthenticated");
  });

  it("refuses a bad certificate beside a good key", async () => {
    certificate = { kind: "bad" };
    const seen = await taken(makeCase("bad certificate", "proto", checkPoolPerm, good));
    assert.equal(codeOf(seen), "unauthenticated");
  });

  it("refuses by the head, before the body has come", async () => {
    const one = makeCase("no body yet", "grpc", checkPoolPerm, good);
    for (const twin of [twins.fast, twins.stock]) {
      const session = await twin.session("cleartext");
      const headers = { ...one.headers };
      delete (headers as Record<string, unknown>)["authorization"];
      const stream = session.request(headers as Record<string, string>);
      const trailers = new Promise((resolve) => stream.once("trailers", resolve));
      stream.resume();
      assert.equal(((await trailers) as Record<string, string>)["grpc-status"], "16");
      stream.close();
    }
  });

  // What happens to a call between its head and its body.
  const between = async (change: (twin: Twin) => void): Promise<string[]> => {
    const statuses: string[] = [];
    for (const twin of [twins.fast, twins.stock]) {
      twin.records.length = 0;
      const session = await twin.session("cleartext");
      const stream = session.request(headersOf("grpc", checkPoolPerm));
      const trailers = new Promise((resolve) => stream.once("trailers", resolve));
      stream.resume();
      await there(session);
      await there(session);
      assert.ok(twin.keyUses.length > 0, "admitted");
      change(twin);
      stream.end(bodyOf("grpc", checkPoolPerm, good));
      statuses.push(((await trailers) as Record<string, string>)["grpc-status"] ?? "");
      await there(session);
      statuses.push(twin.records.map(({ code }) => code).join());
      twin.replica.state = createState();
    }
    assert.deepEqual(statuses.slice(0, 2), statuses.slice(2));
    return statuses.slice(0, 2);
  };

  it("admits again when the state has changed while the body came", async () => {
    const gone = createState(undefined, 8n, []);
    const revoked = await between((twin) => (twin.replica.state = gone));
    assert.deepEqual(revoked, ["16", "unauthenticated"]);
    const stale = await between((twin) => (twin.replica.state = undefined));
    assert.equal(stale[0], "13");
  });

  it("asks for the secret again when the key is another one of the same id", async () => {
    const id = keys.ann.body.id;
    const others = createState(undefined, 8n, [{ ...keys.scheduler.body, id }]);
    const one = makeCase("the right secret", "grpc", checkPoolPerm, good);
    assert.equal(codeOf(await taken(one)), "ok");
    for (const twin of [twins.fast, twins.stock]) twin.replica.state = others;
    assert.equal(codeOf(await taken(one)), "unauthenticated");
    for (const twin of [twins.fast, twins.stock]) twin.replica.state = createState();
    assert.equal(codeOf(await taken(one)), "ok");
    const wrong = `Bearer ${keys.ann.token.slice(0, 30)}${keys.scheduler.token.slice(30)}`;
    const headers = { authorization: wrong };
    const mixed = await taken(makeCase("a wrong secret", "grpc", checkPoolPerm, good, { headers }));
    assert.equal(codeOf(mixed), "unauthenticated");
  });
});

describe("anonymous peers on the fast path", () => {
  it("are answered where they are allowed, as by the stock handler", async (t) => {
    const twins = await openTwins({ allowAnonymous: true });
    t.after(() => twins.close());
    const codes = new Set<string>();
    for (const form of forms) {
      for (const method of methods) {
        for (const authorization of ["", "Bearer x"]) {
          const one = makeCase(
            "anonymous",
            form,
            method,
            {},
            {
              headers: { authorization },
            },
          );
          const { records } = await compare(twins, one);
          for (const record of records) codes.add((record as { code: string }).code);
        }
      }
    }
    assert.ok(codes.has("invalid_argument") && codes.has("unauthenticated"));
  });
});
