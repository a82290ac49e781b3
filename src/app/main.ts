import PayScreen from "./screens/PayScreen.svelte";
import StartScreen from "./screens/StartScreen.svelte";
import { startApp } from "./start-app.ts";

startApp({ start: StartScreen, "/": PayScreen, "/pay": PayScreen });
