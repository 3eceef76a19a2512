import type { ResourceRule } from "../rule.ts";
import { own } from "../sources.ts";
import { container } from "../subjects.ts";

/** Sockets by which an engine is told what to do, and directories that hold them or what engines keep. */
const reaches = (path: string): boolean =>
  /(docker|containerd|podman)[^/]*\.sock$/.test(path) ||
  /^\/(var\/)?run\/?$/.test(path) ||
  /^\/var\/lib\/(docker|containerd)/.test(path) ||
  path === "/";

export const rule: ResourceRule = {
  name: "container-must-not-reach-docker",
  holds: "No container reaches its host's engine, or the whole of its host's disk",
  source: own(
    "https://docs.docker.com/engine/security/#docker-daemon-attack-surface",
    "who may speak to the engine's socket is root on its host",
  ),
  level: "mandatory",
  types: [container],
  *check({ inputs: { mounts, volumes } }) {
    for (const [index, { source }] of (mounts ?? []).entries())
      if (reaches(source ?? ""))
        yield {
          at: ["mounts", index, "source"],
          what: "the container can tell its host's engine what to do",
          given: source,
          allowed: "a directory of the service",
          fix: "remove the mount",
        };
    for (const [index, { hostPath }] of (volumes ?? []).entries())
      if (reaches(hostPath ?? ""))
        yield {
          at: ["volumes", index, "hostPath"],
          what: "the container can tell its host's engine what to do",
          given: hostPath,
          allowed: "a directory of the service",
          fix: "remove the volume",
        };
  },
};
