import type { WorkerSettings } from "../env.ts";
import type { SignInProblems } from "../identity/identity.ts";
import { DemoNote, Layout } from "./layout.tsx";

interface SignInPageProps {
  readonly settings: WorkerSettings;
  /** Name the client gave itself. */
  readonly clientName: string;
  /** What was typed before. */
  readonly email?: string;
  readonly problems?: SignInProblems;
}

/** The demo's sign-in form. It posts to the URL it is shown at, which holds the client's request. */
export function SignInPage({ settings, clientName, email = "", problems = {} }: SignInPageProps) {
  return (
    <Layout settings={settings} title="Sign in" isCard>
      <main class="card">
        <h1>Sign in</h1>
        <p>
          <strong class="client">{clientName}</strong> wants to use {settings.server.title}.
        </p>
        <DemoNote settings={settings} />
        <form method="post">
          <input type="hidden" name="step" value="sign-in" />
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
          <button type="submit">Sign in</button>
        </form>
      </main>
    </Layout>
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
