#include "actors/database/sending_limits.hpp"

#include "actors/domain/invitation_limits.hpp"
#include "persistence/stores/invitation_sends_store.hpp"
#include "persistence/stores/invitation_store.hpp"

#include <utility>

namespace tessera {

namespace {

// So few are left of a tenant's limit that those who ask at once could all get the last.
constexpr std::int64_t few_left = 64;

class asking {
public:
  asking(pg::transaction& in, const sending& what)
      : in_(in), what_(what),
        limits_(limits_of_sending(what.scale, persistence::is_younger(in, what.tenant, youth_of_tenant))) {}

  sending_verdict run() {
    // Where nobody counts nobody waits.
    if (limits_.inviter.most <= most_counted || limits_.inviter_day.most <= most_counted)
      persistence::lock_inviter(in_, what_.tenant, what_.by);
    const auto by_inviter = [this](const send_limit& limit) {
      return persistence::sends_by(in_, what_.tenant, what_.by, limit);
    };
    ask(limits_.inviter, invitation_flaw::too_many_of_inviter, by_inviter);
    ask(limits_.inviter_day, invitation_flaw::too_many_of_inviter, by_inviter);
    ask_tenant();
    // Before what concerns the person, so that nobody learns of one by what is answered of all.
    if (what_.kind != sending_kind::again) ask_pending();
    const bool counts = limits_.recipient.most <= most_counted || limits_.recipient_all.most <= most_counted;
    if (counts && !what_.only_tries) // a try of many would hold up everybody who writes to one of them
      persistence::lock_recipient(in_, what_.person);
    if (what_.kind == sending_kind::anew)
      ask_recipient(limits_.recipient, [this](const send_limit& limit) {
        return persistence::invitations_sent_to(in_, what_.tenant, what_.person, what_.pepper, limit);
      });
    ask_recipient(limits_.recipient_all, [this](const send_limit& limit) {
      return persistence::sends_to(in_, what_.person, what_.pepper, limit);
    });
    if (verdict_.refused) verdict_.refused->limits = std::move(before_);
    return std::move(verdict_);
  }

private:
  template <class Count> static sent_before sent_within(const send_limit& limit, Count count) {
    const persistence::recent_sends sent = count(limit);
    return {sent.count, sent.newest, sent.in_the_way, sent.oldest};
  }

  template <class Count> limit_use use(const send_limit& limit, Count count) {
    return use_of(limit, sent_within(limit, count), persistence::now_of(in_));
  }

  void refuse(invitation_flaw flaw, const limit_use& use) {
    if (verdict_.refused) return;
    verdict_.refused = refused(flaw);
    verdict_.refused->refused->retry_after_seconds = use.reset.count();
  }

  template <class Count> void ask(const send_limit& limit, invitation_flaw flaw, Count count) {
    if (limit.most > most_counted) return;
    const auto sent = sent_within(limit, count);
    const auto now = persistence::now_of(in_);
    const auto before = use_of(limit, sent, now);
    if (before.left == 0) refuse(flaw, before);
    before_.push_back(before);
    verdict_.left.push_back(use_after(limit, sent, now));
  }

  void ask_tenant() {
    if (limits_.tenant_day.most > most_counted) return;
    const auto count = [this](const send_limit& limit) {
      return persistence::sends_of(in_, what_.tenant, limit);
    };
    if (use(limits_.tenant_day, count).left <= few_left) persistence::lock_sends(in_, what_.tenant);
    ask(limits_.tenant_day, invitation_flaw::too_many_of_tenant, count);
  }

  /// How often somebody is written to is nobody's to know but that it is too often.
  template <class Count> void ask_recipient(const send_limit& limit, Count count) {
    if (limit.most > most_counted) return;
    if (const auto now = use(limit, count); now.left == 0)
      refuse(invitation_flaw::too_many_for_recipient, now);
  }

  void ask_pending() {
    if (limits_.pending > most_counted || verdict_.refused) return;
    const auto left = [this] { return limits_.pending - persistence::count_all_pending(in_, what_.tenant); };
    auto some = left();
    if (some > 0 && some <= few_left) {
      persistence::lock_sends(in_, what_.tenant);
      some = left(); // as it is after the waiting
    }
    if (some <= 0) verdict_.refused = refused(invitation_flaw::too_many_pending);
  }

  pg::transaction& in_;
  const sending& what_;
  send_limits limits_;
  sending_verdict verdict_;
  std::vector<limit_use> before_; // what is left where nothing is sent
};

} // namespace

sending_verdict may_send(pg::transaction& in, const sending& what) {
  return asking(in, what).run();
}

} // namespace tessera
