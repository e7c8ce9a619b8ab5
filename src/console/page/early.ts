import { askEarly } from "./early-answers.ts";
import { takeToken } from "./fragment.ts";
import { queryOf } from "./views/inbox/query.ts";
import { viewAt, views } from "./views.ts";

// Loaded beside the page's script, and run before it and before the first paint: it asks for what the first view needs, which
// otherwise would have to wait until the page's script has arrived and run.

/** Taken out of the address as soon as a script runs, not when the first view is drawn. */
export const tokenOfLink = takeToken();

const scheme = localStorage.getItem("mantine-color-scheme-value");
const isDark =
  scheme === "dark" || (scheme !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.dataset.mantineColorScheme = isDark ? "dark" : "light";

const view = viewAt(window.location.pathname);

/** Resolves when the script of the first view is there. A script that cannot be loaded is asked for again when the view is drawn. */
export const firstView: Promise<unknown> =
  view === null ? Promise.resolve() : views[view.name]().catch(() => null);

// With a link that signs in, nobody is signed in yet.
if (tokenOfLink === null) {
  askEarly("/api/session");
  if (view?.name === "inbox")
    askEarly(`/api/notifications?${queryOf(new URLSearchParams(window.location.search))}`);
  if (view?.name === "record") askEarly(`/api/notifications/${view.id}`);
}
