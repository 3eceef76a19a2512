import { drills } from "./drills.ts";

drills("dc1", "short");
