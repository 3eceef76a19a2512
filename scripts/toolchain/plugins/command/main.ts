import { serve } from "../provider/serve.ts";
import { commandProvider } from "./provider.ts";

/** The portable plugin for `command`: `node main.ts <address of the engine>`. */
await serve(commandProvider);
