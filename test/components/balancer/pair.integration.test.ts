import { test } from "node:test";
import { until } from "../../support/until.ts";
import * as it from "./pair.ts";
import { lb1, lb2, logged, pair } from "./session.ts";

test("both hosts' HAProxy and keepalived boot from what is rendered", () =>
  logged(async () => {
    for (const host of [lb1, lb2])
      await until(
        `${host.name} serves`,
        async () => (await it.onHost(pair, host, "curl -s http://127.0.0.1:8405/ && pgrep -x keepalived").catch(() => "")) !== "",
        30_000,
      );
  }));
