import { editEnvironment } from "../environment.ts";

// Before the lab comes up: every zone's worker is a node, the platform zones have two of them, whose pods may come to one another, and pods leave a silent node
// after a minute.

/** Not in the lab as it is declared, which is what the session's hosts are. */
export const addedNode = "dc1-platform-wk2";
export const ownTimings = { podTolerationSeconds: 60 } as const;

editEnvironment("nodes: platform", "nodes: all");
editEnvironment(/^( +registry: \{ reg1: r3 \}\n +worker: \{ wk1: r1)/gm, "$1, wk2: r2");
editEnvironment(/^availability: fast\n/m, `$&timings: ${JSON.stringify(ownTimings)}\n`);

const among = {
  from: "platform",
  to: "platform",
  plane: "business",
  protocol: "tcp",
  ports: [8080],
  purpose: "Tests",
  owner: "Tests",
};
editEnvironment(/^flows:\n/m, `$&  samples: ${JSON.stringify(among)}\n`);
