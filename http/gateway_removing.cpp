// Ending an entity whose credits go to the one above it: see gateway.hpp.
#include "actors/support/clock.hpp"
#include "actors/support/crash_point.hpp"
#include "http/gateway_implementation.hpp"

#include <memory>
#include <utility>

namespace tessera::http {

namespace {

// New credits may come while those that were there leave; whoever is given more all the time is told so.
constexpr int most_rounds = 3;
// What a nudge leaves of the deadline: to delete.
constexpr std::chrono::milliseconds time_to_delete{500};

} // namespace

/// One such call. The database says what is in the way; while it is credits alone they go up, and it is asked
/// again: so whoever repeats the call goes on where it stopped. On one loop only.
class gateway::removing : public std::enable_shared_from_this<removing> {
public:
  removing(
      implementation& with,
      repeatable<delete_entity, entity_deleted> call,
      const way_up& way,
      callback<kept_answer> done
  )
      : with_(with), call_(std::move(call)), way_(way), done_(std::move(done)), until_(with.limit()) {}

  void remove() {
    with_.run<kept_answer>(
        call_,
        until_,
        errc::outcome_unknown,
        callback<kept_answer>([self = shared_from_this()](result<kept_answer> told) {
          self->go_on(std::move(told));
        })
    );
  }

private:
  void go_on(result<kept_answer> told) {
    if (told.code() == errc::entity_has_credits && rounds_++ < most_rounds) return send_up();
    // Perhaps it is what an earlier call has sent up.
    if (told.code() == errc::entity_has_pending && !has_nudged_) return nudge();
    done_(std::move(told));
  }

  void send_up() {
    allocate_credits command;
    command.account = way_.from;
    command.kind = kind_;
    command.everything = true;
    command.legs = {{way_.to, {}, {}}};
    command.requested_by = call_.command.origin.by;
    command.request_id = call_.command.origin.request_id;
    command.until = until_;
    give_ids(command, with_.behind().time.now());
    with_.ask<allocation_receipt>(
        way_.from,
        caf::make_message(std::move(command)),
        until_,
        errc::outcome_unknown,
        callback<allocation_receipt>([self = shared_from_this()](const result<allocation_receipt>& sent) {
          self->follow(sent);
        })
    );
  }

  void follow(const result<allocation_receipt>& sent) {
    crash_point("after_return_before_deletion");
    if (sent) return nudge();
    if (sent.code() == errc::insufficient_credits) return expire();
    if (sent.code() != errc::entity_frozen || kind_ == inbox_kind::reclaim) return done_(sent.why());
    // Whoever deletes it administers the one above: credits of a frozen entity are called back.
    kind_ = inbox_kind::reclaim;
    send_up();
  }

  /// Nothing can go, so all that the ledger still has is over: it is to say so.
  void expire() {
    with_.ask<expiry_booked>(
        way_.from,
        caf::make_message(expire_lots{way_.from, {}}),
        until_,
        errc::outcome_unknown,
        callback<expiry_booked>([self = shared_from_this()](const result<expiry_booked>&) { self->remove(); })
    );
  }

  /// Whatever the nudge answers, the database says what has arrived.
  void nudge() {
    has_nudged_ = true;
    with_.ask<inbox_absorbed>(
        way_.to,
        caf::make_message(absorb_inbox{way_.to, {}}),
        until_ - time_to_delete,
        errc::outcome_unknown,
        callback<inbox_absorbed>([self = shared_from_this()](const result<inbox_absorbed>&) {
          self->remove();
        })
    );
  }

  implementation& with_;
  repeatable<delete_entity, entity_deleted> call_;
  way_up way_;
  callback<kept_answer> done_;
  time_limit until_;
  inbox_kind kind_ = inbox_kind::give_back;
  int rounds_ = 0;
  bool has_nudged_ = false;
};

void gateway::remove(
    repeatable<delete_entity, entity_deleted> call, const way_up& way, callback<kept_answer> done
) {
  call.command.credits_may_go = true;
  std::make_shared<removing>(*implementation_, std::move(call), way, std::move(done))->remove();
}

} // namespace tessera::http
