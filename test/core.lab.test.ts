// What a core goes through in years, in a lab of its own: it takes longer than npm test has.
import "./lab/core/lost-hosts.ts";
import "./lab/core/modes.ts";
import "./lab/core/certificates.ts";
import "./lab/core/stopped-last.ts";
import "./lab/core/begun.ts";
import "./lab/core/restored.ts";
import { drills } from "./lab/core/drills.ts";
import { killedRuns } from "./lab/killed.ts";
import "./lab/long-cut.ts";
import "./lab/nas-outage.ts";
import "./lab/neighbour.ts";
import "./lab/core/rolling.ts";
import "./lab/core/secrets.ts";
import { pushedWhileCut } from "./lab/pushed-while-cut.ts";

drills("dc1", "long");
killedRuns(30);
pushedWhileCut(20);
