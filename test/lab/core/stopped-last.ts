import { test } from "node:test";
import { serviceName } from "../../../scripts/lab/failover/faults.ts";
import { toggleChangeOfAllMembers } from "../environment.ts";
import { docker, hostNamed, lab, npmSucceeds } from "../session.ts";
import { wellAgain, withClients, withCore } from "./session.ts";

test("a database node that a killed run left stopped, the last in the order, does not keep the next run from repairing it; no acknowledged write is lost", async () => {
  await withCore("dc2", async (core) => {
    toggleChangeOfAllMembers();
    await withClients(core, "stopped-last", async () => {
      await docker.getContainer(serviceName(lab, hostNamed("dc2-platform-db3"), "database")).stop();
      await npmSucceeds("up", "--platform", "lab", "--stack", "lab-dc2");
      await wellAgain(core);
    });
  });
});
