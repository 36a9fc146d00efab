import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parseBearerToken } from "../../src/domain/bearer-token.ts";
import { DomainError } from "../../src/domain/errors.ts";
import { anonymousIdentity, parseIdentity } from "../../src/domain/identity.ts";
import { admit, identify } from "../../src/rpc/admission/admit.ts";
import type { Proof } from "../../src/rpc/admission/authenticate.ts";
import { readAuthorization, readBearer } from "../../src/rpc/admission/authorization.ts";
import { makeCredential } from "./support/fake-credentials.ts";
import { now } from "./support/keys.ts";
import { createState, keys } from "./support/world.ts";

const { token } = keys.ann;

describe("readAuthorization", () => {
  it("finds every header of that name, in any case", () => {
    const raw = ["Host", "x", "Authorization", "a", "authorization", "b", "x-authorization", "c"];
    assert.deepEqual(readAuthorization(raw), ["a", "b"]);
    assert.deepEqual(readAuthorization([]), []);
    assert.deepEqual(readAuthorization(["authorization", ""]), [""]);
  });
});

describe("readBearer", () => {
  it("takes exactly one API key", () => {
    for (const value of [`Bearer ${token}`, ` bearer \t${token} `]) {
      const bearer = readBearer([value]);
      assert.equal(bearer.kind === "api_key" && bearer.token.id, keys.ann.body.id);
    }
    for (const values of [
      [""],
      [`Bearer ${token}`, `Bearer ${token}`],
      [`Bearer ${token}`, ""],
      [`Bearer${token}`],
      [`Bearer ${token},`],
      [`Bearer ${token}\n`],
      [`Bearer "${token}"`],
      [`Bearer ${token}=`],
      [`Bearer ${" ".repeat(200)}${token}`],
    ]) {
      assert.equal(readBearer(values).kind, "malformed", JSON.stringify(values));
    }
    assert.equal(readBearer([]).kind, "none");
    const two = readBearer([`Bearer ${token}`, "Basic x"]);
    assert.deepEqual(two, { kind: "malformed", why: "several" });
  });

  it("takes what has the form of a JWT, of at most 8,192 characters", () => {
    for (const jwt of ["a.b.c", "_-0.A.z", `a.${"b".repeat(8188)}.c`]) {
      assert.deepEqual(readBearer([`Bearer ${jwt}`]), { kind: "unread_jwt", token: jwt });
    }
    for (const jwt of [
      "a.b",
      "a..c",
      "a.b.",
      ".b.c",
      "a.b.c.d.e",
      "a.b.c=",
      "a.b.c a.b.c",
      "a.b.c,a.b.c",
      "a+.b.c",
      `a.${"b".repeat(8189)}.c`,
    ]) {
      assert.equal(readBearer([`Bearer ${jwt}`]).kind, "malformed", jwt.slice(0, 20));
    }
    assert.equal(readBearer(["Bearer a.b.c", "Bearer a.b.c"]).kind, "malformed");
  });
});

const malformed = { kind: "malformed", why: "malformed" };

// The whole grammar of the header as patterns, whatever form is the usual one.
function readBySpec(value: string): unknown {
  if (value.length > 8192 + 100) return malformed;
  const found = /^[ \t]*bearer[ \t]+([A-Za-z0-9_.~+/-]+=*)[ \t]*$/i.exec(value)?.[1];
  if (found === undefined) return malformed;
  if (/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(found)) {
    return found.length > 8192 ? malformed : { kind: "unread_jwt", token: found };
  }
  if (!found.startsWith("fg1_")) {
    if (found.length < 32 || found.length > 512) return malformed;
    return { kind: "credential", token: found, is: "task", id: undefined };
  }
  const key = value.length > 200 ? undefined : parseBearerToken(found);
  if (key === undefined) return malformed;
  if (key.kind === "ak") return { kind: "api_key", token: key };
  const is = {
    ...{ bb: "boot", bs: "session", br: "resume", tk: "task" },
    ...{ cl: "claim", en: "enroll", rn: "runner" },
  }[key.kind];
  return { kind: "credential", token: found, is, id: key.id };
}

