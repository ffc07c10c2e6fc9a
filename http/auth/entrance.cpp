#include "http/auth/entrance.hpp"

#include "actors/support/email_address.hpp"
#include "http/auth/bearer.hpp"
#include "http/auth/credential.hpp"
#include "http/auth/key_uses.hpp"
#include "http/auth/limits/added_headers.hpp"
#include "http/auth/limits/received_ns.hpp"
#include "http/routing/rejections.hpp"

#include <cstring>
#include <utility>

namespace tessera::http {

namespace {

std::uint64_t first_bits(const digest& hash) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, hash.data(), sizeof bits);
  return bits;
}

/// A number for each tenant, and one for the operator, whoever is meant by a call of theirs.
std::uint64_t owner_of(const credential& shown, const identity& who) {
  if (!who.tenant || std::holds_alternative<shown_operator_key>(shown)) return 1;
  return std::hash<uuid>()(who.tenant->tenant.value) | 2;
}

} // namespace

/// Carries one request through: finds out who calls, runs the route, and once more with a newer directory
/// where they or a name were not known.
class entrance::passage {
public:
  passage(
      gateway& behind,
      std::shared_ptr<const entrance_options> options,
      std::optional<act> what,
      caller_handler handle
  )
      : behind_(behind), options_(std::move(options)), what_(what), handle_(std::move(handle)) {}

  void enter(request& request, const responder& respond) const {
    const auto shown = read_credential(request, *options_, what_);
    if (shown.refused) return turn_away(*shown.refused, request, respond);
    attempt one;
    const auto first = pass(*shown.found, one, request, respond);
    if (first == passed::yes) return;
    if (first == passed::unknown_name) return enter_again(*shown.found, std::move(one), request, respond);
    if (const auto limited = limit_of_stranger(request); limited.refused)
      return respond(to_response(*limited.refused, request));
    if (const auto person = newcomer(*shown.found, request))
      return introduce(*shown.found, *person, request, respond);
    enter_again(*shown.found, {}, request, respond);
  }

private:
  enum class passed { yes, unknown_caller, unknown_name };
  struct attempt {
    caller::directory_age age = caller::directory_age::any;
    /// What the caller is told of their limit, once the call has counted against it: a second attempt is no
    /// second call.
    std::optional<call_limits::verdict> limit;
  };

  void enter_again(const credential& shown, attempt which, request& request, const responder& respond) const {
    const auto pass_again = [this, shown, which, &request, respond](bool reached) {
      using enum caller::directory_age;
      auto again = which;
      again.age = reached ? just_refreshed : unreachable;
      pass(shown, again, request, respond);
    };
    behind_.refresh_directory(question_of(shown), pass_again);
  }

  /// Something else than `yes` only to a directory of any age.
  passed pass(const credential& shown, attempt& which, request& request, const responder& respond) const {
    const auto refuse = [&](const problem& why) {
      respond(to_response(why, request));
      return passed::yes;
    };
    auto who = identify(shown, behind_.tenants(), options_->now());
    if (!who && which.age == caller::directory_age::any) return passed::unknown_caller;
    if (!who)
      return refuse(
          which.age == caller::directory_age::unreachable ? problem_of(errc::database_unavailable)
                                                          : unknown_credential(shown)
      );
    if (who->refused) return refuse(*who->refused);
    request.owner = owner_of(shown, *who);
    caller known{std::move(who->tenant), who->rights, {}, which.age};
    if (!which.limit) which.limit = limit_of(shown, known, request);
    if (which.limit->refused) return refuse(*which.limit->refused);
    const auto answer_to = with_headers(respond, which.limit->headers);
    note_key_use(behind_, known, request);
    if (const auto nowhere = what_ ? why_may_not(known, *what_) : std::nullopt)
      return answer_to(to_response(*nowhere, request)), passed::yes;
    try {
      handle_(request, answer_to, std::move(known));
      return passed::yes;
    } catch (const unknown_name&) {
      return passed::unknown_name;
    }
  }

  call_limits::verdict limit_of(const credential& shown, const caller& who, const request& request) const {
    if (!options_->calls) return {};
    const auto now_ns = received_ns(request);
    if (const auto* key = std::get_if<shown_key>(&shown))
      return options_->calls->call_of_key(first_bits(key->sha256), now_ns);
    if (const auto* user = who.rights.user())
      return options_->calls->call_of_user(who.tenant->tenant.value, user->id, now_ns);
    return {};
  }

  call_limits::verdict limit_of_stranger(const request& request) const {
    if (!options_->calls) return {};
    return options_->calls->call_of_nobody(
        address_of(request, options_->trusted_proxies), received_ns(request)
    );
  }

  void turn_away(const problem& why, request& request, const responder& respond) const {
    auto limit = why.status == 401 ? limit_of_stranger(request) : call_limits::verdict{};
    with_headers(respond, std::move(limit.headers))(to_response(limit.refused.value_or(why), request));
  }

  /// Somebody with an external issuer's token and an address that it vouches for, whom nobody knows yet.
  std::optional<link_identity> newcomer(const credential& shown, const request& request) const {
    const auto* token = std::get_if<access_token>(&shown);
    const auto bearer = bearer_token(request);
    if (!token || !token->user.empty() || !bearer) return std::nullopt;
    const auto person = options_->verifier->person_of(*bearer, options_->now());
    const auto email = person ? email_key(person->email) : std::nullopt;
    if (!email) return std::nullopt;
    return link_identity{person->tenant, person->issuer, person->subject, *email};
  }

  /// Makes them known, if the tenant has a user of that address, and lets them try again.
  void introduce(
      const credential& shown, const link_identity& person, request& request, const responder& respond
  ) const {
    behind_.link(person, [this, shown, &request, respond](const result<identity_linked>&) {
      enter_again(shown, {}, request, respond);
    });
  }

  gateway& behind_;
  std::shared_ptr<const entrance_options> options_;
  std::optional<act> what_; // nothing: the route asks
  caller_handler handle_;
};

entrance::entrance(gateway& behind, entrance_options options)
    : behind_(behind), options_(std::make_shared<const entrance_options>(std::move(options))) {}

handler entrance::to(act what, caller_handler handle) const {
  return through(what, std::move(handle));
}

handler entrance::to_whatever(caller_handler handle) const {
  return through(std::nullopt, std::move(handle));
}

handler entrance::through(std::optional<act> what, caller_handler handle) const {
  const auto door = std::make_shared<const passage>(behind_, options_, what, std::move(handle));
  return [door](request& request, const responder& respond) { door->enter(request, respond); };
}

} // namespace tessera::http
