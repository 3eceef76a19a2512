import { z } from "zod";
import { isoDate, labelName, prose } from "./values.ts";

const exception = z.strictObject({
  rule: labelName.describe("The rule's name, as in container-must-drop-capabilities"),
  resource: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]*$/, { error: "the name of a resource, as a preview shows it" })
    .max(200, { error: "at most 200 characters" })
    .describe(
      "The one resource that may break it, by its name in previews; of image-must-not-go-back, the image by its name in this file",
    ),
  owner: prose.describe("Who answers for it"),
  reason: prose.describe("Why it cannot be otherwise"),
  expires: isoDate.describe("The last day on which it is allowed"),
});

export const exceptions = z
  .record(labelName, exception)
  .describe("Resources that may break a policy, each a rule's, until a day; rules without a resource of their own have none");
