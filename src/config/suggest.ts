import { quote } from "../domain/quote.ts";

const maxLength = 200;

/** The hint `did you mean "x"?` with the candidate nearest to a misspelt name, or "" when none is near. */
export function suggest(name: string, candidates: Iterable<string>): string {
  const nearest = findNearest(name, candidates);
  return nearest === undefined ? "" : `did you mean ${quote(nearest)}?`;
}

/** The candidate that the fewest edits lead to; at most one in three characters may differ, and at most 3. */
export function findNearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > maxLength) return undefined;
  const lowerName = name.toLowerCase();
  let limit = Math.min(3, Math.floor(name.length / 3));
  let nearest: string | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const distance = editDistance(lowerName, candidate.toLowerCase(), limit);
    if (distance > limit || (distance === limit && nearest !== undefined)) continue;
    limit = distance;
    nearest = candidate;
  }
  return nearest;
}

/** How many insertions, deletions and replacements lead from one text to the other; above the limit, any number above it. */
function editDistance(left: string, right: string, limit: number): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    let best = row;
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = left[row - 1] === right[column - 1] ? 0 : 1;
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
  return previous[right.length] ?? 0;
}
