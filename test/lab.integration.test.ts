// The lab from nothing to nothing, by the commands that a user types. One lab for all tests, in this order; each leaves it as it found it.
import "./lab/bring-up.ts";
import "./lab/reach.ts";
import "./lab/changes.ts";
import "./lab/rollout.ts";
import "./lab/interruptions.ts";
import "./lab/neighbour.ts";
import "./lab/leftovers.ts";
