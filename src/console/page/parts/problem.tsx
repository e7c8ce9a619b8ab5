import { Alert, Button, Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { own } from "../../../lib/shared/own.ts";
import { ApiProblem } from "../api.ts";
import { texts } from "../texts.ts";

interface ProblemProps {
  error: unknown;
  what?: string;
  /** An act failed. */
  ofAct?: boolean;
  retry?: () => void;
}

/** An error: what was asked for, why it is not there, and how to ask again. */
export function Problem({ error, what, ofAct = false, retry }: ProblemProps) {
  return (
    <Alert
      color="red"
      mb="md"
      title={ofAct ? texts.actFailed : what === undefined ? texts.failed : texts.failedTo(what)}
      role="alert"
      className="problem"
    >
      <p>{problemText(error)}</p>
      {retry && (
        <Button size="xs" variant="default" onClick={retry}>
          {texts.again}
        </Button>
      )}
    </Alert>
  );
}

export function problemText(error: unknown): string {
  return error instanceof ApiProblem
    ? own(texts.problems, error.reason) || error.message || error.reason
    : (texts.problems["not-reached"] ?? "");
}

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  /** What is asked for, as in "Could not load the products". */
  what?: string;
  /** The shape of what is to come. */
  waiting?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Shows the data of a query; while there is none, its shape or its error. Data that could not be renewed stays. */
export function Loaded<T>({ query, what, waiting, children }: LoadedProps<T>) {
  const { data, error, refetch } = query;
  const problem = error && (
    <Problem error={error} {...(what !== undefined && { what })} retry={() => void refetch()} />
  );
  if (data !== undefined)
    return (
      <>
        {problem}
        {children(data)}
      </>
    );
  return problem ?? <Waiting>{waiting ?? <RowsWaiting />}</Waiting>;
}

/** Nothing for a moment, so that what comes soon does not flicker. */
const quietMs = 300;

function Waiting({ children }: { children: ReactNode }) {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), quietMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="waiting" role="status" aria-busy="true">
      <span className="hidden-text">{texts.loading}</span>
      {isLate && children}
    </div>
  );
}

/** Rows of a list that is on its way. */
export function RowsWaiting({ rows = 8, height = 60 }: { rows?: number; height?: number }) {
  return (
    <div className="panel">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike.
        <Skeleton key={index} height={height - 1} radius={0} mb={1} animate />
      ))}
    </div>
  );
}
