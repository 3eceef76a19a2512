// On a cluster of its own that never lost its power as a whole: docs/database.md says why.
import "./made.ts";
import "./backups.ts";
