import { z } from "zod";
import { keyTypes } from "../topology.ts";
import { prose } from "./values.ts";

const authorityName = z
  .string()
  .regex(/^[a-z][a-z0-9]*$/, { error: "an authority's name: a lower-case letter, then lower-case letters and digits" })
  .max(16, { error: "at most 16 characters" })
  .describe("Name of an authority that is made here; a new name is a new authority");

const ownAuthority = z.strictObject({
  name: authorityName,
  certificateFile: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/, { error: "a file name without directories" })
    .describe("File beside this one: its certificate in PEM, then those of its parents up to the root"),
});

const key = z.enum(keyTypes).describe("Type of private keys");

export const trust = z
  .strictObject({
    organization: prose.describe("Organisation in certificates"),
    authorities: z
      .array(z.union([authorityName, ownAuthority]).describe("A name; or { name, certificateFile } for an authority of your own"))
      .min(1)
      .max(3)
      .describe(
        "Certificate authorities: hosts trust all of them, the first one issues. Rotate in three steps: [a], [a, b], [b, a], [b]",
      ),
    newAuthorities: z
      .strictObject({ key, lifetimeDays: z.int().min(365).max(7300).describe("Days until an authority's certificate ends") })
      .describe("How an authority is made; those that exist stay as they are"),
    certificates: z
      .strictObject({
        key,
        lifetimeDays: z.int().min(7).max(825).describe("Days until a service's certificate ends"),
        renewDays: z.int().min(1).max(365).describe("Days before its end from which an up renews it"),
      })
      .describe("Certificates of services"),
  })
  .describe("The platform's certificate authorities and certificates");
