#include "http/auth/entrance.hpp"

#include "http/auth/credential.hpp"
#include "http/auth/key_uses.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

/// Carries one request through: finds out who calls, runs the route, and once more with a newer directory
/// where they or a name were not known.
class entrance::passage {
public:
  passage(gateway& behind, std::shared_ptr<const entrance_options> options, act what, caller_handler handle)
      : behind_(behind), options_(std::move(options)), what_(what), handle_(std::move(handle)) {}

  void enter(request& request, const responder& respond) const {
    const auto shown = read_credential(request, *options_, what_);
    if (shown.refused) return respond(to_response(*shown.refused, request));
    if (pass(*shown.found, caller::directory_age::any, request, respond)) return;
    behind_.refresh_directory(
        question_of(*shown.found),
        [this, credential = *shown.found, &request, respond](bool reached) {
          using enum caller::directory_age;
          pass(credential, reached ? just_refreshed : unreachable, request, respond);
        }
    );
  }

private:
  /// False when the caller or a name was not known: only to a directory of any age.
  bool
  pass(const credential& shown, caller::directory_age age, request& request, const responder& respond) const {
    const auto refuse = [&](const problem& why) {
      respond(to_response(why, request));
      return true;
    };
    auto who = identify(shown, behind_.tenants(), options_->now());
    if (!who && age == caller::directory_age::any) return false;
    if (!who)
      return refuse(
          age == caller::directory_age::unreachable ? problem_of(errc::database_unavailable)
                                                    : unknown_credential(shown)
      );
    if (who->refused) return refuse(*who->refused);
    caller known{std::move(who->tenant), who->rights, {}, age};
    note_key_use(behind_, known, request);
    if (const auto nowhere = why_may_not(known, what_)) return refuse(*nowhere);
    try {
      handle_(request, respond, std::move(known));
      return true;
    } catch (const unknown_name&) {
      return false;
    }
  }

  gateway& behind_;
  std::shared_ptr<const entrance_options> options_;
  act what_;
  caller_handler handle_;
};

entrance::entrance(gateway& behind, entrance_options options)
    : behind_(behind), options_(std::make_shared<const entrance_options>(std::move(options))) {}

handler entrance::to(act what, caller_handler handle) const {
  const auto door = std::make_shared<const passage>(behind_, options_, what, std::move(handle));
  return [door](request& request, const responder& respond) { door->enter(request, respond); };
}

} // namespace tessera::http
