import type { DestinationStream } from "pino";

/** Where the lines of a log go. */
export interface LogLines extends DestinationStream {
  /** Hands a line, and all that wait, to the operating system before it returns. */
  write(line: string): void;
  /**
   * Takes a line that may wait until the event loop has done what it is at: then all that wait are handed over at once.
   * They are in order among themselves and with those of write. A process that ends by itself, on an exception too,
   * hands over what waits; one that is killed in between has lost these lines.
   */
  writeSoon(line: string): void;
  /** Hands over what waits. */
  flush(): void;
}

// In characters: many calls that end in one turn must not make a text of any length.
const maxWaiting = 1 << 16;

const unflushed = new Set<() => void>();
process.on("exit", () => {
  for (const flush of unflushed) flush();
});

/** Makes the lines of a log that go to `output`, which must have handed over what it takes when it returns. */
export function createLogLines(output: DestinationStream): LogLines {
  let waiting = "";
  function flush(): void {
    if (waiting === "") return;
    unflushed.delete(flush);
    const lines = waiting;
    waiting = "";
    output.write(lines);
  }
  return {
    write(line) {
      flush();
      output.write(line);
    },
    writeSoon(line) {
      if (waiting === "") {
        unflushed.add(flush);
        setImmediate(flush);
      }
      waiting += line;
      if (waiting.length >= maxWaiting) flush();
    },
    flush,
  };
}
