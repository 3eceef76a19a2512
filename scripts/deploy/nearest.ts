import { distance } from "fastest-levenshtein";

/** As in `; did you mean "dc1-platform-db1"?`; empty when nothing is near. */
export function nearest(given: string, known: readonly string[]): string {
  const [best] = [...known].sort((a, b) => distance(given, a) - distance(given, b));
  return best !== undefined && distance(given, best) <= Math.max(2, given.length / 3)
    ? `; did you mean ${JSON.stringify(best)}?`
    : "";
}
