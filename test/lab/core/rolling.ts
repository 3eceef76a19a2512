import assert from "node:assert/strict";
import { test } from "node:test";
import { toggleChangeOfAllMembers } from "../environment.ts";
import { npmSucceeds } from "../session.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { withCore } from "./session.ts";

const ofDc2 = ["--platform", "lab", "--stack", "lab-dc2"];

interface Document {
  readonly stacks: readonly { readonly resources: readonly { op: string; type: string; name: string }[] }[];
}

/** Hosts whose container of a service a preview would replace, in its order. */
async function previewed(): Promise<(service: string) => string[]> {
  const { stacks } = JSON.parse(await npmSucceeds("preview", ...ofDc2, "--json")) as Document;
  const replaced = stacks
    .flatMap(({ resources }) => resources)
    .filter(({ op, type }) => op === "replace" && type === "docker:index/container:Container");
  return (service) => replaced.flatMap(({ name }) => (name.startsWith(`${service}-dc2`) ? [name.slice(service.length + 1)] : []));
}

// The change stays: what comes after it is declared so.
test("a change of all database nodes and API servers goes to one after the other, as previewed, and loses no acknowledged write", async () => {
  await withCore("dc2", async (core) => {
    toggleChangeOfAllMembers();
    const replaced = await previewed();
    assert.deepEqual(
      replaced("database"),
      core.place.databases.map(({ name }) => name),
    );
    assert.deepEqual(
      replaced("kube-apiserver"),
      core.place.controlPlane.map(({ name }) => name),
    );
    await oneAtATime(core, "rolling", async () => void (await npmSucceeds("up", ...ofDc2)));
  });
});
