import { existsSync } from "node:fs";
import { UserError } from "../console/errors.ts";
import type { Report } from "../console/steps.ts";
import { answers, clientOf, daemonPlaces, engineId, startDaemon } from "./daemon.ts";
import { installPackages } from "./docker-package.ts";
import { readLab } from "./instance.ts";

export interface Engine {
  /** As DOCKER_HOST. */
  readonly dockerHost: string;
  readonly kind: "private" | "given";
  /** Of this engine's data; Docker's own id is the same for all daemons of a machine. */
  readonly id: string;
  /** A word on what was done. */
  readonly outcome: string;
}

export const usualSocket = "unix:///var/run/docker.sock";

/** The engine that the lab has, else one that answers, else a private one, installed where it must be. */
export async function ensureDocker(
  lab: { readonly id: string; readonly directory: string },
  report: Report,
  signal?: AbortSignal,
): Promise<Engine> {
  const before = readLab(lab.directory);
  const given =
    before?.engine === "given" ? before.dockerHost : before?.engine === "private" ? undefined : await engineThatAnswers();
  if (given !== undefined) {
    const id = await checkGiven(given);
    return { dockerHost: given, kind: "given", id, outcome: `the engine at ${given}` };
  }
  const installed = await installPackages(report, signal);
  const places = daemonPlaces(lab.id, lab.directory);
  const how = await startDaemon(places, report);
  const packages = installed.length > 0 ? `, installed ${installed.join(", ")}` : "";
  return {
    dockerHost: `unix://${places.socket}`,
    kind: "private",
    id: engineId(places),
    outcome: `own engine ${how}${packages}`,
  };
}

/** DOCKER_HOST where the user set it, else the usual socket; undefined where neither is to be had. */
async function engineThatAnswers(): Promise<string | undefined> {
  const named = process.env["DOCKER_HOST"];
  if (named) {
    if (!named.startsWith("unix://"))
      throw new UserError(
        `DOCKER_HOST: given ${JSON.stringify(named)}; allowed is an engine of this machine, as in ${usualSocket}: the lab's machines are reached ` +
          "over the engine's own networks. Unset it, and the lab finds or starts an engine here.",
      );
    if (await answers(named)) return named;
    throw new UserError(`DOCKER_HOST: the engine at ${named} does not answer; start it, or unset DOCKER_HOST`);
  }
  return existsSync("/var/run/docker.sock") && (await answers(usualSocket)) ? usualSocket : undefined;
}

/** Refuses engines whose networks this machine can't reach. */
async function checkGiven(dockerHost: string): Promise<string> {
  if (!(await answers(dockerHost)))
    throw new UserError(
      `${dockerHost}: the lab's engine does not answer; start it, or remove the lab with "npm run lab -- down" and begin anew`,
    );
  const info = (await clientOf(dockerHost).info()) as {
    ID: string;
    OperatingSystem: string;
    OSType: string;
    SecurityOptions?: string[];
  };
  const rootless = info.SecurityOptions?.some((option) => option.includes("rootless")) ?? false;
  if (info.OSType !== "linux" || info.OperatingSystem === "Docker Desktop" || rootless)
    throw new UserError(
      `${dockerHost}: ${rootless ? "a rootless engine" : info.OperatingSystem} keeps its networks away from this machine; needed is an engine that ` +
        "runs as root on this Linux machine. Unset DOCKER_HOST, and the lab starts its own.",
    );
  return info.ID;
}
