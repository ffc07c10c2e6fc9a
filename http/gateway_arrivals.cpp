// Credits that come from outside: see gateway.hpp. Once there is a row they will arrive, whatever is lost on
// the way to the answer.
#include "actors/support/crash_point.hpp"
#include "http/gateway_implementation.hpp"

#include <string_view>
#include <utility>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::grant_accepted>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::grant_receipt>)

namespace tessera::http {

namespace {

/// Where the receipt is.
grant_query receipt_at(const tenant_id& tenant, const grant_accepted& accepted) {
  return {tenant, accepted.grant_id};
}

} // namespace

/// One such call: the row, a nudge, the receipt.
template <class Command, class Accepted, class Receipt> class gateway::bringing {
public:
  static void
  run(implementation& with, Command command, std::string_view crash_point_of_row, callback<Receipt> done) {
    const bringing call{with, with.limit(), command.tenant, command.account, std::move(done)};
    with.run<Accepted>(
        std::move(command),
        call.until_,
        errc::outcome_unknown,
        callback<Accepted>([call, crash_point_of_row](const result<Accepted>& row) {
          crash_point(crash_point_of_row);
          if (!row) return call.done_(row.why());
          call.absorb(*row);
        })
    );
  }

private:
  bringing(implementation& with, time_limit until, tenant_id tenant, account_id to, callback<Receipt> done)
      : with_(with), until_(until), tenant_(tenant), to_(to), done_(std::move(done)) {}

  /// Whatever the nudge answers, the receipt tells what the ledger says.
  void absorb(const Accepted& row) const {
    with_.ask<inbox_absorbed>(
        to_,
        caf::make_message(absorb_inbox{to_, {}}),
        until_ - time_to_read,
        errc::outcome_unknown,
        callback<inbox_absorbed>([call = *this, row](const result<inbox_absorbed>&) { call.read(row); })
    );
  }

  void read(const Accepted& row) const {
    with_.run<Receipt>(
        receipt_at(tenant_, row),
        until_,
        errc::outcome_unknown,
        callback<Receipt>([done = done_, replayed = row.replayed](result<Receipt> receipt) {
          if (!receipt) return done(errc::outcome_unknown);
          receipt->replayed = replayed;
          done(std::move(receipt));
        })
    );
  }

  implementation& with_;
  time_limit until_;
  tenant_id tenant_;
  account_id to_;
  callback<Receipt> done_;
};

void gateway::grant(grant_credits command, callback<grant_receipt> done) {
  using call = bringing<grant_credits, grant_accepted, grant_receipt>;
  call::run(*implementation_, std::move(command), "after_grant_before_nudge", std::move(done));
}

} // namespace tessera::http
