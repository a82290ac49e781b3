import RequestScreen from "../screens/RequestScreen.svelte";
import { startApp } from "../start-app.ts";

// What `/p` needs at once; the rest of the app comes when somebody goes there.
startApp({ "/p": RequestScreen });
