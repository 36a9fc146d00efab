import { Buffer } from "node:buffer";
import { decodeHuffman } from "./huffman.ts";

/** What a load looks at in the headers of an answer. */
export interface Status {
  http: string;
  grpc: string;
}

/** Reads the header blocks of one connection, in the order of their arrival. */
export type DecodeHeaders = (block: Buffer, into: Status) => void;

interface Entry {
  readonly name: string;
  readonly value: string;
}

/** RFC 7541, appendix A; names without a value but those of the statuses and a few others. */
const staticTable: readonly Entry[] = [
  ...[":authority", ":method GET", ":method POST", ":path /", ":path /index.html"],
  ...[":scheme http", ":scheme https", ":status 200", ":status 204", ":status 206"],
  ...[":status 304", ":status 400", ":status 404", ":status 500", "accept-charset"],
  ...["accept-encoding gzip, deflate", "accept-language", "accept-ranges", "accept"],
  ...["access-control-allow-origin", "age", "allow", "authorization", "cache-control"],
  ...["content-disposition", "content-encoding", "content-language", "content-length"],
  ...["content-location", "content-range", "content-type", "cookie", "date", "etag", "expect"],
  ...["expires", "from", "host", "if-match", "if-modified-since", "if-none-match", "if-range"],
  ...["if-unmodified-since", "last-modified", "link", "location", "max-forwards"],
  ...["proxy-authenticate", "proxy-authorization", "range", "referer", "refresh", "retry-after"],
  ...["server", "set-cookie", "strict-transport-security", "transfer-encoding", "user-agent"],
  ...["vary", "via", "www-authenticate"],
].map((text) => {
  const space = text.indexOf(" ");
  if (space < 0) return { name: text, value: "" };
  return { name: text.slice(0, space), value: text.slice(space + 1) };
});

const tableBytes = 4096;

/** Creates the reader of a connection that uses a table of the usual size. */
export function createHeaderDecoder(): DecodeHeaders {
  // Newest last.
  let table: Entry[] = [];
  let bytes = 0;
  let at = 0;
  let block: Buffer = Buffer.alloc(0);

  function readNumber(bits: number): number {
    const most = 2 ** bits - 1;
    let value = (block[at] ?? 0) & most;
    at += 1;
    if (value < most) return value;
    for (let shift = 0; ; shift += 7) {
      const byte = block[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  function readText(): string {
    const isCoded = ((block[at] ?? 0) & 0x80) !== 0;
    const length = readNumber(7);
    const start = at;
    at += length;
    return isCoded ? decodeHuffman(block, start, at) : block.toString("latin1", start, at);
  }

  function entryAt(index: number): Entry {
    const entry =
      index <= staticTable.length
        ? staticTable[index - 1]
        : table[table.length - (index - staticTable.length)];
    if (entry === undefined) throw new Error("a header that is not in the table");
    return entry;
  }

  function shrink(most: number): void {
    let gone = 0;
    while (bytes > most) {
      const entry = table[gone];
      if (entry === undefined) break;
      bytes -= sizeOf(entry);
      gone += 1;
    }
    if (gone > 0) table = table.slice(gone);
  }

  function readLiteral(bits: number): Entry {
    const index = readNumber(bits);
    const name = index === 0 ? readText() : entryAt(index).name;
    return { name, value: readText() };
  }

  return (received, into) => {
    block = received;
    at = 0;
    while (at < block.length) {
      const first = block[at] ?? 0;
      let entry: Entry;
      if (first >= 0x80) {
        entry = entryAt(readNumber(7));
      } else if (first >= 0x40) {
        entry = readLiteral(6);
        table.push(entry);
        bytes += sizeOf(entry);
        shrink(tableBytes);
      } else if (first >= 0x20) {
        shrink(readNumber(5));
        continue;
      } else {
        entry = readLiteral(4);
      }
      if (entry.name === ":status") into.http = entry.value;
      else if (entry.name === "grpc-status") into.grpc = entry.value;
    }
  };
}

function sizeOf({ name, value }: Entry): number {
  return name.length + value.length + 32;
}

/** The header blocks of a connection whose requests all have the same headers. */
export interface RequestBlocks {
  readonly first: Buffer;
  /** Those after the first one refer to it. */
  readonly next: Buffer;
}

/** What clients on nghttp2, Node's among them, write out in each request. */
const neverIndexed = new Set([":path", "authorization"]);

/** Encodes the headers of a POST over http. */
export function encodeRequestHeaders(
  path: string,
  authority: string,
  headers: Readonly<Record<string, string>>,
): RequestBlocks {
  const all = Object.entries({ ":path": path, ":authority": authority, ...headers });
  const indexed = all.filter(([name]) => !neverIndexed.has(name));
  // `:method POST` and `:scheme http` are in the static table.
  const first = [Buffer.from([0x83, 0x86])];
  const next = [Buffer.from([0x83, 0x86])];
  for (const [name, value] of all) {
    const place = indexed.findIndex(([one]) => one === name);
    const text = Buffer.concat([encodeText(name), encodeText(value)]);
    if (place < 0) {
      for (const list of [first, next]) list.push(Buffer.from([0]), text);
    } else {
      first.push(Buffer.from([0x40]), text);
      // The newest entry has the lowest number.
      next.push(Buffer.from([0x80 + staticTable.length + indexed.length - place]));
    }
  }
  return { first: Buffer.concat(first), next: Buffer.concat(next) };
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  const most = 127;
  if (bytes.length < most) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const rest = bytes.length - most;
  const length = rest < 128 ? [most, rest] : [most, 0x80 + (rest % 128), Math.floor(rest / 128)];
  return Buffer.concat([Buffer.from(length), bytes]);
}
