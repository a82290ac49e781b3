import LookScreen from "../screens/LookScreen.svelte";
import { startApp } from "../start-app.ts";

// What `/x` needs at once; the rest of the app comes when somebody goes there.
startApp({ "/x": LookScreen });