describe("the usual form of a header", () => {
  const scheme = fc.constantFrom(
    "Bearer ",
    "bearer ",
    "BEARER ",
    "bEaReR ",
    "Bearer\t",
    "Bearer  ",
  );
  const other = fc.constantFrom(
    "",
    "Basic ",
    "Bearer",
    "Bearers ",
    " Bearer ",
    "\u0062earer\u00a0",
    "Bearer ",
  );
  const tail = fc.constantFrom("", "", " ", "\t ", "\n", ",", "x", "=", " x", ".b.c");
  const credential = fc.oneof(
    fc.constantFrom(token, token.slice(1), `${token}A`, token.replace("_ak_", "_AK_"), "a.b.c", ""),
    fc
      .constantFrom(...(["boot", "session", "resume", "task"] as const))
      .map((kind) => makeCredential(kind, "x").token),
    fc.constantFrom(
      ...["x".repeat(31), "x".repeat(32), "x".repeat(512), "x".repeat(513)],
      ...["~+/".repeat(20), `${"x".repeat(40)}==`, `${"x".repeat(40)}=x`, `fg1_${"x".repeat(40)}`],
    ),
    fc
      .tuple(fc.nat(73), fc.constantFrom("", "A", ".", " ", "é", "\u0141"))
      .map(([at, character]) => token.slice(0, at) + character + token.slice(at + 1)),
  );

  it("is read as every other form is", () => {
    const values = fc
      .tuple(fc.oneof(scheme, other), credential, tail)
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(values, (value) => {
        assert.deepEqual(readBearer([value]), readBySpec(value));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("admission", () => {
  const proofOf = (authorization: string): Proof => ({
    bearer: readBearer([authorization]),
    certificate: { kind: "none" },
  });
  const proof = proofOf(`Bearer ${token}`);
  const input = { proof, state: createState(), now, certificateRules: [] };

  it("refuses a method that the table does not have, after the credential", () => {
    const method = "fleetgate.acl.v1.AclService/Other";
    const unlisted = { ...input, method, allowAnonymous: true };
    assert.throws(() => identify(unlisted), hasReason("INTERNAL_FAULT"));
    assert.throws(() => identify({ ...unlisted, state: undefined }), hasReason("INTERNAL_FAULT"));
    const bad = { ...unlisted, proof: proofOf("x") };
    assert.throws(() => identify(bad), hasReason("CREDENTIAL_REQUIRED"));
  });

  it("takes names of methods as they are", () => {
    const good = "fleetgate.acl.v1.AclService/CheckPoolPerm";
    assert.ok(identify({ ...input, method: good, allowAnonymous: false }));
    for (const method of [good.toLowerCase(), `/${good}`, `${good}/`, "", "toString"]) {
      const asked = { ...input, method, allowAnonymous: true };
      assert.throws(() => identify(asked), hasReason("INTERNAL_FAULT"), method);
    }
  });
});

describe("admit", () => {
  const { snapshot } = createState();
  const proof: Proof = { bearer: { kind: "none" }, certificate: { kind: "none" } };
  const call = { proof, method: "fleetgate.admin.v1.ConfigService/Get" };

  it("lets the members of the group in, and nobody else", () => {
    const peer = (text: string) => {
      const identity = parseIdentity(text) ?? assert.fail();
      const credential = { kind: "api_key", id: "x" } as const;
      return { identity, credential, expiresAt: Infinity };
    };
    admit(peer("user:ROOT@example.com"), call, snapshot);
    const ann = peer("user:ann@example.com");
    assert.throws(() => admit(ann, call, snapshot), hasReason("GROUP_REQUIRED"));
    const credential = { kind: "none", id: "" } as const;
    const nobody = { identity: anonymousIdentity, credential, expiresAt: Infinity };
    assert.throws(() => admit(nobody, call, snapshot), hasReason("CREDENTIAL_REQUIRED"));
    assert.throws(
      () => admit(ann, { ...call, method: "x.Y/Z" }, snapshot),
      hasReason("INTERNAL_FAULT"),
    );
  });
});

function hasReason(reason: string): (error: unknown) => boolean {
  return (error) => error instanceof DomainError && error.reason === reason;
}
