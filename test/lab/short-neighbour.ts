// All of another checkout's lab, and what runs on it, comes up in npm run test:lab.
import { neighbour } from "./neighbour.ts";

neighbour("machines");
