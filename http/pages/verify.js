// Confirms an address. The token leaves the address bar and the history before anything else happens, and it is used when
// somebody says so: what only opens links, as scanners of mail do, confirms nothing.
"use strict";
(() => {
  const read = (text) => new URLSearchParams(text.replace(/^[#?]/, "")).get("token") || "";
  const token = read(location.hash) || read(location.search);
  history.replaceState(null, "", location.pathname);

  const at = (id) => document.getElementById(id);
  const reasons = {
    token_unknown: "This link is not good. Is it complete?",
    token_expired: "This link was used already, or is over.",
    rate_limited: "Too many attempts. Try again in a minute.",
  };
  const why = (problem) => reasons[problem.code] || problem.title || "Something went wrong. Try again.";

  const confirm = async () => {
    at("error").textContent = "";
    at("confirm").disabled = true;
    try {
      const answer = await fetch("/api/auth/email/verify", {
        method: "POST", headers: { "Content-Type": "application/json" }, credentials: "omit", referrerPolicy: "no-referrer",
        cache: "no-store", body: JSON.stringify({ token }) });
      const said = await answer.json();
      if (!answer.ok) throw said;
      at("form").hidden = true;
      at("status").textContent = "Your address is confirmed.";
      at("title").focus();
    } catch (problem) {
      at("error").textContent = why(problem);
    } finally {
      at("confirm").disabled = false;
    }
  };

  if (!token) { at("status").textContent = reasons.token_unknown; return; }
  at("form").hidden = false;
  at("form").addEventListener("submit", (event) => { event.preventDefault(); confirm(); });
})();
