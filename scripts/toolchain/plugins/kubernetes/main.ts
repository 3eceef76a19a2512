import { serve } from "../provider/serve.ts";
import { kubernetesProvider } from "./provider.ts";

/** The portable plugin for `kubernetes`: `node main.ts <address of the engine>`. */
await serve(kubernetesProvider());
