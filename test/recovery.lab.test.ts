// What hands, kills and lost power leave behind, and how it is put right: more of it than npm test has time for.
import "./lab/isolation-holes.ts";
import "./lab/gateway-rules.ts";
import "./lab/lost-rules.ts";
import "./lab/removed.ts";
import "./lab/destroyed.ts";
