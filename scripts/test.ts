import { spawn } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

// Runs all tests. A process for each file spends half of its time on loading the same code, so the files of a room share one where
// nothing of theirs is of the process: no signals, no memory that is measured, no file of the command line that is run. Whatever is
// given on the command line goes on to `node --test`: options (`npm test -- --test-name-pattern=U40`), and files, which run instead of all.

/** The rooms of which the files share processes, and how many processes those are. */
const shared: Readonly<Record<string, number>> = {
  ...{ bench: 1, cli: 1, client: 2, commands: 3, config: 1, conformance: 1, credentials: 1 },
  ...{ domain: 1, engine: 1, identity: 1, rpc: 3, server: 2, spec: 1, storage: 2 },
};

/** The processes that are under way at once. */
const concurrency = 2;

const folder = mkdtempSync(join(tmpdir(), "fleetgate-test-"));
const files = globSync("test/**/*.test.ts").sort();
const alone = files.filter((file) => !(roomOf(file) in shared));
const groups = Object.entries(shared).flatMap(([room, count]) => groupsOf(room, count));

// What takes longest comes first, so that no processor is idle at the end: whole systems, then rooms, then the rest.
const isWhole = (file: string): boolean => roomOf(file) === "e2e";
const order = [...alone.filter(isWhole), ...groups, ...alone.filter((file) => !isWhole(file))];
const given = process.argv.slice(2);
const runner = spawn(
  process.execPath,
  [
    "--test",
    "--test-global-setup=./test/support/global-setup.ts",
    `--test-concurrency=${concurrency}`,
    ...given,
    ...(given.some((word) => !word.startsWith("-")) ? [] : order),
  ],
  { stdio: "inherit" },
);
// The terminal tells the runner, too; this waits until it has put away what it made.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => runner.kill(signal));
}
runner.on("close", (code, signal) => {
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
});

function roomOf(file: string): string {
  return file.split(sep)[1] ?? "";
}

/** The entries of a room, each of which loads every so-manieth of its files: those of one kind lie side by side, and take as long. */
function groupsOf(room: string, count: number): readonly string[] {
  const ofRoom = files.filter((file) => roomOf(file) === room);
  return Array.from({ length: count }, (_, index) => {
    const some = ofRoom.filter((_file, place) => place % count === index);
    const entry = join(folder, `${room}-${index + 1}.test.mjs`);
    const lines = some.map(
      (file) => `import ${JSON.stringify(pathToFileURL(resolve(file)).href)};`,
    );
    writeFileSync(entry, lines.join("\n"));
    return entry;
  });
}
