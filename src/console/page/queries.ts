import { QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./api.ts";

export const sessionKey = ["session"] as const;

/** How often a view is read again while something on it is under way. Otherwise `useLive` renews it. */
export const liveMs = 3_000;

export const queries = new QueryClient({
  queryCache: new QueryCache({
    onError(error) {
      // The session has expired: show the sign-in page.
      if (error instanceof ApiProblem && error.status === 401) queries.setQueryData(sessionKey, null);
    },
  }),
  defaultOptions: {
    // Also while the browser thinks that it is offline: otherwise a question waits without a word, and nothing says so.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      refetchIntervalInBackground: false,
      staleTime: 1_000,
      retry: (failures, error) => !(error instanceof ApiProblem && error.status < 500) && failures < 1,
    },
  },
});
