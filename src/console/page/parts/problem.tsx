import { Alert, Button, Center, Loader } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { own } from "../../../lib/shared/own.ts";
import { ApiProblem } from "../api.ts";
import { texts } from "../texts.ts";

/** An error, with the server's message if there is one. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const said =
    error instanceof ApiProblem
      ? own(texts.problems, error.reason) || error.message || error.reason
      : texts.problems["not-reached"];
  return (
    <Alert color="red" title={texts.failed} role="alert">
      <p>{said}</p>
      {retry && (
        <Button size="xs" variant="default" onClick={retry}>
          {texts.again}
        </Button>
      )}
    </Alert>
  );
}

/** Shows the data of a query, or that it is loading, or its error. */
export function Loaded<T>({
  query,
  children,
}: {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined)
    return (
      <>
        {query.error && <Problem error={query.error} retry={() => void query.refetch()} />}
        {children(query.data)}
      </>
    );
  if (query.error) return <Problem error={query.error} retry={() => void query.refetch()} />;
  return (
    <Center p="xl">
      <Loader aria-label={texts.loading} />
    </Center>
  );
}
