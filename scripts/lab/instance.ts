import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { checkout, stateDirectory } from "../console/directories.ts";
import { UserError } from "../console/errors.ts";
import { writeWhole } from "../console/files.ts";

/** What a lab is on this machine; written to its directory, read by the program and by every command. */
export interface Lab {
  readonly id: string;
  /** The checkout that it belongs to. */
  readonly checkout: string;
  /** Where its keys, its state and its engine's data are. */
  readonly directory: string;
  /** Its address range: the second octet of all addresses goes up by this. */
  readonly slot: number;
  /** As DOCKER_HOST. */
  readonly dockerHost: string;
  /** `private`: a daemon that the lab started and ends; `given`: the user's own, which the lab leaves as it found it. */
  readonly engine: "private" | "given";
  /** Of the engine's data: made anew with it. */
  readonly engineId: string;
  /** Image of the machines by its tag, as `tandem-machine:<digest>`. */
  readonly machineImage: string;
  /** The same image by its id in the engine. */
  readonly image: string;
  /** The same of the machines that run pods. */
  readonly workerMachineImage: string;
  readonly workerImage: string;
  /** Images of the services by their ids in the engine, by their names in the environment file. */
  readonly images: Readonly<Record<string, string>>;
  readonly sshUser: string;
  readonly sshPort: number;
  readonly createdAt: string;
}

/** The name of the environment variable that sets a lab of its own apart from the checkout's usual one. */
export const instanceVariable = "TANDEM_LAB_INSTANCE";

/** Id of this checkout's lab: a checkout that is moved has another one. */
export function labId(root: string = checkout, name: string = process.env[instanceVariable] ?? ""): string {
  if (!/^[a-z0-9-]{0,32}$/.test(name))
    throw new UserError(
      `${instanceVariable}: given ${JSON.stringify(name)}; allowed are up to 32 of a-z, 0-9 and "-". Set another name.`,
    );
  return createHash("sha256")
    .update(`${realpathSync(root)}\n${name}`)
    .digest("hex")
    .slice(0, 8);
}

export const labsDirectory = (): string => join(stateDirectory, "labs");

export const labDirectory = (id: string = labId()): string => join(labsDirectory(), id);

/** The lab of this checkout, or undefined where there is none. */
export function readLab(directory: string = labDirectory()): Lab | undefined {
  const file = join(directory, "lab.json");
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Lab;
  } catch (error) {
    throw new UserError(
      `${file}: not readable (${(error as Error).message}); remove the lab with "npm run lab -- down" and start again`,
    );
  }
}

/** The lab of this checkout; without one, the user is told how to get it. */
export function requireLab(): Lab {
  const lab = readLab();
  if (!lab) throw new UserError(`${labDirectory()}: this checkout has no lab; bring it up with "npm start"`);
  return lab;
}

export const writeLab = (lab: Lab): void => writeWhole(join(lab.directory, "lab.json"), `${JSON.stringify(lab, null, 2)}\n`);
