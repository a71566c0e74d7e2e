/** Starts the page: reads its data and mounts each part into its root. A part that fails leaves the others alone. */

import { createState } from "./state.js";

createState();
