// What hands, kills and lost power leave behind, how it is put right, and changes site by site, of the sites' roles too: more of it than npm test has time for.
import "./lab/isolation-holes.ts";
import "./lab/gateway-rules.ts";
import "./lab/lost-rules.ts";
import "./lab/removed.ts";
import "./lab/rollout.ts";
import "./lab/role-change.ts";
import "./lab/grown.ts";
import "./lab/destroyed.ts";
