import { z } from "zod";
import { environmentSchema } from "./schema.ts";

/** The JSON Schema of environment files, as editors read it: the same source that the program checks with. */
export function jsonSchemaText(): string {
  return `${JSON.stringify(z.toJSONSchema(environmentSchema), null, 2)}\n`;
}
