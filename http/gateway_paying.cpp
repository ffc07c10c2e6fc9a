// Purchases and their payment: see gateway.hpp. The row is there first; what the provider and the account
// make of it stands in it, whatever is lost on the way to the answer.
#include "actors/payment/desk.hpp"
#include "actors/support/crash_point.hpp"
#include "http/gateway_implementation.hpp"

#include <memory>
#include <utility>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::event_kept>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::method_list>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::payment_marked>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::payment_state>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::purchase_accepted>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::purchase_receipt>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::refund_view>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::saved_method>)

namespace tessera::http {

namespace {

// A bank takes its time; who waits longer is told that it goes on.
constexpr std::chrono::milliseconds payment_patience{15'000};

/// The receipt of what was not bought.
purchase_receipt refused(const purchase_accepted& accepted) {
  purchase_receipt receipt;
  receipt.status = "failed";
  receipt.refused_code = to_string(accepted.refused);
  receipt.replayed = accepted.replayed;
  return receipt;
}

} // namespace

/// One purchase: the row, the payment where there is one, a nudge, the receipt.
class gateway::buying : public std::enable_shared_from_this<buying> {
public:
  buying(implementation& with, tenant_id tenant, account_id to, callback<purchase_receipt> done)
      : with_(with), tenant_(tenant), to_(to), done_(std::move(done)), until_(with.limit()) {}

  void run(purchase_credits command) {
    with_.run<purchase_accepted>(
        std::move(command),
        until_,
        errc::outcome_unknown,
        callback<purchase_accepted>([self = shared_from_this()](const result<purchase_accepted>& row) {
          crash_point("after_purchase_before_nudge");
          if (!row) return self->done_(row.why());
          if (row->refused != errc::ok) return self->done_(refused(*row));
          self->go_on(*row);
        })
    );
  }

  void mark(mark_paid command) {
    purchase_id_ = command.purchase_id;
    with_.ask_desk<payment_marked>(
        std::move(command),
        until_,
        errc::outcome_unknown,
        callback<payment_marked>([self = shared_from_this()](const result<payment_marked>& marked) {
          if (!marked) return self->done_(marked.why());
          self->to_ = marked->account;
          self->replayed_ = marked->replayed;
          self->absorb();
        })
    );
  }

private:
  void go_on(const purchase_accepted& row) {
    purchase_id_ = row.purchase_id;
    replayed_ = row.replayed;
    if (row.payment_method == "test") return absorb();
    if (row.payment_method == "invoice") return read();
    with_.ask_desk<payment_state>(
        pay_purchase{tenant_, purchase_id_},
        time_limit::clock::now() + payment_patience,
        errc::outcome_unknown,
        callback<payment_state>([self = shared_from_this()](const result<payment_state>& state) {
          self->until_ = self->with_.limit();
          self->provider_is_away_ = !state || state->unavailable;
          state && state->settled ? self->absorb() : self->read();
        })
    );
  }

  /// Whatever the nudge answers, the receipt tells what the ledger says.
  void absorb() {
    with_.ask<inbox_absorbed>(
        to_,
        caf::make_message(absorb_inbox{to_, {}}),
        until_ - time_to_read,
        errc::outcome_unknown,
        callback<inbox_absorbed>([self = shared_from_this()](const result<inbox_absorbed>&) { self->read(); })
    );
  }

  void read() {
    with_.run<purchase_receipt>(
        purchase_query{tenant_, purchase_id_},
        until_,
        errc::outcome_unknown,
        callback<purchase_receipt>([self = shared_from_this()](result<purchase_receipt> receipt) {
          if (!receipt) return self->done_(errc::outcome_unknown);
          receipt->replayed = self->replayed_;
          receipt->provider_is_away = self->provider_is_away_;
          self->done_(std::move(receipt));
        })
    );
  }

  implementation& with_;
  tenant_id tenant_;
  account_id to_;
  callback<purchase_receipt> done_;
  time_limit until_;
  std::string purchase_id_;
  bool replayed_ = false;
  bool provider_is_away_ = false;
};

void gateway::purchase(purchase_credits command, callback<purchase_receipt> done) {
  const auto call =
      std::make_shared<buying>(*implementation_, command.tenant, command.account, std::move(done));
  call->run(std::move(command));
}

void gateway::mark(mark_paid command, callback<purchase_receipt> done) {
  const auto call = std::make_shared<buying>(*implementation_, command.tenant, account_id{}, std::move(done));
  call->mark(std::move(command));
}

void gateway::refund(refund_purchase command, callback<refund_view> done) {
  implementation_->ask_desk<refund_view>(
      std::move(command), time_limit::clock::now() + payment_patience, errc::outcome_unknown, std::move(done)
  );
}

void gateway::receive(provider_event event, callback<event_kept> done) {
  implementation_->ask_desk<event_kept>(
      std::move(event), implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}

void gateway::attach(attach_method command, callback<saved_method> done) {
  implementation_->ask_desk<saved_method>(
      std::move(command), time_limit::clock::now() + payment_patience, errc::outcome_unknown, std::move(done)
  );
}

void gateway::find(method_query query, callback<saved_method> done) {
  implementation_->ask_desk<saved_method>(
      std::move(query), implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}

void gateway::list(list_methods query, callback<method_list> done) {
  implementation_->ask_desk<method_list>(
      query, implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}

} // namespace tessera::http
