// A lab whose every zone has a node: on two processors it takes longer than npm test has.
import "./lab/nodes/environment.ts";
import "./lab/nodes/all-zones.ts";
import "./lab/nodes/dead-node.ts";
