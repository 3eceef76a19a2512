import Docker from "dockerode";
import type { DeclaredContainer } from "./declared.ts";
import { compareTexts, different, type Finding, notJudged, same } from "./finding.ts";

/** A container as its engine has it. */
export interface FoundContainer {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
  /** Id of its image. */
  readonly imageId: string;
  /** Ids that the declared image has on this engine now; empty where the engine has no such image. */
  readonly declaredImageIds: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** What findings about a container say that they are about. */
export const subjectOf = ({ stack, labels, name }: DeclaredContainer): Pick<Finding, "stack" | "host" | "what"> => ({
  stack,
  host: labels["tandem.host"] ?? name,
  what: `container ${name}`,
});

/** Compares a container with what its stack made. Pure. */
export function compareContainer(declared: DeclaredContainer, found: FoundContainer | undefined): Finding {
  const subject = subjectOf(declared);
  if (!found) return different(subject, "declared, but its engine has no such container");
  const problems: string[] = [];
  if (found.id !== declared.id)
    problems.push(`another container has its name: declared ${short(declared.id)}, found ${short(found.id)}`);
  if (declared.mustRun && !found.running) problems.push("declared running, found stopped");
  if (found.declaredImageIds.length > 0 && !found.declaredImageIds.includes(found.imageId)) {
    problems.push(
      `runs image ${short(found.imageId)}, while ${declared.image} is ${found.declaredImageIds.map(short).join(" or ")}`,
    );
  }
  // Labels of the image come on top of the declared ones, so only the declared ones are compared.
  const foundLabels = Object.fromEntries(Object.keys(declared.labels).map((label) => [label, found.labels[label] ?? "(none)"]));
  const labels = compareTexts(subject, labelText(declared.labels), labelText(foundLabels));
  if (labels.verdict !== "same") problems.push(labels.detail);
  return problems.length > 0 ? different(subject, problems.join("\n")) : same(subject);
}

const short = (id: string): string => id.replace(/^sha256:/, "").slice(0, 12);

const labelText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([label, value]) => `${label}=${value}\n`)
    .sort()
    .join("");

/** How to reach a Docker engine: DOCKER_HOST, and for one behind SSH how to log in. */
export interface EngineAccess {
  readonly host: string;
  readonly sshOptions?: object;
}

export function dockerClient({ host, sshOptions }: EngineAccess): Docker {
  if (host.startsWith("unix://")) return new Docker({ socketPath: host.slice("unix://".length), timeout: 30_000 });
  const { protocol, hostname, port, username } = new URL(host);
  if (protocol === "ssh:")
    return new Docker({ protocol: "ssh", host: hostname, port: port || 22, username, ...(sshOptions && { sshOptions }) });
  return new Docker({ host: hostname, port, timeout: 30_000 });
}

/** Compares all containers of one engine. An engine that can't be reached leaves them not judged. */
export async function judgeContainers(access: EngineAccess, declared: readonly DeclaredContainer[]): Promise<Finding[]> {
  const docker = dockerClient(access);
  return Promise.all(
    declared.map(async (container) => {
      try {
        return compareContainer(container, await inspect(docker, container));
      } catch (error) {
        const why = `engine ${access.host}: ${error instanceof Error ? error.message : String(error)}`;
        return notJudged(subjectOf(container), why);
      }
    }),
  );
}

async function inspect(docker: Docker, declared: DeclaredContainer): Promise<FoundContainer | undefined> {
  const found = await orMissing(docker.getContainer(declared.name).inspect());
  if (!found) return undefined;
  const image = await orMissing(docker.getImage(declared.image).inspect());
  return {
    id: found.Id,
    name: found.Name.replace(/^\//, ""),
    running: found.State.Running,
    imageId: found.Image,
    declaredImageIds: image ? [image.Id] : [],
    labels: found.Config.Labels,
  };
}

async function orMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

/** Containers that carry the lab's label and are in no stack's state. */
export async function strayContainers(access: EngineAccess, lab: string, known: ReadonlySet<string>): Promise<Finding[]> {
  const label = `tandem.lab=${lab}`;
  const subject = { stack: "(none)", host: "(lab)" };
  try {
    const found = await dockerClient(access).listContainers({ all: true, filters: { label: [label] } });
    return found
      .filter((container) => !known.has(container.Id))
      .map((container) => {
        const name = container.Names[0]?.replace(/^\//, "") ?? short(container.Id);
        return different({ ...subject, what: `container ${name}` }, `has the label ${label}, but no stack's state holds it`);
      });
  } catch (error) {
    return [notJudged({ ...subject, what: `containers with ${label}` }, error instanceof Error ? error.message : String(error))];
  }
}
