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
import { firstView } from "./early.ts";
import { queries } from "./queries.ts";
import { theme } from "./theme.ts";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");

// React draws the first view in one go: what it has to wait for while drawing, it shows a while later than it could.
await firstView;

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
