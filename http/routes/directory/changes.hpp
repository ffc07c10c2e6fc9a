#pragma once

#include "http/auth/caller.hpp"
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/routes/service.hpp"
#include "http/routing/rejections.hpp"
#include "http/routing/versions.hpp"
#include "messages/changes.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What changes of the directory have in common: the headers of a change, and its end.
namespace tessera::http {

/// Idempotency-Key and If-Match.
struct change_headers {
  std::string_view key; // empty: none
  seen_versions only_versions;
};
std::optional<problem> read_change(const request& request, change_headers& into);

/// X-Application may be left out here. Where it is sent it must be the caller's: a problem, as everywhere
/// (`find_application`), else it is recorded.
std::optional<problem> check_application(const request& request, caller& who);

/// Who changes it, once `check_application` has been asked.
change_origin origin_of(const request& request, const caller& who);

/// The stored form of the call's key, if it has one. Who asks, and for which application, is part of the
/// command: the same words of somebody else, who may not be allowed to hear the first answer, are another
/// one.
std::optional<idempotency_key> own_key(
    const request& request,
    const caller& who,
    const tenant_id& tenant,
    std::string_view route,
    std::string_view key,
    fingerprint command
);

/// 422 when there is any query: most changes have none.
std::optional<problem> wrong_query(const request& request);

/// What the caller may see by this act.
visible_part part_of(const caller& who, act what);

/// The versions that are part of a command.
void add_versions(fingerprint& print, const seen_versions& versions);

/// Carries a change out, and answers in its words; `say` makes a problem of a rejection.
template <class Command, class Made> void carry_out(
    service& with,
    repeatable<Command, Made> call,
    const responder& respond,
    const request& request,
    problem (*say)(const rejection&) = [](const rejection& why) { return problem_of(why); }
) {
  with.behind.change(std::move(call), [respond, &request, say](const result<kept_answer>& told) {
    respond(told ? to_response(*told) : to_response(say(told.why()), request));
  });
}

/// The end of a change of something that is not there: the first answer, when it is not there because of this
/// very call.
void answer_gone(
    service& with,
    const tenant_id& tenant,
    const std::optional<idempotency_key>& once,
    const responder& respond,
    const request& request,
    const problem& gone
);

/// `{"success":true,NAME:id}`.
kept_answer word_id(std::string_view name, std::string_view id);

} // namespace tessera::http
