import assert from "node:assert/strict";
import { test } from "node:test";
import { allControllersWell } from "../../../components/control-plane/controllers-health.ts";
import type { Host } from "../../../components/host/host.ts";

const host = (name: string, ask: () => Promise<string>): Pick<Host, "place" | "ask"> => ({
  place: { name } as Host["place"],
  ask,
});
const well = host("cp1", async () => "200\n200\n200\n");

test("controllers that are well are well", () => allControllersWell([well], 0));

test("what does not run, what is ill and a host that can't be asked are named together", async () => {
  const ill = host("cp2", async () => "200\n000\n500\n");
  const lost = host("cp3", () => Promise.reject(new Error("cp3: timed out")));
  await assert.rejects(allControllersWell([well, ill, lost], 0), {
    message:
      "the controllers of the next host are not touched before these are well (waited 0 s): cp2: kube-scheduler does not answer; " +
      "cp2: metrics-server answers 500; cp3: cp3: timed out. Look at their logs (docker logs), bring them back and run again",
  });
});
