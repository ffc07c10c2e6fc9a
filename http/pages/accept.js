// Shows an invitation and accepts it. The token stands in the fragment or the query, and leaves the address bar and the
// history before anything else happens.
"use strict";
(() => {
  const read = (text) => new URLSearchParams(text.replace(/^[#?]/, "")).get("token") || "";
  const token = read(location.hash) || read(location.search);
  history.replaceState(null, "", location.pathname);

  const at = (id) => document.getElementById(id);
  const say = (text) => { at("status").textContent = text; };
  const roles = { tenant_admin: "administrator of everything", organization_admin: "administrator of an organisation",
    location_manager: "manager of a location", user: "member" };
  const reasons = {
    invitation_not_found: "There is no such invitation. Is the link complete?",
    invitation_expired: "This invitation is over.",
    invitation_cancelled: "This invitation was cancelled.",
    invitation_superseded: "A newer message was sent to you. Use the link in that one.",
    invitation_already_accepted: "This invitation was accepted already. Sign in with your account.",
    invitation_declined: "This invitation was declined.",
    invitation_authority_lost: "Whoever invited you may not give this any more. Ask them who can.",
    sign_in_required: "You have an account already. Sign in, and accept the invitation there.",
    password_too_short: "The password is too short.",
    password_too_long: "The password is too long.",
    password_too_common: "This password is one that is tried first. Choose another one.",
    password_too_obvious: "This password is too close to your name or address. Choose another one.",
    passwords_differ: "The two passwords are not the same.",
    terms_not_accepted: "Please accept the terms.",
    rate_limited: "Too many attempts. Try again in a minute.",
  };
  const why = (problem) => reasons[problem.code] || problem.title || "Something went wrong. Try again.";

  const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
  // Nothing has happened where the service says that it is busy: whoever waits a moment need not press again.
  const isBusy = (answer, said) => answer.status === 503 && said.code !== "outcome_unknown";
  const call = async (path, body, attempts = 6) => {
    const answer = await fetch("/api/invitations/" + path, {
      method: "POST", headers: { "Content-Type": "application/json" }, credentials: "omit", referrerPolicy: "no-referrer",
      cache: "no-store", body: JSON.stringify(body) });
    const said = await answer.json();
    if (answer.ok) return said;
    if (!isBusy(answer, said) || attempts <= 1) throw said;
    await pause(Math.min(Number(answer.headers.get("Retry-After")) || 1, 5));
    return call(path, body, attempts - 1);
  };

  const show = (it) => {
    at("title").textContent = "Join " + it.organizationName;
    at("summary").textContent = (it.inviterName || "Somebody") + " invites you to join " + it.organizationName + ".";
    at("message").textContent = it.message || "";
    at("email").textContent = it.emailMasked;
    at("role").textContent = roles[it.role] || it.role;
    for (const entity of it.entities) {
      const line = document.createElement("li");
      line.textContent = entity.name + " (" + entity.role + ")";
      at("entities").append(line);
    }
    at("applications").textContent = it.applications.map((one) => one.name).join(", ") || "none";
    at("expires").textContent = new Date(it.expiresAt).toLocaleString();
    at("least").textContent = it.passwordPolicy.minLength;
    at("terms-version").textContent = it.terms.version;
    at("details").hidden = false;
    if (it.mode === "sign_in") return say(reasons.sign_in_required);
    say("");
    at("form").hidden = false;
    at("title").focus();
    at("form").addEventListener("submit", (event) => { event.preventDefault(); accept(it); });
    at("decline").addEventListener("click", decline);
  };

  const busy = (is) => { at("accept").disabled = at("decline").disabled = is; };
  const finish = (text) => { at("form").hidden = true; say(text); at("title").focus(); };

  const accept = async (it) => {
    at("error").textContent = "";
    busy(true);
    try {
      await call("accept", { token, password: at("password").value, confirmPassword: at("confirm").value,
        acceptTerms: at("terms").checked, grantVersion: it.grantVersion,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC", language: navigator.language || "en" });
      finish("Welcome. Your account is ready: sign in with your address and the password.");
    } catch (problem) {
      at("error").textContent = why(problem);
    } finally {
      busy(false);
    }
  };
  const decline = async () => {
    busy(true);
    try {
      await call("decline", { token });
      finish("You declined the invitation.");
    } catch (problem) {
      at("error").textContent = why(problem);
    } finally {
      busy(false);
    }
  };

  const renew = async () => {
    at("renew").disabled = true;
    try {
      await call("request-new", { token });
      at("renew").hidden = true;
      say("Whoever invited you was asked to send a new invitation.");
    } catch (problem) {
      at("renew").disabled = false;
      say(why(problem));
    }
  };
  const refuse = (problem) => {
    say(why(problem));
    if (!problem.canRequestNew) return;
    at("renew").hidden = false;
    at("renew").addEventListener("click", renew);
  };

  if (!token) return say(reasons.invitation_not_found);
  call("lookup", { token }).then(show, refuse);
})();
