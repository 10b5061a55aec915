import type { WorkerSettings } from "../env.ts";
import type { SignInProblems } from "../identity/identity.ts";
import { causeField } from "../oauth/authorize/visit-cause.ts";
import { DemoNote, Layout } from "./layout.tsx";

interface SignInPageProps {
  readonly settings: WorkerSettings;
  /** Name of the client that sent the person; without it they want to see their connections. */
  readonly clientName: string | undefined;
  /** Who caused the visit; see `visit-cause.ts`. */
  readonly cause: string;
  /** Whether the demo takes one password only. */
  readonly hasOnePassword: boolean;
  /** What was typed before. */
  readonly email?: string;
  readonly problems?: SignInProblems;
}

/** The sign-in form. It posts to the URL it is shown at, which holds the client's request. */
export function SignInPage(props: SignInPageProps) {
  const { settings, clientName, cause, hasOnePassword, email = "", problems = {} } = props;
  return (
    <Layout settings={settings} title="Sign in" card="narrow">
      <h1>Sign in</h1>
      <Purpose settings={settings} clientName={clientName} />
      <DemoNote settings={settings} hasOnePassword={hasOnePassword} />
      <form method="post">
        <input type="hidden" name="step" value="sign-in" />
        <input type="hidden" name={causeField} value={cause} />
        <Field
          name="email"
          label="Email"
          type="email"
          value={email}
          autocomplete="username"
          problem={problems.email}
        />
        <Field
          name="password"
          label="Password"
          type="password"
          autocomplete="off"
          problem={problems.password}
        />
        <div class="buttons">
          <button type="submit">Sign in</button>
        </div>
      </form>
    </Layout>
  );
}

interface SignInElsewherePageProps {
  readonly settings: WorkerSettings;
  /** Who signs people in: "GitHub". */
  readonly upstreamName: string;
}

/** Sends the person to the server that signs people in, when they press the button. */
export function SignInElsewherePage({ settings, upstreamName }: SignInElsewherePageProps) {
  return (
    <Layout settings={settings} title="Sign in" card="narrow">
      <h1>Sign in</h1>
      <Purpose settings={settings} clientName={undefined} />
      <form method="post" class="buttons">
        <input type="hidden" name="step" value="sign-in" />
        <button type="submit">Sign in with {upstreamName}</button>
      </form>
    </Layout>
  );
}

function Purpose({ settings, clientName }: Pick<SignInPageProps, "settings" | "clientName">) {
  const { title } = settings.server;
  if (clientName === undefined) return <p>To see which apps may use {title} for you.</p>;
  return (
    <p>
      <bdi class="client">{clientName}</bdi> wants to use {title}.
    </p>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly type: "email" | "password";
  readonly value?: string;
  readonly autocomplete: string;
  readonly problem: string | undefined;
}

function Field({ name, label, problem, ...input }: FieldProps) {
  const problemId = `${name}-problem`;
  return (
    <p class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        required
        {...input}
        {...(problem !== undefined && { "aria-invalid": "true", "aria-describedby": problemId })}
      />
      {problem !== undefined && (
        <span class="problem" id={problemId}>
          {problem}
        </span>
      )}
    </p>
  );
}
