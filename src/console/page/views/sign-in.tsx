import { Button, Paper, Stack, Text, TextInput, Title, UnstyledButton } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { ApiProblem, signIn } from "../api.ts";
import { tellOtherTabs } from "../live.ts";
import { Problem } from "../parts/problem.tsx";
import { queries, sessionKey } from "../queries.ts";
import { texts } from "../texts.ts";

function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="door">
      <Paper withBorder p="xl" radius="md" shadow="sm">
        <Stack>
          <Title order={1} size="h3">
            {title}
          </Title>
          {children}
        </Stack>
      </Paper>
    </main>
  );
}

export function SignIn() {
  const [token, setToken] = useState("");
  const [isShown, setShown] = useState(false);
  const signing = useMutation({
    mutationFn: signIn,
    async onSuccess() {
      await queries.invalidateQueries({ queryKey: sessionKey });
      tellOtherTabs();
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    signing.mutate(token);
  };
  return (
    <Door title={texts.product}>
      <Text size="sm">{texts.signIn.lead}</Text>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            type={isShown ? "text" : "password"}
            label={texts.signIn.token}
            description={texts.signIn.tokenHint}
            autoComplete="current-password"
            required
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            error={signing.error ? wordsOf(signing.error) : null}
            spellCheck={false}
            rightSectionWidth={64}
            rightSection={
              <UnstyledButton
                className="textual"
                aria-label={texts.signIn.show}
                aria-pressed={isShown}
                onClick={() => setShown(!isShown)}
              >
                {isShown ? texts.signIn.hidden : texts.signIn.shown}
              </UnstyledButton>
            }
          />
          {signing.error && wordsOf(signing.error) === null && <Problem error={signing.error} />}
          <Button type="submit" loading={signing.isPending} disabled={token === ""}>
            {texts.signIn.go}
          </Button>
        </Stack>
      </form>
    </Door>
  );
}

function wordsOf(error: Error): string | null {
  if (!(error instanceof ApiProblem)) return null;
  if (error.status === 429) return texts.signIn.tooMany;
  return error.reason === "token-wrong" ? texts.signIn.wrong : null;
}

/** `hint`: from the API; names the problem with OPERATOR_TOKEN. */
export function Closed({ reason, hint }: { reason: string; hint: string }) {
  return (
    <Door title={texts.closed.title}>
      <Text>
        {(reason === "closed" && hint) || Object.entries(texts.closed).find(([name]) => name === reason)?.[1]}
      </Text>
    </Door>
  );
}
