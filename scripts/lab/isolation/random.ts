// Choices that a seed repeats. Pure.

/** Numbers from 0 up to 1, the same for the same seed: mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Chooses up to so many of a list, in a random order. */
export type Choose = <T>(list: readonly T[], most: number) => T[];

export function chooser(seed: number): Choose {
  const random = randomNumbers(seed);
  return (list, most) => {
    const rest = [...list];
    // Fisher and Yates, as far as it is needed.
    const count = Math.min(most, rest.length);
    for (let index = 0; index < count; index += 1) {
      const other = index + Math.floor(random() * (rest.length - index));
      [rest[index], rest[other]] = [rest[other] as (typeof rest)[number], rest[index] as (typeof rest)[number]];
    }
    return rest.slice(0, count);
  };
}
