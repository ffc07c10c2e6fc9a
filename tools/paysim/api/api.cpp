#include "tools/paysim/api/api.hpp"

#include "tools/paysim/api/access.hpp"
#include "tools/paysim/api/expansion.hpp"
#include "tools/paysim/resources/resources.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

namespace tessera::paysim {

namespace {

// How long a client that gets no answer may wait for it before its connection is told that there is none.
constexpr std::int64_t longest_silence_ms = 120'000;
constexpr std::string_view form_type = "application/x-www-form-urlencoded";

api_error unknown_url(const std::string& method, const std::string& path) {
  auto error = invalid_request("Unrecognized request URL (" + method + ": " + path + ").");
  error.status = 404;
  return error;
}

api_error planned_error(unsigned status) {
  api_error error;
  error.status = status;
  error.message = "The sandbox was told to fail.";
  error.may_be_retried = status == 409 || status == 429 || status == 503;
  if (status == 429)
    error.code = "rate_limit";
  else if (status == 409)
    error.code = "lock_timeout";
  else if (status >= 500)
    error.type = "api_error";
  return error;
}

} // namespace

/// A call as it came, on its own memory: it may wait.
struct api::incoming {
  std::string id;
  std::string method, path, authorization, version, key, fingerprint;
  form_node form;
  std::vector<std::string> ids, expanded;
};

struct api::answer {
  unsigned status = 200;
  std::string body;
  bool has_begun = true;
  bool may_be_retried = false;
  std::string original_request{}; // of what is replayed

  static answer of(const api_error& error) {
    return {error.status, to_json(error_document(error)), error.has_begun, error.may_be_retried};
  }
};

api::api(sandbox& account) : account_(account), table_(all_endpoints()) {}

std::vector<http::route> api::routes() {
  std::vector<http::route> rows;
  std::set<std::pair<std::string_view, std::string_view>> taken;
  const auto add = [&](const endpoint_row* row, std::string_view method, std::string_view path) {
    if (!taken.emplace(method, path).second) return;
    rows.push_back(
        {method,
         path,
         [this, row](http::request& from, http::responder respond) { receive(row, from, respond); },
         256 * 1024,
         ""}
    );
  };
  for (const auto& row : table_)
    add(&row, row.method, row.path);
  for (const auto method : {"GET", "POST", "DELETE", "PUT", "PATCH"}) {
    for (const auto& row : table_)
      add(nullptr, method, row.path);
    for (const auto path :
         {"/v1", "/v1/:a", "/v1/:a/:b", "/v1/:a/:b/:c", "/v1/:a/:b/:c/:d", "/v1/:a/:b/:c/:d/:e"})
      add(nullptr, method, path);
  }
  return rows;
}

void api::receive(const endpoint_row* row, const http::request& from, const http::responder& respond) {
  account_.clock.run_due();
  incoming came;
  came.id = account_.make_id("req");
  came.method = from.method;
  came.path = from.path;
  came.authorization = from.header("Authorization").value_or("");
  came.version = from.header("Stripe-Version").value_or("");
  if (came.method == "POST") came.key = from.header("Idempotency-Key").value_or("");
  for (const auto each : from.parameters)
    came.ids.emplace_back(each);
  const auto failing = failing_.take(came.method, came.path);
  try {
    check_key(came.authorization, account_.options.secret_key);
    check_version(came.version);
    if (!from.body.empty() && !from.header("Content-Type").value_or("").starts_with(form_type))
      throw invalid_request(
          "Invalid request (check that your POST content type is " + std::string{form_type} + ")"
      );
    if (came.key.size() > 255) throw invalid_request("Idempotency keys can be up to 255 characters long.");
    decode_form(from.query, came.form);
    decode_form(from.body, came.form);
    came.expanded = parameters(came.form).texts("expand");
    came.fingerprint = came.method + " " + came.path + " " + canonical(came.form);
    if (!came.key.empty())
      if (const auto* known = keys_.begin(came.key, came.fingerprint, came.id, account_.now()))
        return send(came, {known->status, known->body, true, false, known->request}, respond);
  } catch (const api_error& error) {
    return send(came, answer::of(error), respond);
  }
  if (!failing || failing->delay_ms == 0) return run(row, came, failing, respond);
  account_.clock.after(failing->delay_ms, [=, this] { run(row, came, failing, respond); });
}

void api::run(
    const endpoint_row* row,
    const incoming& came,
    const std::optional<failure>& failing,
    const http::responder& respond
) {
  const bool runs = !failing || failing->has_effect || (failing->status == 0 && failing->is_answered);
  answer given;
  if (runs) given = carry_out(row, came);
  keep(came, given, runs && given.has_begun);
  if (!failing) return send(came, std::move(given), respond);
  if (failing->status != 0) {
    given = answer::of(planned_error(failing->status));
    if (failing->is_saved && !came.key.empty()) {
      if (!runs) keys_.begin(came.key, came.fingerprint, came.id, account_.now());
      keys_.finish(came.key, given.status, given.body);
    }
  }
  if (failing->is_answered) return send(came, std::move(given), respond);
  account_.clock.after(longest_silence_ms, [respond] { respond({.status = 504}); });
}

api::answer api::carry_out(const endpoint_row* row, const incoming& came) {
  if (came.method != "GET") ++account_.changes;
  account_.current = {came.id, came.key};
  answer given;
  try {
    if (!row) throw unknown_url(came.method, came.path);
    const parameters params(came.form);
    auto made = row->run({account_, params, came.path, came.ids});
    expand(account_.documents, made, came.expanded);
    given.body = to_json(shown(made));
  } catch (const api_error& error) {
    given = answer::of(error);
  }
  account_.current = {};
  return given;
}

/// A call that never began leaves its key free.
void api::keep(const incoming& came, const answer& given, bool has_begun) {
  if (came.key.empty()) return;
  if (has_begun)
    keys_.finish(came.key, given.status, given.body);
  else
    keys_.forget(came.key);
}

void api::send(const incoming& came, answer given, const http::responder& respond) {
  http::response out{.status = given.status, .body = std::move(given.body)};
  out.headers = {{"Request-Id", came.id}, {"Stripe-Version", std::string{api_version}}};
  if (!came.key.empty()) out.headers.emplace_back("Idempotency-Key", came.key);
  if (!given.original_request.empty()) {
    out.headers.emplace_back("Idempotent-Replayed", "true");
    out.headers.emplace_back("Original-Request", given.original_request);
  }
  if (given.status >= 400)
    out.headers.emplace_back("Stripe-Should-Retry", given.may_be_retried ? "true" : "false");
  if (given.status == 429 || given.status == 503) out.headers.emplace_back("Retry-After", "1");
  if (given.status == 401) out.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Stripe\"");
  spdlog::debug("{} {} {} {}", came.id, came.method, came.path, given.status);
  respond(std::move(out));
}

} // namespace tessera::paysim
