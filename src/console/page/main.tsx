import "./style/mantine.css";
import "react-json-view-lite/dist/index.css";
import "./style/colours.css";
import "./style/base.css";
import "./style/frame.css";
import "./style/lists.css";
import "./style/record.css";
import "./style/attention.css";
import "./style/board.css";
import "./style/faces.css";
import "./style/search.css";
import "./style/shell.css";
import "./style/narrow.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { firstView, tokenOfLink } from "./early.ts";
import { queries } from "./queries.ts";
import { sessionQuery } from "./session-query.ts";
import { theme } from "./theme.ts";
import { listQuery } from "./views/inbox/list-query.ts";
import { searchOf } from "./views/inbox/query.ts";
import { viewAt } from "./views.ts";

const patienceMs = 100;

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");

// React draws the first view in one go: what it has to wait for while drawing, it shows a while later than it could, and what it
// draws before there is data it has to draw again. The list has a moment, because it was asked for at the same time as the session.
const list = prefetchList();
await Promise.all([firstView, queries.prefetchQuery({ ...sessionQuery, retry: false })]);
await Promise.race([list, new Promise((resolve) => setTimeout(resolve, patienceMs))]);

// Variables and classes come from the stylesheet: the page's Content-Security-Policy lets nothing write a style element.
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);

/** Takes the answer that was asked for early. */
async function prefetchList(): Promise<void> {
  if (tokenOfLink !== null || viewAt(window.location.pathname)?.name !== "inbox") return;
  const params = new URLSearchParams(window.location.search);
  await queries.prefetchQuery(listQuery(searchOf(params), params.get("before")));
}
