/** The log-in: e-mail and password, with what is wrong said under the field that it belongs to. */
import { useRef, useState } from "preact/hooks";
import type { Me, Problem } from "../shared/contract";
import { useCommand } from "../shared/command";
import { Icon } from "../shared/icons";
import { makeClient } from "../shared/post";
import { ProblemLine } from "../shared/problem-line";
import { whereTo } from "./where-to";

const client = makeClient();

type Field = "email" | "password";

export function Login() {
  const command = useCommand();
  const [values, setValues] = useState({ email: "", password: "" });
  const [missing, setMissing] = useState<Problem | null>(null);
  const [left, setLeft] = useState(false);
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const problem = missing ?? command.problem;
  const focus = (field: Field): void => (field === "email" ? email : password).current?.focus();

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const lacking = whatIsMissing(values);
    setMissing(lacking);
    command.clear();
    if (lacking !== null) {
      focus(lacking.field as Field);
      return;
    }
    const done = await command.run(async () => {
      const me = await client.post<Me>("/auth/v1/login", { ...values, email: values.email.trim() });
      setLeft(true);
      location.assign(whereTo(location.search, location.origin, me));
    });
    if (!done) focus("password");
  };

  const field = (name: Field) => ({
    id: name,
    name,
    class: "input",
    value: values[name],
    onInput: (event: InputEvent & { currentTarget: HTMLInputElement }) => setValues({ ...values, [name]: event.currentTarget.value }),
    "aria-invalid": problem?.field === name,
    ...(problem === null ? {} : { "aria-describedby": "login-problem" }),
  });

  const busy = command.busy || left;
  return (
    <main class="login">
      <span class="brand">
        <span aria-hidden="true">
          <Icon name="back" size={18} />
        </span>
        Ringback
      </span>
      <form class="card" noValidate onSubmit={(event) => void submit(event)}>
        <h1>Log in</h1>
        <div class="field">
          <label for="email">E-mail</label>
          <input ref={email} type="email" autoComplete="username" autoCapitalize="none" spellcheck={false} {...field("email")} />
        </div>
        <div class="field">
          <label for="password">Password</label>
          <input ref={password} type="password" autoComplete="current-password" {...field("password")} />
        </div>
        <ProblemLine problem={problem} id="login-problem" />
        <button type="submit" class="button filled large" aria-disabled={busy}>
          {busy ? "Logging in…" : "Log in"}
        </button>
      </form>
      <p class="caption">Agents go to their desk, supervisors to the console.</p>
    </main>
  );
}

function whatIsMissing({ email, password }: { email: string; password: string }): Problem | null {
  const problem = (field: Field, detail: string): Problem => ({ type: "missing", title: detail, status: 0, detail, field });
  if (!/^\S+@\S+$/.test(email.trim())) return problem("email", "Type the e-mail address of your log-in.");
  return password === "" ? problem("password", "Type your password.") : null;
}
