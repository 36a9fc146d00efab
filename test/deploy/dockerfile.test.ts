import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { root } from "../e2e/support/processes.ts";

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of each stage, lines joined. */
function readStages(): readonly (readonly Instruction[])[] {
  const text = readFileSync(join(root, "Dockerfile"), "utf8")
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n")
    .replaceAll(/\\\n\s*/g, " ");
  const stages: Instruction[][] = [];
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const [name = "", ...rest] = line.split(" ");
    if (name === "FROM") stages.push([]);
    stages.at(-1)?.push({ name, text: rest.join(" ") });
  }
  return stages;
}

const stages = readStages();
const final = stages.at(-1) ?? [];
const all = (stage: readonly Instruction[], name: string): readonly string[] =>
  stage.filter((each) => each.name === name).map(({ text }) => text);

function sourcesOf(copy: string): readonly string[] {
  return copy
    .split(" ")
    .filter((word) => !word.startsWith("--"))
    .slice(0, -1);
}

describe("the Dockerfile", () => {
  it("builds and runs on one exact release of Node, the one that the tests run on", () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly devDependencies: Readonly<Record<string, string>>;
    };
    for (const stage of stages) {
      assert.match(all(stage, "FROM")[0] ?? "", /^node:\d+\.\d+\.\d+-bookworm-slim\b/);
      assert.ok(all(stage, "FROM")[0]?.startsWith(`node:${devDependencies["node"]}-`));
    }
  });

  it("copies only what is in the checkout and in the build context", () => {
    const context = readFileSync(join(root, ".dockerignore"), "utf8").split("\n");
    const allowed = new Set(context.filter((line) => line.startsWith("!")).map((l) => l.slice(1)));
    assert.ok(context.includes("*"));
    const copied = stages.flatMap((stage) => all(stage, "COPY")).filter((c) => !/--from/.test(c));
    const sources = copied.flatMap(sourcesOf);
    assert.deepEqual(new Set(sources), allowed);
    for (const source of sources) assert.ok(existsSync(join(root, source)), source);
  });

  it("has every script that the build runs", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const wanted = scripts["build"]?.match(/\bscripts\/[\w-]+\.ts\b/g) ?? [];
    assert.ok(wanted.length > 0, "the build runs scripts");
    const [build = []] = stages;
    const step = build.findIndex(({ name, text }) => name === "RUN" && /npm run build/.test(text));
    const copied = all(build.slice(0, step), "COPY").flatMap(sourcesOf);
    assert.deepEqual(
      wanted.filter((script) => !copied.includes(script)),
      [],
    );
  });

  it("takes everything that the package ships and the server needs", () => {
    const targets = all(final, "COPY").map((copy) => copy.split(" ").at(-1));
    for (const needed of ["dist/", "node_modules/", "db/migrations/", "proto/"]) {
      assert.ok(targets.includes(needed), needed);
    }
  });

  it("runs without root, as a number that Kubernetes can judge", () => {
    const [user, second] = all(final, "USER");
    assert.match(user ?? "", /^[1-9]\d*:[1-9]\d*$/);
    assert.equal(second, undefined);
    const after = final.slice(final.findIndex(({ name }) => name === "USER"));
    assert.deepEqual(all(after, "RUN"), []);
  });

  it("has a health check and stops by the signal that the server drains on", () => {
    assert.match(all(final, "HEALTHCHECK")[0] ?? "", /CMD \["fleetgate", "health"/);
    assert.deepEqual(all(final, "STOPSIGNAL"), ["SIGTERM"]);
    assert.deepEqual(all(final, "ENTRYPOINT"), ['["node", "/app/dist/cli/main.js"]']);
  });

  it("holds no secret and sets no option that a user would have to undo", () => {
    const text = readFileSync(join(root, "Dockerfile"), "utf8");
    assert.doesNotMatch(text, /postgres:\/\/|fg1_|ARG |FLEETGATE_[A-Z_]+=/);
  });
});
