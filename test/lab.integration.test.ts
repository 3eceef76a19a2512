// The lab from nothing to nothing, by the commands that a user types. One lab for all tests, in this order; each leaves it as it found it.
// What takes longer is in *.lab.test.ts: npm run test:lab.
import "./lab/bring-up.ts";
import "./lab/core/serving.ts";
import "./lab/core/guards.ts";
import "./lab/core/short-drills.ts";
import "./lab/reach.ts";
import "./lab/rules.ts";
import "./lab/packet-filter.ts";
import "./lab/gateways.ts";
import "./lab/storage.ts";
import "./lab/registry.ts";
import "./lab/isolation.ts";
import "./lab/node-ports.ts";
import "./lab/workers.ts";
import "./lab/changes.ts";
import "./lab/approved.ts";
import "./lab/interruptions.ts";
import "./lab/leftovers.ts";
