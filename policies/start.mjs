#!/usr/bin/env -S node --max-semi-space-size=64
// What an engine starts, whichever it is: itself as --policy-pack policies/start.mjs, or through Pulumi's runner as --policy-pack policies. That runner
// would have the types checked and stripped by ts-node, which takes seconds; what a module imports by itself, Node strips.
process.chdir(import.meta.dirname);
void import("./index.ts");
