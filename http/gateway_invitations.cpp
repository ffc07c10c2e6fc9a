// Invitations: see gateway.hpp. What they leave in inboxes is brought in by a nudge; nobody waits for it, but
// where credits are to be set aside first.
#include "actors/domain/starter_credits.hpp"
#include "actors/support/crash_point.hpp"
#include "http/gateway_implementation.hpp"
#include "messages/invitation_errands.hpp"
#include "messages/invitations.hpp"

#include <utility>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::invitation_answer>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::invitation_preview>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::invitation_view>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::invitation_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::invitation_figures>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::activity_page>)

namespace tessera::http {

namespace {

constexpr std::chrono::milliseconds patience_for_figures{15'500}; // as for a report

/// Nudges one after the other: what the first sends is in the inbox of the second then. Whatever they answer.
template <class With>
void bring_in(With& with, std::vector<account_id> accounts, time_limit until, std::function<void()> then) {
  if (accounts.empty()) return then();
  const auto next = accounts.front();
  accounts.erase(accounts.begin());
  with.template ask<inbox_absorbed>(
      next,
      caf::make_message(absorb_inbox{next, {}}),
      until,
      errc::outcome_unknown,
      callback<inbox_absorbed>([&with,
                                accounts = std::move(accounts),
                                until,
                                then = std::move(then)](const result<inbox_absorbed>&) {
        bring_in(with, accounts, until, then);
      })
  );
}

void go_on_with(invitation_call& call, const inbox_id& reservation) {
  std::visit(
      [&reservation](auto& one) {
        if constexpr (requires { one.reservation; }) one.reservation = reservation;
      },
      call.what
  );
}

/// Of whom starter credits are asked.
std::string application_of(const invitation_call& call) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.reservation; }) return one.origin.by.by.application;
        return std::string();
      },
      call.what
  );
}

/// What the source has beside that it is too little. Where nobody knows the caller comes again.
template <class With> void explain(
    With& with,
    const reservation_asked& asked,
    std::string application,
    rejection why,
    callback<invitation_answer> done
) {
  with.template ask<balance_view>(
      asked.account,
      caf::make_message(balance_query{asked.account, {}}),
      with.limit(),
      errc::overloaded,
      callback<balance_view>([asked,
                              application = std::move(application),
                              why = std::move(why),
                              done = std::move(done)](const result<balance_view>& source) {
        if (!source) return done(source.why());
        invitation_answer answer;
        answer.shortage = starter_shortage{shortage_of(why, *source, asked.until), asked.source, application};
        done(std::move(answer));
      })
  );
}

bool is_shortage(const rejection& why) {
  return why.code == errc::insufficient_credits || why.code == errc::entity_frozen;
}

/// The change; where its credits are to be set aside first that, and the change once more.
template <class With> void attempt(
    With& with,
    invitation_call call,
    time_limit until,
    const std::optional<reservation_asked>& before, // what an earlier attempt has asked for
    callback<invitation_answer> done
) {
  auto told = [&with, call, until, before, done = std::move(done)](result<invitation_answer> answer) mutable {
    if (!answer && before && is_shortage(answer.why()))
      return explain(with, *before, application_of(call), answer.why(), std::move(done));
    if (!answer) return done(std::move(answer));
    if (answer->reservation && before) return done(errc::overloaded);
    if (answer->reservation) {
      crash_point("after_reservation_before_nudge");
      const auto asked = *answer->reservation;
      go_on_with(call, asked.id);
      return bring_in(
          with,
          {asked.account},
          until - time_to_read,
          [&with, call, until, asked, done = std::move(done)] {
            crash_point("after_reservation_before_invitation");
            attempt(with, call, until, asked, done);
          }
      );
    }
    if (!answer->nudge.empty()) {
      crash_point("after_invitation_before_nudge");
      bring_in(with, answer->nudge, with.limit(), [] {});
    }
    done(std::move(answer));
  };
  const auto* errand = std::get_if<std::shared_ptr<const invitation_errand>>(&call.what);
  const auto unanswered = errand && reads_only(**errand) ? errc::database_unavailable : errc::outcome_unknown;
  // Where nothing was to happen nobody wonders whether it has.
  auto then = [told = std::move(told), unanswered](result<invitation_answer> answer) mutable {
    if (answer.code() == errc::outcome_unknown) answer = unanswered;
    told(std::move(answer));
  };
  with.template run<invitation_answer>(call, until, unanswered, callback<invitation_answer>(std::move(then)));
}

} // namespace

void gateway::change(invitation_call call, callback<invitation_answer> done) {
  attempt(*implementation_, std::move(call), implementation_->limit(), std::nullopt, std::move(done));
}
void gateway::find(preview_invitation query, callback<invitation_preview> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::find(invitation_query query, callback<invitation_view> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::find(invitation_figures_query query, callback<invitation_figures> done) {
  const auto until = time_limit::clock::now() + patience_for_figures;
  implementation_->run<invitation_figures>(
      std::move(query), until, errc::database_unavailable, std::move(done)
  );
}
void gateway::list(list_invitations query, callback<invitation_page> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::list(list_own_invitations query, callback<invitation_page> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::list(list_activities query, callback<activity_page> done) {
  implementation_->read(std::move(query), std::move(done));
}

} // namespace tessera::http
