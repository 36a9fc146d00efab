import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

const undo: (() => Promise<void> | void)[] = [];

after(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** Does something after all tests of the file, the last thing first. */
export function atEnd(step: () => Promise<void> | void): void {
  undo.push(step);
}

/** A new empty folder, gone after the tests of the file. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fleetgate-e2e-"));
  atEnd(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
