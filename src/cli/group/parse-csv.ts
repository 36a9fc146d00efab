/** One record of a table. */
export interface CsvRecord {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** What is wrong with a table: nothing after it can be read. */
export interface CsvFault {
  readonly line: number;
  readonly message: string;
}

/**
 * Reads comma-separated values (RFC 4180): records end with a line break, fields in double quotes may hold commas,
 * line breaks and doubled quotes. A lone line feed or carriage return is a line break too. Blank lines are passed
 * over. Ends at the first fault, which is undefined when there is none.
 */
export function parseCsv(text: string): {
  readonly records: readonly CsvRecord[];
  readonly fault: CsvFault | undefined;
} {
  const records: CsvRecord[] = [];
  // Sticky: each match begins where the one before ended.
  const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  let line = 1;
  let fields: string[] = [];
  let begin = line;
  while (field.lastIndex < text.length || fields.length > 0) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (match === null) return { records, fault: { line, message: faultAt(text, at) } };
    const [, quoted, bare = "", end] = match;
    fields.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    line += countBreaks(quoted ?? "");
    if (end === ",") continue;
    const isBlank = fields.length === 1 && fields[0] === "" && quoted === undefined;
    if (!isBlank) records.push({ line: begin, fields });
    fields = [];
    line += 1;
    begin = line;
  }
  return { records, fault: undefined };
}

function countBreaks(text: string): number {
  return text === "" ? 0 : (text.match(/\r\n|[\n\r]/g)?.length ?? 0);
}

function faultAt(text: string, at: number): string {
  if (text[at] !== '"')
    return "a field that holds a quote must stand in quotes, with each quote doubled";
  return /"[^"]*(?:""[^"]*)*"(?!")/y.test(text.slice(at))
    ? "something follows the closing quote of a field"
    : "a quote is never closed";
}
