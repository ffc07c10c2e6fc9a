// Shows what a link is for, and asks for an invitation at an address. The token leaves the address bar and the history
// before anything else happens.
"use strict";
(() => {
  const read = (text) => new URLSearchParams(text.replace(/^[#?]/, "")).get("token") || "";
  const token = read(location.hash) || read(location.search);
  history.replaceState(null, "", location.pathname);

  const at = (id) => document.getElementById(id);
  const say = (text) => { at("status").textContent = text; };
  const reasons = {
    invitation_link_not_found: "There is no such link. Is it complete?",
    invitation_link_expired: "This link is over.",
    invitation_link_revoked: "This link is not good any more.",
    invitation_link_used_up: "As many as may have used this link.",
    domain_not_allowed: "An address of this domain can't join. Use another one.",
    seat_limit_reached: "There is no room for more people. Ask whoever gave you the link.",
    too_many_pending_invitations: "There is no room for more people for now. Ask whoever gave you the link.",
    rate_limited: "Too many attempts. Try again in a minute.",
  };
  const codes = { invalid_email: "This is no e-mail address.", invalid_name: "A name has no web address in it." };
  const why = (problem) => reasons[problem.code] ||
    codes[problem.errors && problem.errors[0] && problem.errors[0].code] || problem.title || "Something went wrong. Try again.";

  const call = async (path, body) => {
    const answer = await fetch("/api/invitation-links/" + path, {
      method: "POST", headers: { "Content-Type": "application/json" }, credentials: "omit", referrerPolicy: "no-referrer",
      cache: "no-store", body: JSON.stringify(body) });
    const said = await answer.json();
    if (!answer.ok) throw said;
    return said;
  };

  const join = async () => {
    at("error").textContent = "";
    at("join").disabled = true;
    const body = { token, email: at("email").value.trim() };
    if (at("first").value.trim()) body.firstName = at("first").value.trim();
    if (at("last").value.trim()) body.lastName = at("last").value.trim();
    try {
      await call("join", body);
      at("form").hidden = true;
      say("Look into your mail: if the address can join, an invitation is on its way.");
      at("title").focus();
    } catch (problem) {
      at("error").textContent = why(problem);
    } finally {
      at("join").disabled = false;
    }
  };

  const show = (it) => {
    at("title").textContent = "Join " + it.organizationName;
    for (const entity of it.entities) {
      const line = document.createElement("li");
      line.textContent = entity.name + " (" + entity.role + ")";
      at("entities").append(line);
    }
    at("applications").textContent = it.applications.map((one) => one.name).join(", ") || "none";
    at("expires").textContent = new Date(it.expiresAt).toLocaleString();
    if (it.allowedEmailDomains.length)
      at("domains").textContent = "It must be an address of " + it.allowedEmailDomains.join(" or ") + ".";
    say("");
    at("details").hidden = at("form").hidden = false;
    at("form").addEventListener("submit", (event) => { event.preventDefault(); join(); });
  };

  if (!token) return say(reasons.invitation_link_not_found);
  call("lookup", { token }).then(show, (problem) => say(why(problem)));
})();
