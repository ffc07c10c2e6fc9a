// Spending in two phases: see gateway.hpp.
#include "http/gateway_holding.hpp"

#include <utility>

namespace tessera::http {

namespace {

hold_view view_of(const hold_receipt& receipt, std::string application) {
  hold_view view;
  view.opened = receipt.opened;
  view.mark = receipt.mark;
  view.taken = receipt.taken;
  view.application = std::move(application);
  view.seq = receipt.seq;
  view.available = receipt.available;
  return view;
}

} // namespace

template <class Command> void
gateway::holding::run(implementation& with, Command command, tenant_id tenant, callback<hold_view> done) {
  const auto until = with.limit();
  const auto about = which(command, tenant);
  auto then = [&with, until, about, done = std::move(done)](const result<hold_receipt>& receipt) {
    if (receipt.code() == errc::hold_not_open) return tell_state(with, about, until, done);
    if (receipt.code() == errc::idempotency_key_reused) return tell_reuse(with, about, until, done);
    if (!receipt) return done(receipt.why());
    if (receipt->replayed) return tell_again(with, about, *receipt, until, done);
    done(view_of(*receipt, *about.hold.application));
  };
  with.ask<hold_receipt>(
      about.hold.opened.account,
      caf::make_message(std::move(command)),
      until,
      errc::outcome_unknown,
      callback<hold_receipt>(std::move(then))
  );
}

void gateway::holding::tell_state(
    implementation& with, const subject& about, time_limit until, const callback<hold_view>& done
) {
  with.run<hold_view>(
      about.hold,
      until,
      errc::database_unavailable,
      callback<hold_view>([done, about](const result<hold_view>& found) {
        if (!found) return done(found.why());
        // An escrow is nobody's to capture: for whoever asks for a hold of their own it is none.
        if (found->mark.purpose != hold_purpose::spend) return done(errc::hold_unknown);
        if (about.is_anothers(*found)) return done(errc::not_the_holder);
        rejection why{errc::hold_not_open};
        // Where the account's clock is ahead, its hold is over before its row says so.
        const auto state = found->mark.state;
        why.state = to_string(state == hold_state::open ? hold_state::expired : state);
        done(why);
      })
  );
}

/// The account knows whose the open ones are: of the others the ledger says so.
void gateway::holding::tell_again(
    implementation& with,
    const subject& about,
    const hold_receipt& receipt,
    time_limit until,
    const callback<hold_view>& done
) {
  auto which = about.hold;
  which.opened.account = receipt.opened.account;
  which.as_of = receipt.seq;
  with.run<hold_view>(
      std::move(which),
      until,
      errc::outcome_unknown,
      callback<hold_view>([done, about, receipt](result<hold_view> found) {
        if (!found) return done(errc::outcome_unknown);
        if (about.is_anothers(*found)) return done(errc::not_the_holder);
        found->available = receipt.available; // when all was done: what was owed was repaid by then
        found->replayed = true;
        done(std::move(found));
      })
  );
}

/// Who may not settle a hold is not told which keys others used.
void gateway::holding::tell_reuse(
    implementation& with, const subject& about, time_limit until, const callback<hold_view>& done
) {
  if (about.may_settle) return done(errc::idempotency_key_reused);
  with.run<hold_view>(
      about.hold,
      until,
      errc::database_unavailable,
      callback<hold_view>([done, about](const result<hold_view>& found) {
        if (!found) return done(found.why());
        done(about.is_anothers(*found) ? errc::not_the_holder : errc::idempotency_key_reused);
      })
  );
}

void gateway::hold(hold_credits command, tenant_id tenant, callback<hold_view> done) {
  holding::run(*implementation_, std::move(command), tenant, std::move(done));
}
void gateway::capture(capture_hold command, tenant_id tenant, callback<hold_view> done) {
  holding::run(*implementation_, std::move(command), tenant, std::move(done));
}
void gateway::release(release_hold command, tenant_id tenant, callback<hold_view> done) {
  holding::run(*implementation_, std::move(command), tenant, std::move(done));
}

} // namespace tessera::http
