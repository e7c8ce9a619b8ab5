import { RawText } from "../../parts/raw-text.tsx";
import { texts } from "../../texts.ts";
import { Headers } from "./facts.tsx";
import type { Attempt } from "./story.ts";

const words = texts.record.exchange;

/** The request of an attempt that failed, and what was answered. */
export function ExchangeShown({ exchange }: { exchange: NonNullable<Attempt["exchange"]> }) {
  const { method, host, path, status, headers, body, cut, error } = exchange;
  const answer = status === null ? words.noAnswer : String(status);
  return (
    <details className="exchange">
      <summary>
        {words.title}: {answer}
      </summary>
      <p className="mono said">
        <bdi>
          {method} {host}
          {path}
        </bdi>
      </p>
      <p className="small">
        {words.answer} <strong>{answer}</strong>
        {error !== null && (
          <>
            {": "}
            <bdi>{error}</bdi>
          </>
        )}
      </p>
      {Object.keys(headers).length > 0 && <Headers headers={headers} />}
      {body !== null && <RawText text={body} label={words.body} />}
      <p className="small quiet">
        {cut && `${words.cut} `}
        {words.kept}
      </p>
    </details>
  );
}
