import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Connection } from "../../environments/model/flows/compare.ts";
import { connectionLines } from "../../scripts/review/connection-lines.ts";

const connection = (from: string, to: string, port: number, rows = ["quotes"]): Connection => ({
  ...{ from, to, port, rows },
  ...{ plane: "business", protocol: "tcp" },
});

describe("the lines of connections", () => {
  it("say once what several ends and ports have in common", () => {
    const all = ["dc1-policy", "dc2-policy"].flatMap((from) =>
      ["bank", "post"].flatMap((to) => [connection(from, to, 443), connection(from, to, 8443)]),
    );
    assert.deepEqual(connectionLines(all), ["dc1-policy, dc2-policy to bank, post: tcp 443, tcp 8443; business (quotes)"]);
  });

  it("say of no end what is true of another one only", () => {
    const all = [
      connection("dc1-policy", "bank", 443),
      connection("dc2-policy", "bank", 443),
      connection("dc2-policy", "post", 443),
      connection("dc2-policy", "post", 25, ["letters"]),
    ];
    assert.deepEqual(connectionLines(all), [
      "dc1-policy to bank: tcp 443; business (quotes)",
      "dc2-policy to bank, post: tcp 443; business (quotes)",
      "dc2-policy to post: tcp 25; business (letters)",
    ]);
  });

  it("have no port where the protocol has none", () => {
    assert.deepEqual(connectionLines([{ from: "a", to: "b", plane: "management", protocol: "icmp", rows: ["echo"] }]), [
      "a to b: icmp; management (echo)",
    ]);
  });
});
