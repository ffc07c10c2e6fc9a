#pragma once

#include "http/gateway_implementation.hpp"

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::hold_view>)

namespace tessera::http {

/// One call about a hold: the account, and what only the ledger can say.
class gateway::holding {
public:
  template <class Command>
  static void run(implementation& with, Command command, tenant_id tenant, callback<hold_view> done);

  /// The hold that a command is about, and who gives it.
  struct subject {
    hold_query hold; // seq 0: it is not there yet
    principal by;
    bool may_settle = true; // whoever's it is

    bool is_anothers(const hold_view& found) const { return !may_settle && !is_same(found.holder, by); }
  };
  static subject which(const hold_credits& command, tenant_id tenant) {
    return {{tenant, {command.account, 0}, {}, command.application}, command.requested_by, true};
  }
  template <class Command> static subject which(const Command& command, tenant_id tenant) {
    return {
        {tenant, {command.account, command.hold}, {}, command.application},
        command.requested_by,
        command.administers};
  }

  /// Answers why it is not open: hold_unknown, not_the_holder, or hold_not_open with what became of it.
  static void
  tell_state(implementation& with, const subject& about, time_limit until, const callback<hold_view>& done);

private:
  static void tell_again(
      implementation& with,
      const subject& about,
      const hold_receipt& receipt,
      time_limit until,
      const callback<hold_view>& done
  );
  static void
  tell_reuse(implementation& with, const subject& about, time_limit until, const callback<hold_view>& done);
};

} // namespace tessera::http
