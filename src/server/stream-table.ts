/**
 * What an HTTP/2 session has open, by the ids of streams: positive whole numbers below 2^31. It is what a Map is, and lets go
 * of a value as soon as it is deleted, which a Map that changes all the time does not: see `session-streams.ts`.
 *
 * Open addressing with linear probing; deleting closes the gap (Knuth, The Art of Computer Programming 3, 6.4, algorithm R).
 * A client that chooses its ids so that they collide makes a look-up cost as many steps as it has streams open, which
 * `max_streams` bounds.
 */
export class StreamTable<Stream> implements Map<number, Stream> {
  readonly [Symbol.toStringTag] = "StreamTable";
  #ids = new Int32Array(leastRoom);
  #streams: (Stream | undefined)[] = emptySlots(leastRoom);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Stream | undefined {
    return this.#streams[this.#placeOf(id)];
  }

  has(id: number): boolean {
    return id !== free && this.#ids[this.#placeOf(id)] === id;
  }

  set(id: number, stream: Stream): this {
    if (!(Number.isInteger(id) && id > 0 && id <= highestId)) throw new RangeError("no stream id");
    let place = this.#placeOf(id);
    if (this.#ids[place] !== id) {
      if (this.#size * 2 >= this.#ids.length) {
        this.#resize(this.#ids.length * 2);
        place = this.#placeOf(id);
      }
      this.#ids[place] = id;
      this.#size += 1;
    }
    this.#streams[place] = stream;
    return this;
  }

  delete(id: number): boolean {
    let gap = this.#placeOf(id);
    const ids = this.#ids;
    if (id === free || ids[gap] !== id) return false;
    const mask = ids.length - 1;
    for (let place = (gap + 1) & mask; ids[place] !== free; place = (place + 1) & mask) {
      const home = homeOf(ids[place] ?? free, mask);
      // What lives behind the gap stays: nobody passes the gap on the way to it.
      if (((place - home) & mask) < ((place - gap) & mask)) continue;
      ids[gap] = ids[place] ?? free;
      this.#streams[gap] = this.#streams[place];
      gap = place;
    }
    ids[gap] = free;
    this.#streams[gap] = undefined;
    this.#size -= 1;
    if (this.#size === 0 && ids.length > mostIdleRoom) this.clear();
    return true;
  }

  clear(): void {
    // It may be old by now, and must not keep what it held.
    this.#streams.fill(undefined);
    this.#ids = new Int32Array(leastRoom);
    this.#streams = emptySlots(leastRoom);
    this.#size = 0;
  }

  /** In no order. What is deleted on the way is left out, what is added is not seen. */
  forEach(
    tell: (stream: Stream, id: number, table: Map<number, Stream>) => void,
    self?: unknown,
  ): void {
    for (const [id, stream] of this) Reflect.apply(tell, self, [stream, id, this]);
  }

  *keys(): MapIterator<number> {
    for (const [id] of this) yield id;
  }

  *values(): MapIterator<Stream> {
    for (const [, stream] of this) yield stream;
  }

  *entries(): MapIterator<[number, Stream]> {
    for (const id of this.#ids.filter((one) => one !== free)) {
      const place = this.#placeOf(id);
      if (this.#ids[place] === id) yield [id, this.#streams[place] as Stream];
    }
  }

  [Symbol.iterator](): MapIterator<[number, Stream]> {
    return this.entries();
  }

  /** Where the id is, or where it would be put. */
  #placeOf(id: number): number {
    const ids = this.#ids;
    const mask = ids.length - 1;
    let place = homeOf(id, mask);
    while (ids[place] !== id && ids[place] !== free) place = (place + 1) & mask;
    return place;
  }

  #resize(room: number): void {
    const [ids, streams] = [this.#ids, this.#streams];
    this.#ids = new Int32Array(room);
    this.#streams = emptySlots(room);
    for (const [old, id] of ids.entries()) {
      if (id === free) continue;
      const place = this.#placeOf(id);
      this.#ids[place] = id;
      this.#streams[place] = streams[old];
    }
    streams.fill(undefined);
  }
}

const free = 0;
const leastRoom = 16;
/** A connection on which nothing is open keeps no more room than this. */
const mostIdleRoom = 512;
const highestId = 2 ** 31 - 1;

// Clients number their streams 1, 3, 5, ...
function homeOf(id: number, mask: number): number {
  return (id >>> 1) & mask;
}

function emptySlots<Value>(count: number): (Value | undefined)[] {
  return Array.from({ length: count }, () => undefined);
}

/** The streams of a session that have no id yet, as a Set has them; for the same reason. In Node's servers there is one for an instant. */
export class PendingStreams<Stream> {
  readonly #streams: Stream[] = [];

  get size(): number {
    return this.#streams.length;
  }

  add(stream: Stream): this {
    if (!this.#streams.includes(stream)) this.#streams.push(stream);
    return this;
  }

  delete(stream: Stream): boolean {
    const place = this.#streams.indexOf(stream);
    if (place < 0) return false;
    this.#streams.splice(place, 1);
    return true;
  }

  has(stream: Stream): boolean {
    return this.#streams.includes(stream);
  }

  /** What is deleted on the way is left out. */
  forEach(tell: (stream: Stream) => void): void {
    for (const stream of [...this.#streams]) if (this.has(stream)) tell(stream);
  }
}
