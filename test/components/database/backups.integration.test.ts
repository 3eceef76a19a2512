// Backups of a real cluster, which is made for them alone.
import "./made.ts";
import "./backups.ts";
