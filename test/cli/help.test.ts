import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { Command } from "commander";
import { createProgram } from "../../src/cli/program.ts";
import { runCli } from "./support/run-cli.ts";

const program = await createProgram(
  {
    io: {
      stdout: { write: () => undefined },
      stderr: { write: () => undefined },
      env: {},
      readStdin: () => Promise.resolve(""),
      stopSignal: () => new Promise(() => undefined),
    },
    globals: () => ({ timeout: 1000, json: false }),
    action:
      (handler) =>
      async (...args) => {
        await handler(...args);
      },
  },
  [],
);

interface Leaf {
  /** `check pool`. */
  readonly name: string;
  readonly command: Command;
}

const leaves = listLeaves(program, []);
const globalFlags = program.options.map(({ long }) => long);

function listLeaves(command: Command, path: readonly string[]): readonly Leaf[] {
  if (command.commands.length === 0) return [{ name: path.join(" "), command }];
  return command.commands.flatMap((child) => listLeaves(child, [...path, child.name()]));
}

/** The command lines that the help of a command shows. */
async function readExamples(name: string): Promise<readonly string[]> {
  const { code, stdout } = await runCli([...name.split(" "), "--help"]);
  assert.equal(code, 0);
  return [...stdout.matchAll(/^ {2}\$ (.+)$/gm)].map((match) => match[1] ?? "");
}

describe("help", () => {
  it("ends with 0 when asked for, with 2 when there is no command", async () => {
    const asked = await runCli(["--help"]);
    assert.equal(asked.code, 0);
    assert.match(asked.stdout, /^Usage: fleetgate /);
    assert.match(asked.stdout, /Exit codes:\n {2}0 /);
    const none = await runCli([]);
    assert.deepEqual([none.code, none.stdout], [2, ""]);
    assert.equal((await runCli(["check"])).code, 2);
  });

  it("says which options are required", async () => {
    const { stdout } = await runCli(["runner", "create", "--help"]);
    assert.match(stdout, /--realm <realm> .*project:realm; required$/m);
    assert.doesNotMatch(stdout, /--pool <pool> .*required/);
  });

  it("is offered for every mistake in the command line, which ends with 2", async () => {
    for (const args of [["chekc"], ["check", "pool"], ["check", "pool", "p"], ["health", "--x"]]) {
      const result = await runCli(args);
      assert.equal(result.code, 2);
      assert.match(result.stderr, /^error: /);
    }
    assert.match((await runCli(["halth"])).stderr, /Did you mean health\?/);
  });

  it("shows the same for `help check pool` as for `check pool --help`", async () => {
    for (const names of [[], ["check"], ["check", "pool"], ["version"], ["help"]]) {
      const { code, stdout, stderr } = await runCli(["help", ...names]);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.equal(stdout, (await runCli([...names, "--help"])).stdout);
    }
    const nested = await runCli(["check", "help", "pool"]);
    assert.equal(nested.stdout, (await runCli(["check", "pool", "--help"])).stdout);
  });

  it("ends with 2 for the help of a command that there is not", async () => {
    for (const names of [["chekc"], ["check", "nope"], ["version", "nope"]]) {
      const { code, stdout, stderr } = await runCli(["help", ...names]);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
      assert.match(stderr, /^error: there is no command /);
    }
  });

  for (const { name, command } of leaves) {
    it(`of ${name} says what it is for and shows an example of it`, async () => {
      assert.match(command.description(), /^[A-Z][^]*\.$/);
      const examples = await readExamples(name);
      assert.ok(examples.some((line) => line.includes(`fleetgate ${name}`)));
    });
  }

  it("describes every family of commands", () => {
    const families = program.commands.filter(({ commands }) => commands.length > 0);
    for (const family of families) assert.match(family.description(), /^[A-Z][^]*\.$/);
  });

  it("has no option that hides a global one, and none with a short form", () => {
    for (const { name, command } of leaves) {
      for (const { long, short } of command.options) {
        assert.ok(!globalFlags.includes(long), `${name} ${long}`);
        assert.equal(short, undefined, `${name} ${short}`);
      }
    }
  });
});

describe("fleetgate version", () => {
  it("prints the release of package.json", async () => {
    const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    const { version } = JSON.parse(text) as { readonly version: string };
    assert.deepEqual(await runCli(["version"]), { code: 0, stdout: `${version}\n`, stderr: "" });
    assert.equal((await runCli(["--version"])).stdout, `${version}\n`);
    assert.deepEqual(JSON.parse((await runCli(["version", "--json"])).stdout), { version });
  });
});

describe("docs/cli.md", () => {
  const text = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");
  const sections = new Map(
    text
      .split(/^### /m)
      .slice(1)
      .map((part) => [/^`fleetgate ([^`]+)`/.exec(part)?.[1], part]),
  );

  it("has a section for every command, in the order of the help, and no other", () => {
    assert.deepEqual(
      [...sections.keys()],
      leaves.map(({ name }) => name),
    );
  });

  for (const { name, command } of leaves) {
    it(`names every option and shows every example of ${name}`, async () => {
      const section = sections.get(name) ?? "";
      // The flags of serve are the options of the server, which have a page of their own.
      const flags = name === "serve" ? ["--options"] : command.options.map(({ long }) => long);
      for (const flag of flags) assert.ok(section.includes(`\`${flag ?? ""}`), flag ?? "");
      for (const example of await readExamples(name)) assert.ok(section.includes(example), example);
    });
  }

  it("names every global option", () => {
    const before = text.slice(0, text.indexOf("\n### "));
    for (const flag of globalFlags) assert.ok(before.includes(`\`${flag ?? ""}`), flag ?? "");
  });
});
