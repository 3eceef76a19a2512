import { z } from "zod";

// The small values that the schema is made of. Their character sets are closed: what passes here is safe in names of files,
// containers and interfaces. Whether an address or a network makes sense is for the rules, so that all problems come together.

const namePattern = /^[a-z][a-z0-9]*$/;

const named = (what: string, maximum: number) =>
  z
    .string()
    .regex(namePattern, { error: `${what}: a lower-case letter, then lower-case letters and digits` })
    .max(maximum, { error: `at most ${maximum} characters` });

export const platformName = named("a platform's name", 16).describe("Name of the platform: the file is <platform>.yaml");
export const siteName = named("a site's name", 8).describe("Name of a site, as in dc1");
export const zoneName = named("a zone's name", 12).describe("Name of a network zone, as in internet");
export const rackName = named("a rack's name", 12).describe("Name of a rack of the site");

/** The number at its end places the host in the address plan, so a new host never moves another. */
export const shortName = z
  .string()
  .regex(/^[a-z]{1,10}[1-9][0-9]{0,2}$/, {
    error: "a host's short name: lower-case letters and a number without leading zeros, as in db1",
  })
  .describe("A host's name in its zone; its number places it in the address plan");

export const labelName = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, { error: "lower-case words of letters and digits, joined by hyphens" })
  .max(40, { error: "at most 40 characters" });

export const cidr = z
  .string()
  .regex(/^[0-9./]{1,18}$/, { error: "an IPv4 network, as in 10.20.0.0/24" })
  .describe("An IPv4 network without host bits, as in 10.20.0.0/24");

export const address = z
  .string()
  .regex(/^[0-9.]{1,15}$/, { error: "an IPv4 address, as in 10.20.0.5" })
  .describe("An IPv4 address, as in 10.20.0.5");

export const vlan = z.int().min(1).max(4094).describe("VLAN number, 1 to 4094, unique on its site");

export const domainName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/, {
    error: "a domain name in lower case, as in example.internal",
  })
  .max(200, { error: "at most 200 characters" });

export const serverName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, { error: "a host name in lower case or an IPv4 address" })
  .max(200, { error: "at most 200 characters" });

/** Prose that may reach comments of generated files: no quotes, no line breaks, nothing that a shell or a configuration reads. */
export const prose = z
  .string()
  .regex(/^[\p{L}\p{N}(][\p{L}\p{N} .,:;()/&+_@%-]*$/u, {
    error: "one line of letters, digits, spaces and . , : ; ( ) / & + _ @ % -",
  })
  .max(200, { error: "at most 200 characters" });

export const isoDate = z.iso.date({ error: "a date as in 2027-06-30" }).describe("A date, as in 2027-06-30");
