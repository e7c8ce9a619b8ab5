import { Alert, Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { texts } from "../texts.ts";
import { ViewTitle } from "./title.tsx";

/** The script of a view cannot be loaded: a deploy replaced it, or the site does not respond. */
export class ScriptProblem extends Error {}

interface BoundaryProps {
  /** Another one is another view, which is tried anew. */
  path: string;
  children: ReactNode;
}

interface BoundaryState {
  error: unknown;
  path: string;
}

/**
 * Shows why a view is not there, in place of it. If a deploy replaced its script, the page is loaded again by itself, once: it then
 * has the scripts of the present deploy.
 */
export class ScriptBoundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { error: null, path: this.props.path };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  static getDerivedStateFromProps({ path }: BoundaryProps, state: BoundaryState) {
    return path === state.path ? null : { error: null, path };
  }

  override componentDidCatch(error: unknown): void {
    if (error instanceof ScriptProblem) void reloadOnce();
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const words = texts.viewProblem[error instanceof ScriptProblem ? "script" : "other"];
    return (
      <>
        <ViewTitle text={texts.viewProblem.title} />
        <Alert color="red" title={words.title} role="alert" className="problem">
          <p>{words.says}</p>
          <Button size="xs" variant="default" onClick={() => window.location.reload()}>
            {texts.viewProblem.reload}
          </Button>
        </Alert>
      </>
    );
  }
}

const markKey = "reloaded-at";
/** A page that was just loaded again and still lacks the script would be loaded again for ever. */
const restMs = 60_000;

async function reloadOnce(): Promise<void> {
  const last = Number(sessionStorage.getItem(markKey) ?? 0);
  if (Date.now() - last < restMs) return;
  // While the site does not respond, loading it would lose what is shown.
  const site = await fetch("/", { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (!site?.ok) return;
  sessionStorage.setItem(markKey, String(Date.now()));
  window.location.reload();
}
