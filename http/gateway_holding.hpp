#pragma once

#include "http/gateway_implementation.hpp"

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::hold_view>)

namespace tessera::http {

/// One call about a hold: the account, and what only the ledger can say.
class gateway::holding {
public:
  template <class Command>
  static void run(implementation& with, Command command, tenant_id tenant, callback<hold_view> done);

  /// The hold that a command is about; seq 0: it is not there yet.
  static hold_query which(const hold_credits& command, tenant_id tenant) {
    return {tenant, {command.account, 0}, {}, command.application};
  }
  template <class Command> static hold_query which(const Command& command, tenant_id tenant) {
    return {tenant, {command.account, command.hold}, {}, command.application};
  }

  /// Answers why it is not open: hold_unknown, or hold_not_open with what became of it.
  static void tell_state(
      implementation& with, const hold_query& which, time_limit until, const callback<hold_view>& done
  );

private:
  static void tell_again(
      implementation& with,
      hold_query which,
      const hold_receipt& receipt,
      time_limit until,
      const callback<hold_view>& done
  );
};

} // namespace tessera::http
