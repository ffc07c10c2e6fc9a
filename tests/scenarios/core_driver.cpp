#include "tests/scenarios/core_driver.hpp"

#include "actors/domain/allocation.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <algorithm>
#include <map>

namespace tessera::test {

namespace {

const std::string caller = "crm";

lot_kind kind_of(const std::string& name) {
  for (const auto kind : {lot_kind::promo, lot_kind::plan, lot_kind::bonus, lot_kind::paid})
    if (to_string(kind) == name) return kind;
  throw std::invalid_argument("no such kind: " + name);
}

inbox_kind kind_of(move_credits::way how) {
  switch (how) {
  case move_credits::way::give_back: return inbox_kind::give_back;
  case move_credits::way::reclaim: return inbox_kind::reclaim;
  case move_credits::way::allocate: break;
  }
  return inbox_kind::allocation;
}

told refusal(const rejection& why) {
  const bool short_of_credits =
      why.code == errc::insufficient_credits || why.code == errc::capture_exceeds_hold;
  return {std::string(to_string(why.code)), false, -1, short_of_credits ? why.would_allow.value() : -1};
}

class rules_alone final : public scenario_driver {
public:
  void make(const sell_package& command) override { packages_[command.name] = command; }

  void make(const make_entity& command) override {
    auto first = genesis(tick());
    first.booked.account = numbered<account_id>(++ids_);
    book(accounts_[command.name], {first});
    parents_[command.name] = command.parent;
  }

  told take(const buy_credits& command) override {
    const auto& sold = packages_.at(command.package);
    auto bought = fresh_lot(sold.credits, sold.days, lot_kind::paid);
    bought.purchase_id = "pur-" + std::to_string(ids_);
    bought.unit_cost_minor = 5'000 / sold.credits;
    bought.currency = "USD";
    return receive_root(command.entity, command.label, bought);
  }

  told take(const grant_lot& command) override {
    auto granted = fresh_lot(command.credits, command.days, kind_of(command.kind));
    granted.priority = static_cast<std::uint8_t>(command.priority);
    if (!command.application.empty()) granted.applications = {command.application};
    return receive_root(command.entity, command.label, granted);
  }

  told take(const spend_credits& command) override {
    auto& account = accounts_.at(command.entity);
    auto spend = consume(command.credits, command.application);
    spend.account = account.id;
    const auto decision = decide(account, spend, tick());
    if (!decision) return refusal(decision.why());
    book(account, *decision);
    return now_usable(account, command.application);
  }

  told take(const move_credits& command) override {
    auto& source = accounts_.at(command.from);
    auto decision = decide(source, allocation_of(command, source), tick());
    if (!decision) return refusal(decision.why());
    book(source, decision->events);
    for (const auto& sent : decision->sent)
      for (auto& [name, receiver] : accounts_)
        if (receiver.id == sent.account) book(receiver, *decide(receiver, sent, now_));
    return now_usable(source, caller);
  }

  told take(const put_aside& command) override {
    auto asked = hold(command.credits);
    if (command.hours > 0) asked.ttl = std::chrono::hours{command.hours};
    const auto answer = take_about(command.entity, asked, command.application);
    if (answer.refused.empty()) holds_[command.label] = {command.entity, accounts_.at(command.entity).seq};
    return answer;
  }

  told take(const use_held& command) override {
    const auto& [entity, seq] = holds_.at(command.label);
    auto asked = capture(seq, command.credits);
    asked.final = !command.more;
    asked.spend_overage = command.overage;
    return take_about(entity, asked, command.application);
  }

  told take(const let_go& command) override {
    const auto& [entity, seq] = holds_.at(command.label);
    return take_about(entity, release(seq), command.application);
  }

  told_balance balance(const std::string& entity, const std::string& application) override {
    const auto seen = view(accounts_.at(entity), application, now_);
    return {seen.usable.value(), seen.now.used.value(), seen.now.total().value()};
  }

  std::vector<told_lot> lots(const std::string& entity) override {
    std::vector<told_lot> seen;
    for (const auto& each : view(accounts_.at(entity), caller, now_).lots)
      seen.push_back({each.free.value(), label_of(each)});
    return seen;
  }

  void pass_hours(std::int64_t hours) override { now_ += std::chrono::hours{hours}; }

private:
  struct root_lot {
    std::string label;
    lot terms;
  };

  template <class Command>
  told take_about(const std::string& entity, Command command, const std::string& application) {
    auto& account = accounts_.at(entity);
    command.account = account.id;
    command.application = application;
    const auto decision = decide(account, command, tick());
    if (!decision) return refusal(decision.why());
    book(account, *decision);
    return now_usable(account, application);
  }

  /// No two things happen at once.
  time_point tick() { return now_ += std::chrono::seconds{1}; }

  /// Good through the end of its last day; the tenant lives in UTC.
  lot fresh_lot(std::int64_t amount, std::int64_t days, lot_kind kind) {
    auto made = a_lot(++ids_, amount, of_kind(kind));
    made.effective_at = tick();
    if (days > 0) made.expires_at = std::chrono::floor<std::chrono::days>(now_) + std::chrono::days{days + 1};
    return made;
  }

  told receive_root(const std::string& entity, const std::string& label, const lot& opened) {
    auto& account = accounts_.at(entity);
    roots_[opened.id] = {label, opened};
    auto command = receive(opened);
    command.account = account.id;
    const auto decision = decide(account, command, now_);
    if (!decision) return refusal(decision.why());
    book(account, *decision);
    return now_usable(account, caller);
  }

  allocate_credits allocation_of(const move_credits& wanted, const credit_account& source) {
    std::vector<allocation_leg> legs;
    for (const auto& leg : wanted.legs) {
      const auto& to = leg.to.empty() ? parents_.at(wanted.from) : leg.to;
      legs.push_back({accounts_.at(to).id, credits{leg.credits}, numbered<inbox_id>(++ids_ << 8)});
    }
    auto command = allocate(legs);
    command.account = source.id;
    command.kind = kind_of(wanted.how);
    if (!wanted.policy.empty())
      command.lots.policy =
          wanted.policy == "latest_first" ? lot_policy::latest_first : lot_policy::soonest_first;
    command.lots.min_remaining = std::chrono::days{wanted.lasting_days};
    for (const auto& label : wanted.only)
      for (const auto& each : source.lots)
        if (roots_.at(each.root).label == label) command.lots.only.push_back(each.id);
    return command;
  }

  told now_usable(const credit_account& account, const std::string& application) const {
    return {{}, false, account.usable(application, now_).value(), -1};
  }

  std::string label_of(const lot& found) const {
    const auto& [label, first] = roots_.at(found.root);
    const bool same = found.kind == first.kind && found.priority == first.priority &&
                      found.effective_at == first.effective_at && found.expires_at == first.expires_at &&
                      found.applications == first.applications && found.purchase_id == first.purchase_id &&
                      found.unit_cost_minor == first.unit_cost_minor && found.currency == first.currency;
    return same ? label : label + ", on other terms";
  }

  time_point now_ = start_of_test;
  std::map<std::string, credit_account> accounts_;
  std::map<std::string, std::string> parents_;
  std::map<std::string, sell_package> packages_;
  std::map<lot_id, root_lot> roots_;
  std::map<std::string, std::pair<std::string, std::uint64_t>> holds_; // entity and seq by label
  std::uint32_t ids_ = 0;
};

} // namespace

std::unique_ptr<scenario_driver> core_driver() {
  return std::make_unique<rules_alone>();
}

} // namespace tessera::test
