import { Copyable } from "../../parts/fact-list.tsx";
import { Icon } from "../../parts/icon.tsx";
import { texts } from "../../texts.ts";
import { useHealth } from "../health-data.ts";

const words = texts.firstRun;

/** Before the first notification: three steps, of which the page ticks what is done. */
export function FirstRun() {
  const health = useHealth();
  const secrets = health.data?.secrets.filter(({ configured }) => configured) ?? [];
  return (
    <section className="section first-run" aria-label={words.title}>
      <div className="section-body">
        <h2>{words.title}</h2>
        <p className="quiet">{words.lead}</p>
        <ol>
          <li>
            <Step done={false} />
            <div>
              <h3>{words.address}</h3>
              <p className="quiet small">{words.addressSays}</p>
              <Copyable value={`${window.location.origin}/webhooks`} of={words.address} />
            </div>
          </li>
          <li>
            <Step done={secrets.length > 0} />
            <div>
              <h3>{secrets.length > 0 ? words.secretFound(secrets.length) : words.secretMissing}</h3>
              <p className="quiet small">
                {secrets.length > 0 ? secrets.map(({ name }) => name).join(", ") : words.secretMissingSays}
              </p>
            </div>
          </li>
          <li>
            <Step done={false} />
            <div>
              <h3>{words.waiting}</h3>
              <p className="quiet small">{words.waitingSays}</p>
              <code>{texts.inbox.emptyHint}</code>
            </div>
          </li>
        </ol>
      </div>
    </section>
  );
}

function Step({ done }: { done: boolean }) {
  return (
    <span className={`event-sign ${done ? "good" : "info"}`}>
      <Icon name={done ? "check" : "clock"} size={12} />
      <span className="hidden-text">{done ? words.done : words.open}</span>
    </span>
  );
}
