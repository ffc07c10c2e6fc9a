// Sets a new password. The token leaves the address bar and the history before anything else happens, and nothing is asked of
// the service before the form is sent: whoever only opens the link uses nothing up.
"use strict";
(() => {
  const read = (text) => new URLSearchParams(text.replace(/^[#?]/, "")).get("token") || "";
  const token = read(location.hash) || read(location.search);
  history.replaceState(null, "", location.pathname);

  const at = (id) => document.getElementById(id);
  const reasons = {
    token_unknown: "This link is not good. Is it complete?",
    token_expired: "This link was used already, or is over. Ask for a new one where you sign in.",
    validation_failed: "Please look at the passwords again.",
    password_too_short: "The password is too short.",
    password_too_long: "The password is too long.",
    password_too_common: "This password is one that is tried first. Choose another one.",
    password_too_obvious: "This password is too close to your address. Choose another one.",
    passwords_differ: "The two passwords are not the same.",
    rate_limited: "Too many attempts. Try again in a minute.",
  };
  const why = (problem) => {
    const first = problem.errors && problem.errors[0] && problem.errors[0].code;
    return reasons[first] || reasons[problem.code] || problem.title || "Something went wrong. Try again.";
  };

  const send = async (body) => {
    const answer = await fetch("/api/auth/password/reset", {
      method: "POST", headers: { "Content-Type": "application/json" }, credentials: "omit", referrerPolicy: "no-referrer",
      cache: "no-store", body: JSON.stringify(body) });
    const said = await answer.json();
    if (!answer.ok) throw said;
  };

  const set = async () => {
    at("error").textContent = "";
    at("set").disabled = true;
    try {
      await send({ token, password: at("password").value, confirmPassword: at("confirm").value });
      at("form").hidden = true;
      at("status").textContent = "Your password is set, and you are signed out everywhere. Sign in with the new one.";
      at("title").focus();
    } catch (problem) {
      at("error").textContent = why(problem);
      at("password").focus();
    } finally {
      at("set").disabled = false;
    }
  };

  if (!token) { at("status").textContent = reasons.token_unknown; return; }
  at("form").hidden = false;
  at("form").addEventListener("submit", (event) => { event.preventDefault(); set(); });
})();
