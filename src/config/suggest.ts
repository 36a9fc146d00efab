import { quote } from "../domain/quote.ts";

const maxLength = 200;

/** The most candidates of about the right length that are looked at: a hint is not worth more time. */
const maxCandidates = 2000;

/** The hint `did you mean "x"?` with the candidate nearest to a misspelt name, or "" when none is near. */
export function suggest(name: string, candidates: Iterable<string>): string {
  const nearest = findNearest(name, candidates);
  return nearest === undefined ? "" : `did you mean ${quote(nearest)}?`;
}

/**
 * The candidate that the fewest edits lead to, upper and lower case alike; at most one character in three
 * may differ, and at most 2 of them.
 */
export function findNearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > maxLength) return undefined;
  const lowerName = name.toLowerCase();
  let limit = Math.min(2, Math.floor(name.length / 3));
  let nearest: string | undefined;
  let left = maxCandidates;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    left -= 1;
    if (left < 0) break;
    const distance = editDistance(lowerName, candidate.toLowerCase(), limit);
    if (distance > limit || (distance === limit && nearest !== undefined)) continue;
    limit = distance;
    nearest = candidate;
  }
  return nearest;
}

/**
 * How many insertions, deletions and replacements lead from one text to the other; some number above the
 * limit when there are more.
 */
function editDistance(left: string, right: string, limit: number): number {
  let start = 0;
  let leftEnd = left.length;
  let rightEnd = right.length;
  while (start < leftEnd && left[start] === right[start]) start += 1;
  while (leftEnd > start && rightEnd > start && left[leftEnd - 1] === right[rightEnd - 1]) {
    leftEnd -= 1;
    rightEnd -= 1;
  }
  const width = rightEnd - start;
  let previous = Array.from({ length: width + 1 }, (_, column) => column);
  for (let row = 1; row <= leftEnd - start; row += 1) {
    const current = [row];
    let best = row;
    for (let column = 1; column <= width; column += 1) {
      const replaced = left[start + row - 1] === right[start + column - 1] ? 0 : 1;
      const distance = Math.min(
        (previous[column - 1] ?? 0) + replaced,
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
      );
      current.push(distance);
      best = Math.min(best, distance);
    }
    if (best > limit) return best;
    previous = current;
  }
  return previous[width] ?? 0;
}
