// Every drill, and outages that last longer than npm test has.
import { drills } from "./lab/core/drills.ts";
import "./lab/long-cut.ts";
import "./lab/nas-outage.ts";
import "./lab/neighbour.ts";
import { pushedWhileCut } from "./lab/pushed-while-cut.ts";

drills("dc1", "long");
pushedWhileCut(20);
