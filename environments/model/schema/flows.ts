import { z } from "zod";
import { planes } from "../topology.ts";
import { cidr, isoDate, labelName, prose } from "./values.ts";

const endpoint = z
  .string()
  .max(60, { error: "at most 60 characters" })
  .regex(/^[a-z][a-z0-9-]*(\/[a-z][a-z0-9-]*)?$/, { error: "a zone, <zone>/<role>, <zone>/<vip>, or a name under networks" })
  .describe("A zone, <zone>/<role>, <zone>/<vip>, or a name under networks");

const exception = z
  .strictObject({
    owner: prose.describe("Who answers for it"),
    reason: prose.describe("Why the zones cannot do without"),
    expires: isoDate.describe("The last day on which it is allowed"),
  })
  .describe("Allows a flow between zones");

const flow = z.strictObject({
  from: endpoint,
  to: endpoint,
  plane: z.enum(planes).describe("The plane that carries it"),
  protocol: z.enum(["tcp", "udp"]),
  ports: z.array(z.int().min(1).max(65535)).min(1).max(50).describe("Destination ports"),
  purpose: prose.describe("What it is for"),
  owner: prose.describe("Who answers for it"),
  exception: exception.optional(),
});

export const flows = z
  .record(labelName, flow)
  .describe(
    "Connections that the business needs, on both sites; what the platform itself needs is derived. Nothing else may connect",
  );

export const networks = z
  .record(labelName, z.array(cidr).min(1).max(200))
  .describe("Networks outside the platform that flows name");
