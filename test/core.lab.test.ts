// What a core goes through in years, in a lab of its own: it takes longer than npm test has.
import "./lab/core/lost-hosts.ts";
import "./lab/core/modes.ts";
import "./lab/core/certificates.ts";
import "./lab/core/stopped-last.ts";
import "./lab/core/begun.ts";
import "./lab/core/restored.ts";
import "./lab/core/rolling.ts";
import "./lab/core/secrets.ts";
