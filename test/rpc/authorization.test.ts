import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DomainError } from "../../src/domain/errors.ts";
import { anonymousIdentity, parseIdentity } from "../../src/domain/identity.ts";
import { admit, identify } from "../../src/rpc/admission/admit.ts";
import { parseAuthorization, readAuthorization } from "../../src/rpc/admission/authorization.ts";
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

describe("parseAuthorization", () => {
  it("takes exactly one bearer token", () => {
    assert.equal(parseAuthorization([`Bearer ${token}`])?.id, keys.ann.body.id);
    assert.equal(parseAuthorization([` bearer \t${token} `])?.id, keys.ann.body.id);
    for (const values of [
      [],
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
      assert.equal(parseAuthorization(values), undefined, JSON.stringify(values));
    }
  });
});

describe("admission", () => {
  const input = { authorization: [`Bearer ${token}`], state: createState(), now };

  it("refuses a method that the table does not have, after the credential", () => {
    const method = "fleetgate.acl.v1.AclService/Other";
    const unlisted = { ...input, method, allowAnonymous: true };
    assert.throws(() => identify(unlisted), hasReason("INTERNAL_FAULT"));
    assert.throws(() => identify({ ...unlisted, state: undefined }), hasReason("INTERNAL_FAULT"));
    const bad = { ...unlisted, authorization: ["x"] };
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
  const method = "fleetgate.admin.v1.ConfigService/Get";

  it("lets the members of the group in, and nobody else", () => {
    const peer = (text: string) => {
      const identity = parseIdentity(text) ?? assert.fail();
      return { identity, keyId: "x", expiresAt: Infinity };
    };
    admit(peer("user:ROOT@example.com"), method, snapshot);
    const ann = peer("user:ann@example.com");
    assert.throws(() => admit(ann, method, snapshot), hasReason("GROUP_REQUIRED"));
    const nobody = { identity: anonymousIdentity, keyId: "", expiresAt: Infinity };
    assert.throws(() => admit(nobody, method, snapshot), hasReason("CREDENTIAL_REQUIRED"));
    assert.throws(() => admit(ann, "x.Y/Z", snapshot), hasReason("INTERNAL_FAULT"));
  });
});

function hasReason(reason: string): (error: unknown) => boolean {
  return (error) => error instanceof DomainError && error.reason === reason;
}
