import CheckScreen from "../screens/CheckScreen.svelte";
import { startApp } from "../start-app.ts";

// What `/c` needs at once; the rest of the app comes when somebody goes there.
startApp({ "/c": CheckScreen });
