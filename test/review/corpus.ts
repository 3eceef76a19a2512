import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseDocument } from "yaml";
import { z } from "zod";
import { verdicts } from "../../scripts/review/page.ts";

// Seeded changes, each with what a reviewer has to be told of it.

const seededChange = z.strictObject({
  /** What was done, as somebody would say it. */
  name: z.string(),
  /** Fields of the environment file by their path; null takes one away. */
  set: z.record(z.string(), z.unknown()).default({}),
  /** Texts in files of the program, each found once and put in another's place. */
  edit: z.array(z.strictObject({ file: z.string(), from: z.string(), to: z.string() })).default([]),
  /** Stacks that are previewed. */
  stacks: z.array(z.string()).min(1),
  verdict: z.enum(verdicts),
  /** What the page says, word for word. */
  says: z.array(z.string()).default([]),
  /** What it doesn't say. */
  omits: z.array(z.string()).default([]),
});
export type SeededChange = z.infer<typeof seededChange>;

/** All of a directory, by the order of its files. */
export const readCorpus = (directory: string): SeededChange[] =>
  readdirSync(directory)
    .sort()
    .flatMap((file) => z.array(seededChange).parse(parse(readFileSync(join(directory, file), "utf8"))));

/** Makes the change in a copy of the program. */
export function applyChange({ name, set, edit }: SeededChange, platform: string, root: string): void {
  const environment = join(root, "environments", `${platform}.yaml`);
  if (Object.keys(set).length > 0) {
    const document = parseDocument(readFileSync(environment, "utf8"));
    for (const [path, value] of Object.entries(set)) {
      const keys = path.split(".");
      if (value === null) document.deleteIn(keys);
      else document.setIn(keys, document.createNode(value, { flow: true }));
    }
    writeFileSync(environment, document.toString({ lineWidth: 0 }));
  }
  for (const { file, from, to } of edit) {
    const path = join(root, file);
    const parts = readFileSync(path, "utf8").split(from);
    if (parts.length !== 2) throw new Error(`${name}: ${file} has ${JSON.stringify(from)} ${parts.length - 1} times, not once`);
    writeFileSync(path, parts.join(to));
  }
}
