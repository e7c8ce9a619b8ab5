import { Alert, Group } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { useState } from "react";
import { Link } from "wouter";
import { answer, api } from "../../api.ts";
import { type ListAddress, useListAddress } from "../../lists/address.ts";
import { FilterBar, type FilterField, NothingFound } from "../../lists/filter-bar.tsx";
import { ListPaging } from "../../lists/list-paging.tsx";
import { ActButton } from "../../parts/act-button.tsx";
import { AllEnvironments } from "../../parts/cloud.tsx";
import { Picture } from "../../parts/picture.tsx";
import { Loaded } from "../../parts/problem.tsx";
import { ReasonDialog } from "../../parts/reason-dialog.tsx";
import { Section } from "../../parts/section.tsx";
import { ViewTitle } from "../../parts/title.tsx";
import { paths } from "../../paths.ts";
import { queries } from "../../queries.ts";
import { texts } from "../../texts.ts";
import { FaceList, problemText } from "./boxes.tsx";

const words = texts.faces;
/** The pictures of one rerun from the page. */
const rerunLimit = 100;
const pageSize = "50";
const fields: readonly FilterField[] = [
  { name: "q", label: texts.lists.person },
  { name: "trained", label: texts.lists.trained, options: Object.entries(texts.lists.trainedNames) },
];

type FacesData = InferResponseType<typeof api.faces.$get, 200>;
type Person = FacesData["people"][number];

/** Everybody who is recognised, with their training pictures, and what was not recognised. */
export function Faces() {
  const address = useListAddress({ q: null, trained: ["yes", "no"] }, "after");
  const { filters, page } = address;
  const faces = useQuery({
    queryKey: ["faces", filters, page],
    queryFn: () =>
      answer(
        api.faces.$get({ query: { ...filters, limit: pageSize, ...(page !== null && { after: page }) } }),
      ),
    placeholderData: keepPreviousData,
  });
  const [rerunning, setRerunning] = useState(false);
  return (
    <>
      <ViewTitle
        text={words.title}
        aside={
          <ActButton size="xs" variant="default" onClick={() => setRerunning(true)}>
            {words.rerun}
          </ActButton>
        }
      />
      <AllEnvironments />
      <FilterBar list="people" address={address} fields={fields} />
      <Loaded query={faces}>{(data) => <Whole data={data} address={address} />}</Loaded>
      {rerunning && (
        <ReasonDialog
          title={words.rerunTitle}
          lead={words.rerunLead(rerunLimit)}
          go={words.rerunGo}
          optional
          act={async ({ reason }) => {
            const json = { limit: rerunLimit, ...(reason !== "" && { reason }) };
            await answer(api.faces.rerun.$post({ json }));
            await queries.invalidateQueries({ queryKey: ["faces"] });
          }}
          close={() => setRerunning(false)}
        />
      )}
    </>
  );
}

interface WholeProps {
  data: FacesData;
  address: ListAddress;
}

function Whole({ data: { on, people, next, rejected, unclear, removals, problem }, address }: WholeProps) {
  const [forgetting, setForgetting] = useState<Person | null>(null);
  return (
    <>
      {!on && (
        <Alert color="gray" mb="md">
          {words.off}
        </Alert>
      )}
      {removals > 0 && (
        <Alert color="orange" mb="md">
          {words.removals(removals)} {problem}
        </Alert>
      )}
      {people.length === 0 && address.isFiltered && <NothingFound address={address} fields={fields} />}
      {people.length === 0 && !address.isFiltered && <p className="empty">{words.nobody}</p>}
      {people.map((person) => (
        <PersonSection key={person.id} person={person} forget={() => setForgetting(person)} />
      ))}
      <ListPaging address={address} next={next} words={{ newest: texts.first, older: texts.more }} />
      {rejected.length > 0 && (
        <Section title={words.rejected}>
          <ul className="cards">
            {rejected.map(({ assetId, publicId, small, problem: why }) => (
              <li key={assetId} className="card">
                <Picture src={small} alt={publicId} size="large" />
                <AssetLink assetId={assetId} publicId={publicId} />
                <span className="quiet small">{problemText(why)}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {people.length > 0 && (
        <Section title={words.unclear}>
          {unclear.length === 0 && <p className="quiet small">{words.allClear}</p>}
          <ul className="cards">
            {unclear.map(({ assetId, publicId, small, faces, problem: why }) => (
              <li key={assetId} className="card">
                <Picture src={small} alt={publicId} size="large" />
                <AssetLink assetId={assetId} publicId={publicId} />
                {why === null ? (
                  <FaceList faces={faces} />
                ) : (
                  <span className="quiet small">{problemText(why)}</span>
                )}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {forgetting && (
        <ReasonDialog
          title={words.forgetTitle(forgetting.name)}
          lead={words.forgetLead}
          go={words.forgetGo}
          color="red"
          act={async ({ reason }) => {
            await answer(api.faces.forgettings.$post({ json: { personId: forgetting.id, reason } }));
            await queries.invalidateQueries({ queryKey: ["faces"] });
          }}
          close={() => setForgetting(null)}
        />
      )}
    </>
  );
}

function PersonSection({
  person: { name, trained, trainings, pictures },
  forget,
}: {
  person: Person;
  forget: () => void;
}) {
  return (
    <Section
      title={name}
      aside={
        <Group gap="xs">
          <span className="quiet small">{words.pictures(pictures)}</span>
          <ActButton
            size="compact-xs"
            variant="default"
            aria-label={words.forgetTitle(name)}
            onClick={forget}
          >
            {words.forget}
          </ActButton>
        </Group>
      }
    >
      {!trained && <p className="quiet small">{words.untrained}</p>}
      <ul className="faces-trainings" aria-label={words.trainings(name)}>
        {trainings.map(({ assetId, publicId, small, problem }) => (
          <li key={assetId}>
            <Picture src={small} alt={publicId} />
            <div>
              <AssetLink assetId={assetId} publicId={publicId} />
              {problem !== null && <p className="quiet small">{problemText(problem)}</p>}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function AssetLink({ assetId, publicId }: { assetId: string; publicId: string }) {
  return (
    <Link to={`${paths.inbox}?assetId=${encodeURIComponent(assetId)}`} className="card-link small">
      <bdi>{publicId}</bdi>
    </Link>
  );
}
