import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openCpuReader, parseCpuTicks } from "../../../bench/peers/processor-time.ts";

// pid (comm) state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime cutime …
const line = (name: string): string =>
  `42 (${name}) S 1 42 42 0 -1 4194304 900 0 3 0 1234 66 5 6 20 0 11 0 777 1000 50`;

describe("parseCpuTicks", () => {
  for (const name of ["node", "node (worker) 2", "a) S 9 9 9 9 9"]) {
    test(`adds user and system time of ${name}, and no time of children`, () => {
      assert.equal(parseCpuTicks(line(name)), 1300);
    });
  }

  test("refuses what is no such line", () => {
    for (const text of ["", "42 node S 1", "42 (node) S 1"]) {
      assert.throws(() => parseCpuTicks(text), /not a line/);
    }
  });
});

describe("openCpuReader", () => {
  test("reads what this process says of itself", (context) => {
    const read = openCpuReader();
    if (read === undefined) return context.skip("there is no /proc");
    const { user, system } = process.cpuUsage();
    const until = performance.now() + 60;
    while (performance.now() < until);
    const found = read(process.pid);
    assert.ok(found >= (user + system) / 1e6 - 0.03);
    assert.ok(found < (user + system) / 1e6 + 60);
  });
});
