import type { Buffer } from "node:buffer";

// The code of RFC 7541, appendix B: it is canonical, so that the lengths say all.
// Each pair: how many symbols in a row have a code of how many bits.
const runs =
  "1x13 1x23 7x28 1x24 1x30 2x28 1x30 8x28 1x30 9x28 1x6 2x10 1x12 1x13 1x6 1x8 1x11 2x10 1x8 1x11 1x8 " +
  "3x6 3x5 7x6 1x7 1x8 1x15 1x6 1x12 1x10 1x13 1x6 22x7 1x8 1x7 1x8 1x13 1x19 1x13 1x14 1x6 1x15 1x5 " +
  "1x6 1x5 1x6 1x5 3x6 1x5 2x7 3x6 1x5 1x6 1x7 1x6 2x5 1x6 5x7 1x15 1x11 1x14 1x13 1x28 1x20 1x22 2x20 " +
  "3x22 1x23 1x22 5x23 1x24 1x23 2x24 1x22 1x23 1x24 4x23 1x21 1x22 1x23 1x22 2x23 1x24 1x22 1x21 1x20 " +
  "2x22 2x23 1x21 1x23 2x22 1x24 1x21 1x22 2x23 2x21 1x22 1x21 1x23 1x22 2x23 1x20 3x22 1x23 2x22 1x23 " +
  "2x26 1x20 1x19 1x22 1x23 1x22 1x25 3x26 2x27 1x26 1x24 1x25 1x19 1x21 1x26 2x27 1x26 1x27 1x24 2x21 " +
  "2x26 1x28 3x27 1x20 1x24 1x20 1x21 1x22 2x21 1x23 2x22 2x25 2x24 1x26 1x23 1x26 1x27 2x26 5x27 1x28 " +
  "5x27 1x26 1x30";

const tree = buildTree();

/** The text behind some bytes in this code. Throws when they are not of it. */
export function decodeHuffman(bytes: Buffer, start: number, end: number): string {
  let text = "";
  let node = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    for (let bit = 7; bit >= 0; bit -= 1) {
      const next = tree[2 * node + ((byte >> bit) & 1)] ?? 0;
      if (next === 0) throw new Error("not a Huffman code");
      if (next > 0) {
        node = next;
      } else {
        text += String.fromCharCode(-next - 1);
        node = 0;
      }
    }
  }
  return text;
}

/** For each node two children: a node, or below zero a symbol. */
function buildTree(): Int32Array {
  const lengths = runs.split(" ").flatMap((run) => {
    const [count = 0, bits = 0] = run.split("x").map(Number);
    return Array.from({ length: count }, () => bits);
  });
  const symbols = lengths
    .map((bits, symbol) => ({ bits, symbol }))
    .sort((left, right) => left.bits - right.bits || left.symbol - right.symbol);
  const nodes: number[] = [0, 0];
  let code = 0;
  let before = 0;
  for (const { bits, symbol } of symbols) {
    code *= 2 ** (bits - before);
    before = bits;
    insert(nodes, code, bits, symbol);
    code += 1;
  }
  return Int32Array.from(nodes);
}

function insert(nodes: number[], code: number, bits: number, symbol: number): void {
  let node = 0;
  for (let bit = bits - 1; bit > 0; bit -= 1) {
    const place = 2 * node + ((code >>> bit) & 1);
    let next = nodes[place] ?? 0;
    if (next === 0) {
      next = nodes.length / 2;
      nodes[place] = next;
      nodes.push(0, 0);
    }
    node = next;
  }
  nodes[2 * node + (code & 1)] = -symbol - 1;
}
