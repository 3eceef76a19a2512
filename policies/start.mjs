#!/usr/bin/env -S node --max-semi-space-size=64
// What an engine starts, whichever it is: itself as --policy-pack policies/start.mjs, or through Pulumi's runner as --policy-pack policies. That runner
// would have the types checked and stripped by ts-node, which takes seconds; what a module imports by itself, Node strips.
import { Socket } from "node:net";

// Whoever started it holds the other end of its input: so it never outlives an engine or a command that was killed.
if (process.stdin instanceof Socket) process.stdin.resume().once("close", () => process.exit());

const port = process.env.TANDEM_POLICY_PORT;
if (port) {
  process.stdout.write(`${port}\n`);
  setInterval(() => {}, 60_000);
} else {
  process.chdir(import.meta.dirname);
  void import("./index.ts");
}
