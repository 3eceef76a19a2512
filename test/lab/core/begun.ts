import assert from "node:assert/strict";
import { test } from "node:test";
import type { Host } from "../../../environments/model/topology.ts";
import { powerOff, powerOn } from "../../../scripts/lab/power.ts";
import { until } from "../../support/until.ts";
import { lab, npm, npmSucceeds, said } from "../session.ts";
import { wellAgain, withClients, withCore, writerOf } from "./session.ts";

test("where a database host stays away after a power failure of all, a person's command lets the others begin with the latest data; no acknowledged write is lost", async () => {
  await withCore("dc2", async (core) => {
    await wellAgain(core);
    const { databases } = core.place;
    await withClients(core, "begun", async () => {
      const writer = await writerOf(core);
      const [other, lost] = databases.filter(({ name }) => name !== writer.name) as [Host, Host];
      const waits = (host: Host): boolean => core.watch.lines.at(-1)?.unwell[host.name]?.includes("waits for its peers") ?? false;
      await Promise.all(databases.map((host) => powerOff(lab, host)));
      for (const host of [writer, other]) await powerOn(lab, host);
      await until("both wait for the third", () => waits(writer) && waits(other), 120_000);
      const refused = await npm("database", ["begin", writer.name, "--yes"]);
      assert.equal(refused.code, 1, said(refused));
      assert.match(refused.stderr, new RegExp(`${lost.name} may have later data, it shows no position: .*Nothing was changed`));
      await npmSucceeds("database", "begin", writer.name, "--yes", "--although-later");
      await until("the database has a writer", () => core.watch.lines.at(-1)?.writers.length === 1, 120_000);
      await powerOn(lab, lost);
      await wellAgain(core, 240);
    });
  });
});
