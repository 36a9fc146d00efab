import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findCycles } from "../../../src/config/rules/find-cycles.ts";

function cyclesOf(graph: Readonly<Record<string, readonly string[]>>): string[] {
  return [...findCycles(Object.keys(graph), (node) => graph[node] ?? [])].map((cycle) =>
    cycle.join(" "),
  );
}

describe("findCycles", () => {
  it("finds none in a diamond", () => {
    assert.deepEqual(cyclesOf({ a: ["b", "c"], b: ["d"], c: ["d"], d: [] }), []);
  });

  it("finds each of several cycles once", () => {
    assert.deepEqual(cyclesOf({ a: ["b"], b: ["a", "c"], c: ["c"], d: ["a"] }), ["a b", "c"]);
  });

  it("finds a cycle that no given node starts in", () => {
    const graph: Readonly<Record<string, readonly string[]>> = { a: ["x"], x: ["y"], y: ["x"] };
    assert.deepEqual([...findCycles(["a"], (node) => graph[node] ?? [])], [["x", "y"]]);
  });

  it("walks a chain of 10,000 and a graph of 2^40 paths", () => {
    const chain = (node: string): string[] =>
      node === "9999" ? ["0"] : [String(Number(node) + 1)];
    const [cycle, ...others] = findCycles(["0"], chain);
    assert.equal(cycle?.length, 10_000);
    assert.deepEqual(others, []);
    const diamonds = (node: string): string[] => {
      const level = Number(node.slice(1));
      return level === 40 ? [] : [`a${level + 1}`, `b${level + 1}`];
    };
    assert.deepEqual([...findCycles(["a0"], diamonds)], []);
  });
});
