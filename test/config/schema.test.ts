import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { DescMessage } from "@bufbuild/protobuf";
import { file_fleetgate_config_v1_config as file } from "../../src/gen/fleetgate/config/v1/config_pb.ts";
import { file_fleetgate_config_v1_test_suite as testFile } from "../../src/gen/fleetgate/config/v1/test_suite_pb.ts";
import { readTestFiles } from "../../src/config/policy-tests/read-test-files.ts";
import { isTestFile } from "../../src/config/policy-tests/test-file-name.ts";
import { problemsOf } from "./support/problems.ts";

interface Definition {
  readonly description: string;
  readonly properties: Readonly<Record<string, { readonly description: string }>>;
  readonly required?: readonly string[];
  readonly additionalProperties: boolean;
}

type Schema = Definition & { readonly definitions: Readonly<Record<string, Definition>> };

const root = new URL("../../", import.meta.url);
const readSchema = (name: string): Schema =>
  JSON.parse(readFileSync(new URL(`schemas/${name}.schema.json`, root), "utf8")) as Schema;
const schema = readSchema("config");
const testSchema = readSchema("test-suite");

function definitionOf(message: DescMessage): Definition | undefined {
  if (message.file.name === testFile.proto.name?.replace(/\.proto$/, "")) {
    return message.name === "TestSuite" ? testSchema : testSchema.definitions[message.name];
  }
  return message.name === "Config" ? schema : schema.definitions[message.name];
}

describe("the JSON Schemas", () => {
  it("have every message and field of the contract, each with a description, and no others", () => {
    for (const message of [...file.messages, ...testFile.messages]) {
      const definition = definitionOf(message);
      assert.ok(definition?.description, message.name);
      assert.equal(definition.additionalProperties, false);
      assert.deepEqual(
        Object.keys(definition.properties),
        message.fields.map(({ name }) => name),
      );
      for (const property of Object.values(definition.properties)) assert.ok(property.description);
    }
    for (const [{ definitions }, { messages }] of [
      [schema, file],
      [testSchema, testFile],
    ] as const) {
      assert.equal(Object.keys(definitions).length, messages.length - 1);
    }
  });

  it("require of policy tests what their reader misses", () => {
    const text = "tests: [{principals: {}}]";
    const { problems } = readTestFiles([{ path: "t.test.yaml", text }], undefined);
    const missing = problems.flatMap(({ message }) => /^(\w+) is missing/.exec(message)?.[1] ?? []);
    const required = testFile.messages.flatMap((it) => definitionOf(it)?.required ?? []);
    assert.deepEqual(missing.toSorted(), required.toSorted());
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
