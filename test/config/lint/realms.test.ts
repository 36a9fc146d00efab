import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lint, lintBy } from "./support.ts";

describe("unbound-role", () => {
  it("finds roles that no binding gives to anybody, not even through another role", () => {
    const text = `
roles:
  - {name: role/bound, includes: [role/included]}
  - {name: role/included, permissions: [swarming.tasks.get]}
  - {name: role/through-custom, permissions: [swarming.tasks.get]}
  - {name: role/loose, includes: [role/loose-too]}
  - {name: role/loose-too, permissions: [swarming.tasks.get]}
projects:
  - name: p
    custom_roles:
      - {name: customRole/a, includes: [role/through-custom, customRole/b]}
      - {name: customRole/b, permissions: [swarming.tasks.get]}
      - {name: customRole/c, permissions: [swarming.tasks.get]}
    realms:
      - name: r
        bindings:
          - {role: role/bound, principals: ["user:a@x.com"]}
          - {role: customRole/a, principals: ["user:a@x.com"]}
  - name: q
    custom_roles:
      - {name: customRole/a, permissions: [swarming.tasks.get]}
`;
    assert.deepEqual(lintBy("unbound-role", text), [
      'a.yaml:6:12 no binding gives the role "role/loose" to anybody',
      'a.yaml:7:12 no binding gives the role "role/loose-too" to anybody',
      'a.yaml:13:16 no binding gives the role "customRole/c" to anybody',
      'a.yaml:21:16 no binding gives the role "customRole/a" to anybody',
    ]);
  });
});

describe("idle-binding", () => {
  it("finds bindings without principals", () => {
    const text =
      "projects: [{name: p, realms: [{name: r, bindings: [{role: role/swarming.poolUser}]}]}]";
    assert.deepEqual(lintBy("idle-binding", text), [
      'a.yaml:1:52 "p:r" binds "role/swarming.poolUser" to nobody',
    ]);
  });
});

describe("pool-without-realm", () => {
  it("finds pools in realms that no file defines", () => {
    const pools = `pools:
  - {name: good, realm: "p:r"}
  - {name: root, realm: "p:@root"}
  - {name: odd, realm: "p:rr", default_task_realm: "q:r"}`;
    const projects = "projects: [{name: p, realms: [{name: r}]}]";
    assert.deepEqual(lintBy("pool-without-realm", pools, projects), [
      'a.yaml:4:24 the pool "odd" names the realm "p:rr", which these files do not define',
      'a.yaml:4:52 the pool "odd" names the realm "q:r", which these files do not define',
    ]);
  });
});

describe("open-delegation", () => {
  it("finds delegations that limit nothing", () => {
    const text = `settings:
  delegations:
    - {group: administrators}
    - {group: administrators, permissions: [swarming.tasks.get]}
    - {group: administrators, caller_globs: ["bot:a*"]}`;
    assert.deepEqual(lint(text), [
      'a.yaml:3:7 open-delegation: members of "administrators" may ask about anybody for any permission [limit it by caller_globs, permissions or realms]',
    ]);
  });
});
