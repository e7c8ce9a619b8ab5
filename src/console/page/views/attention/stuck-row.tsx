import { Checkbox, Menu, UnstyledButton } from "@mantine/core";
import { Link, useLocation } from "wouter";
import { CloudName } from "../../parts/cloud.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Picture } from "../../parts/picture.tsx";
import { Sku } from "../../parts/tag.tsx";
import { When } from "../../parts/when.tsx";
import { WithheldShown } from "../../parts/withheld.tsx";
import { paths } from "../../paths.ts";
import { useMayAct } from "../../session.ts";
import { releaseWords } from "../../texts/releases.ts";
import { texts } from "../../texts.ts";
import type { Batch, StuckDelivery } from "./batch.ts";

const words = texts.stuck;

interface StuckRowProps {
  delivery: StuckDelivery;
  chosen: boolean;
  /** null: it is the only one. */
  toggle: (() => void) | null;
  start: (act: Batch["act"]) => void;
}

/** One delivery: picture, name, SKU, then what happened in words. */
export function StuckRow({ delivery, chosen, toggle, start }: StuckRowProps) {
  const mayAct = useMayAct();
  const [, go] = useLocation();
  const {
    name,
    publicId,
    type,
    skus,
    happened,
    thumbnail,
    notificationId,
    handler,
    error,
    state,
    settledAt,
  } = delivery;
  const shown = name ?? publicId ?? happened;
  const said = releaseWords(handler, error, state, delivery.release);
  return (
    <li className="stuck-row" data-chosen={chosen || undefined}>
      {mayAct && toggle ? (
        <Checkbox checked={chosen} onChange={toggle} aria-label={words.select(shown)} />
      ) : (
        <span />
      )}
      <Picture src={thumbnail} alt="" size="dense" />
      <div className="stuck-name">
        <Link to={paths.record(notificationId)} className="row-link">
          <bdi className="name">{shown}</bdi>
        </Link>{" "}
        {skus.slice(0, 2).map((sku) => (
          <Sku key={sku}>{sku}</Sku>
        ))}
        <div className="small quiet">
          {shown === happened ? type : happened}
          {shown !== publicId && publicId !== null && (
            <>
              {" "}
              <bdi className="mono wide-only">{publicId}</bdi>
            </>
          )}
        </div>
        <WithheldShown result={delivery.result} secretName={delivery.secretName} />
      </div>
      <span className="small quiet stuck-when">
        <When at={settledAt} as="short" />
        <CloudName cloud={delivery.cloud} />
      </span>
      <Menu position="bottom-end" width={230} withinPortal={false}>
        <Menu.Target>
          <UnstyledButton className="icon-button row-more" aria-label={words.more(shown)}>
            <Icon name="dots" />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="open" />} onClick={() => go(paths.record(notificationId))}>
            {words.open}
          </Menu.Item>
          {mayAct && (
            <>
              <Menu.Item
                leftSection={<Icon name={said.red ? "trash" : "retry"} />}
                {...(said.red && { className: "danger" })}
                onClick={() => start("replay")}
              >
                {said.again}…
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="dash" />} onClick={() => start("discard")}>
                {said.leave}…
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}
