import { test } from "node:test";
import { noPosition } from "../../../components/database/cluster.render.ts";
import { writeBeginning } from "./configuration.ts";
import * as it from "./nodes.ts";
import { db1, logged, nodes, start } from "./session.ts";

test("a cluster whose nodes start together is made", () =>
  logged(async () => {
    writeBeginning(nodes, db1, noPosition);
    await start(...nodes.cluster.members);
    await it.untilHealthy(...nodes.cluster.members);
  }));
