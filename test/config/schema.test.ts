import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { DescMessage } from "@bufbuild/protobuf";
import { file_fleetgate_config_v1_config as file } from "../../src/gen/fleetgate/config/v1/config_pb.ts";
import { isTestFile } from "../../src/config/policy-tests/test-file-name.ts";
import { problemsOf } from "./support/problems.ts";

interface Definition {
  readonly description: string;
  readonly properties: Readonly<Record<string, { readonly description: string }>>;
  readonly required?: readonly string[];
  readonly additionalProperties: boolean;
}

const root = new URL("../../", import.meta.url);
const schema = JSON.parse(
  readFileSync(new URL("schemas/config.schema.json", root), "utf8"),
) as Definition & { readonly definitions: Readonly<Record<string, Definition>> };

function definitionOf(message: DescMessage): Definition | undefined {
  return message.name === "Config" ? schema : schema.definitions[message.name];
}

describe("the JSON Schema", () => {
  it("has every message and field of the contract, each with a description, and no others", () => {
    for (const message of file.messages) {
      const definition = definitionOf(message);
      assert.ok(definition?.description, message.name);
      assert.equal(definition.additionalProperties, false);
      assert.deepEqual(
        Object.keys(definition.properties),
        message.fields.map(({ name }) => name),
      );
      for (const property of Object.values(definition.properties)) assert.ok(property.description);
    }
  });

  it("requires exactly the fields that validation misses in an empty mapping", () => {
    const empty: Readonly<Record<string, string>> = {
      Config: "{}",
      Settings: "settings: {}",
      Delegation: "settings: {delegations: [{}]}",
      Permission: "permissions: [{}]",
      Role: "roles: [{}]",
      Project: "projects: [{}]",
      Realm: "projects: [{name: p, realms: [{}]}]",
      Binding: "projects: [{name: p, realms: [{name: r, bindings: [{}]}]}]",
      Condition:
        "projects: [{name: p, realms: [{name: r, bindings: [{role: role/swarming.poolUser, conditions: [{}]}]}]}]",
      Pool: "pools: [{}]",
      BotGroup: "bot_groups: [{}]",
      Group: "groups: [{}]",
    };
    for (const message of file.messages) {
      const missing = problemsOf(empty[message.name] ?? "").flatMap(
        (problem) => /: (\w+) is missing/.exec(problem)?.[1] ?? [],
      );
      assert.deepEqual(missing, definitionOf(message)?.required ?? [], message.name);
    }
  });
});

describe("the example fleet", () => {
  const folder = new URL("examples/config/", root);
  const names = readdirSync(folder);
  const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");
  const texts = names.filter((name) => !isTestFile(name)).map(read);

  it("is valid, without a warning", () => {
    assert.deepEqual(problemsOf(texts), []);
  });

  it("names the JSON Schema in each file", () => {
    for (const name of names) {
      const [first = ""] = read(name).split("\n");
      const address = /^# yaml-language-server: \$schema=(\S+)$/.exec(first)?.[1] ?? "";
      const schema = isTestFile(name) ? "test-suite" : "config";
      const expected = new URL(`schemas/${schema}.schema.json`, root);
      assert.equal(new URL(address, folder).href, expected.href, name);
    }
  });
});
