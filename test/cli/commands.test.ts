import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commands } from "../../src/cli/commands.ts";
import { createProgram } from "../../src/cli/program.ts";
import { runCli } from "./support/run-cli.ts";

const cli = {
  io: {
    stdout: { write: () => undefined },
    stderr: { write: () => undefined },
    env: {},
    readStdin: () => Promise.resolve(""),
    stopSignal: () => new Promise<never>(() => undefined),
  },
  globals: () => ({ timeout: 1000, json: false }),
  action: () => () => Promise.resolve(),
};

const loadedBy = async (...argv: string[]) =>
  (await createProgram(cli, argv)).commands.map((command) => command.name());

describe("a command line loads", () => {
  it("the command it names, under its own name, wherever the global options stand", async () => {
    for (const name of [...commands.keys()].filter((name) => name !== "help")) {
      assert.deepEqual(await loadedBy(name, "--help"), [name]);
    }
    assert.deepEqual(await loadedBy("--json", "--timeout", "group", "bot", "log"), ["bot"]);
    assert.deepEqual(await loadedBy("--timeout=5s", "check", "bot"), ["check"]);
  });

  it("all commands when it names none, or one that there is not", async () => {
    const all = [...commands.keys()];
    for (const argv of [[], ["--help"], ["--timeout", "bot"], ["bto"], ["help", "bot"]]) {
      assert.deepEqual(await loadedBy(...argv), all, argv.join(" "));
    }
  });

  it("no other than that of the release when it only asks for the release", async () => {
    for (const argv of [["--version"], ["--json", "--version"], ["--help", "--version"]]) {
      assert.deepEqual(await loadedBy(...argv), ["version"]);
      const { code, stdout } = await runCli(argv);
      assert.equal(code, 0);
      assert.match(stdout, /^\d+\.\d+\.\d+\S*\n$/);
    }
    // There it is the value of an option.
    assert.deepEqual(await loadedBy("--endpoint", "--version"), [...commands.keys()]);
  });

  it("as many as it takes to say what was meant", async () => {
    const { code, stderr } = await runCli(["--json", "chekc", "pool"]);
    assert.equal(code, 2);
    assert.match(stderr, /Did you mean check\?/);
  });
});
