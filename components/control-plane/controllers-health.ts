import { controlPlanePorts } from "../../environments/model/ports.ts";
import type { Host } from "../host/host.ts";
import { patiently } from "./api-health.ts";

/** What each says of itself to anybody on its host. */
const pages = {
  "kube-controller-manager": `${controlPlanePorts.controllerManager}/healthz`,
  "kube-scheduler": `${controlPlanePorts.scheduler}/healthz`,
  "metrics-server": `${controlPlanePorts.metrics}/livez`,
} as const;

/** Seconds until one that just started is well, at the most. */
const patienceSeconds = 120;

/** A status a line, in the order of the pages; 000 where nobody listens. Loopback: whose certificate it is says nothing there. */
const question = Object.values(pages)
  .map(
    (page) =>
      `curl --silent --insecure --max-time 5 --output /dev/null --write-out '%{http_code}\\n' https://127.0.0.1:${page} || true\n`,
  )
  .join("");

/** Resolves when the controllers of these hosts run and are well; rejects with which does not and what it answers. Not to be called in a preview. */
export async function allControllersWell(
  hosts: readonly Pick<Host, "place" | "ask">[],
  seconds = patienceSeconds,
): Promise<void> {
  const problems = (await Promise.all(hosts.map((host) => whyNotWell(host, seconds)))).flat();
  if (problems.length > 0)
    throw new Error(
      `the controllers of the next host are not touched before these are well (waited ${seconds} s): ${problems.join("; ")}. ` +
        "Look at their logs (docker logs), bring them back and run again",
    );
}

async function whyNotWell(host: Pick<Host, "place" | "ask">, seconds: number): Promise<string[]> {
  let problems: string[] = [];
  await patiently(seconds, async () => {
    const said = await host.ask(question).then(
      (answer) => answer.trim().split("\n"),
      (error: Error) => error,
    );
    problems =
      said instanceof Error
        ? [`${host.place.name}: ${said.message}`]
        : Object.keys(pages).flatMap((name, index) =>
            said[index] === "200" ? [] : [`${host.place.name}: ${name} ${answerOf(said[index])}`],
          );
    return problems.length === 0;
  });
  return problems;
}

const answerOf = (status = "000"): string => (status === "000" ? "does not answer" : `answers ${status}`);
