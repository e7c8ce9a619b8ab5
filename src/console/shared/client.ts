import { property } from "../../lib/shared/json.ts";

/** An error response. `reason` is for code, `message` for users. */
export class ApiProblem extends Error {
  override name = "ApiProblem" as const;
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, hint: string) {
    super(hint);
    this.status = status;
    this.reason = reason;
  }
}

export interface JsonResponse<T> {
  ok: boolean;
  status: number;
  json(): Promise<T>;
}

/** The JSON response of a console API call; throws `ApiProblem` for an error. */
export async function answer<T>(call: Promise<JsonResponse<T>>): Promise<T> {
  const response = await call;
  if (!response.ok) throw await problemOf(response);
  return await response.json();
}

export async function problemOf(response: JsonResponse<unknown>): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => null);
  const error = property(body, "error");
  const reason = property(error, "reason");
  const hint = property(error, "hint");
  return new ApiProblem(
    response.status,
    typeof reason === "string" ? reason : "unreadable-answer",
    typeof hint === "string" ? hint : "",
  );
}
