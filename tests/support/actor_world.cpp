#include "tests/support/actor_world.hpp"

#include "actors/account/account.hpp"
#include "actors/account/seal.hpp"
#include "actors/journal/lane.hpp"
#include "actors/placement/placement.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace tessera::test {

namespace {

struct scheduled_by_hand : caf::actor_system_config {
  scheduled_by_hand() { set("scheduler.policy", caf::atom("testing")); }
};

/// Where answers arrive. Has no mailbox: an answer is there as soon as it is given.
class answer_box final : public caf::monitorable_actor {
public:
  using receiver = std::function<void(std::uint64_t, caf::message)>;

  answer_box(caf::actor_config& config, receiver receive)
      : monitorable_actor(config), receive_(std::move(receive)) {}
  const char* name() const override { return "answer_box"; }
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) override {
    if (!element || !element->mid.is_response()) return;
    const auto number = element->mid.request_id().integer_value();
    receive_(number, element->move_content_to_message());
  }

private:
  receiver receive_;
};

class lane_journal final : public journal {
public:
  lane_journal(lane& queue, lane& questions, std::size_t max_depth)
      : queue_(queue), questions_(questions), max_depth_(max_depth) {}
  bool is_full_for(std::size_t rows) const override { return depth() + rows > max_depth_; }
  std::size_t depth() const { return queue_.depth() + questions_.depth(); }
  void push(journal_item item) override {
    if (broken) throw std::runtime_error("the journal is broken");
    (item.look_up.empty() ? queue_ : questions_).push(std::move(item));
  }
  bool broken = false;

private:
  lane& queue_;
  lane& questions_;
  std::size_t max_depth_;
};

/// A read takes its rows in one step and gives them in another: others write in between.
class memory_archive final : public account_archive {
public:
  explicit memory_archive(memory_ledger& ledger) : ledger_(ledger) {}

  void load(const account_id& account, const account_actor& who) override {
    reads_.push_back({{account, {}}, who, false});
  }
  void load_inbox(const inbox_page& page, const account_actor& who) override {
    reads_.push_back({page, who, true});
  }
  void save(account_snapshot snapshot) override { snapshots_.push_back(std::move(snapshot)); }

  bool step_read(std::size_t which) {
    if (reads_.empty()) return false;
    const auto at = reads_.begin() + static_cast<std::ptrdiff_t>(which % reads_.size());
    if (!at->taken) {
      if (at->inbox_only)
        at->waiting = ledger_.waiting(at->page);
      else
        at->rows = ledger_.load(std::vector{at->page.account});
      for (auto& [account, thresholds] : ledger_.thresholds(std::vector{at->page.account}))
        at->thresholds = std::move(thresholds);
      at->taken = true;
      return true;
    }
    const auto done = std::move(*at);
    reads_.erase(at);
    answer(done);
    return true;
  }

  bool step_snapshot(std::size_t which) {
    if (snapshots_.empty()) return false;
    const auto at = snapshots_.begin() + static_cast<std::ptrdiff_t>(which % snapshots_.size());
    ledger_.save(std::vector{*at});
    snapshots_.erase(at);
    return true;
  }

  int failing_loads = 0; // of histories and inboxes

private:
  struct read {
    inbox_page page;
    account_actor who;
    bool inbox_only = false;
    bool taken = false;
    std::vector<account_history> rows{};
    std::vector<inbox_command> waiting{};
    std::vector<alert_threshold> thresholds{};
  };

  void answer(const read& done) {
    const auto failure = failing_loads > 0 ? errc::database_unavailable : errc::ok;
    if (failing_loads > 0) --failing_loads;
    const bool failed = failure != errc::ok;
    const auto history =
        done.rows.empty() || failed ? nullptr : std::make_shared<account_history>(done.rows.front());
    if (done.inbox_only)
      caf::anon_send(
          done.who,
          inbox_loaded{failed ? std::vector<inbox_command>{} : done.waiting, failure, done.thresholds}
      );
    else
      caf::anon_send(done.who, account_loaded{history, failure, done.thresholds});
  }

  memory_ledger& ledger_;
  std::vector<read> reads_;
  std::vector<account_snapshot> snapshots_;
};

/// Starting CAF costs more than a whole simulation: worlds share one, one after the other. It is never ended:
/// its logger does not survive the thread-local one of `main`.
caf::actor_system& shared_system() {
  static auto* config = new scheduled_by_hand;
  static auto* system = new caf::actor_system(*config);
  return *system;
}

caf::scheduler::test_coordinator& scheduler_of(caf::actor_system& system) {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
}

} // namespace

class actor_world::handle {
public:
  account_actor actor;
};

class actor_world::implementation {
public:
  explicit implementation(world_options options)
      : system(shared_system()), scheduler(scheduler_of(system)), store(ledger, options.faults),
        queue(
            store,
            lane_options{
                .max_round = options.max_round,
                .transient_patience = options.transient_patience,
                .remind_interval = options.remind_interval},
            lane_figures
        ),
        questions(store, lane_options{.max_round = options.max_round}, lane_figures),
        log(queue, questions, options.max_depth), rows(ledger), keys(options.key_window_bytes),
        accounts([this](const account_id& id) { return spawn(id); }),
        environment{time, log, rows, accounts, keys, ownership, figures, test_writer} {
    spdlog::set_level(spdlog::level::off);
    caf::actor_config config;
    box = caf::make_actor<answer_box, caf::strong_actor_ptr>(
        system.next_actor_id(),
        system.node(),
        &system,
        config,
        [this](std::uint64_t number, caf::message answer) { receive(number, std::move(answer)); }
    );
    ownership.extend(lease::now() + std::chrono::hours{1});
  }

  ~implementation() {
    for (const auto& actor : accounts.all())
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    while (scheduler.try_run_once()) {
    }
  }

  account_actor spawn(const account_id& id) {
    return system.spawn<caf::lazy_init + caf::hidden>(account, id, &environment);
  }

  template <class Answer, class Command> asked<Answer> ask(Command command) {
    const auto to = command.account;
    return request<Answer>(accounts.find(to), to, caf::make_message(std::move(command)));
  }

  /// A nil account: a bounce is the answer.
  template <class Answer>
  asked<Answer> request(const account_actor& to, const account_id& again, caf::message content) {
    slots.push_back({{}, 0});
    contents.push_back({again, std::move(content)});
    send(slots.size(), to);
    return {slots.size()};
  }

  void send(std::size_t number, const account_actor& to) {
    caf::actor_cast<caf::strong_actor_ptr>(to)->enqueue(
        box, caf::message_id{number}.with_normal_priority(), contents[number - 1].second, nullptr
    );
  }

  void receive(std::uint64_t number, caf::message answer) {
    auto& slot = slots.at(number - 1);
    if (++slot.answers > 1) {
      // Nobody knew the outcome, and then it became known: the first answer stands, and is no lie.
      contradictions += code_of(slot.answer) == errc::outcome_unknown ? 0 : 1;
      return;
    }
    if (answer.match_elements<caf::error>() &&
        answer.get_as<caf::error>(0) == caf::sec::request_receiver_down) {
      if (contents[number - 1].first != account_id{}) {
        bounced.push_back(number);
        --slot.answers;
        return;
      }
      slot.answer = bounce{};
    } else if (!take<consume_receipt>(slot, answer) && !take<consumed_batch>(slot, answer) && !take<atomic_receipt>(slot, answer) && !take<allocation_receipt>(slot, answer) && !take<hold_receipt>(slot, answer) && !take<reversal_receipt>(slot, answer) && !take<freeze_receipt>(slot, answer) && !take<simulation>(slot, answer) && !take<balance_view>(slot, answer) && !take<inbox_absorbed>(slot, answer) && !take<expiry_booked>(slot, answer)) {
      slot.answer = caf::to_string(answer);
    }
  }

  static errc code_of(const any_answer& answer) {
    return std::visit(
        [](const auto& given) {
          if constexpr (requires { given.code(); })
            return given.code();
          else
            return errc::ok;
        },
        answer
    );
  }

  template <class Answer> static bool take(slot& into, caf::message& answer) {
    if (!answer.match_elements<result<Answer>>()) return false;
    into.answer = answer.get_as<result<Answer>>(0);
    return true;
  }

  bool step_actor(std::size_t which) {
    auto& jobs = scheduler.jobs;
    if (jobs.empty()) return false;
    std::swap(jobs.front(), jobs[which % jobs.size()]);
    return scheduler.try_run_once();
  }

  bool step_bounced() {
    if (bounced.empty()) return false;
    const auto number = bounced.front();
    bounced.pop_front();
    send(number, accounts.find(contents[number - 1].first));
    return true;
  }

  caf::actor_system& system;
  caf::scheduler::test_coordinator& scheduler;
  manual_clock time;
  memory_ledger ledger;
  memory_journal_store store;
  lane_statistics lane_figures;
  lane queue;
  lane questions; // about keys: a lane of their own, as in `lanes`
  lane_journal log;
  memory_archive rows;
  key_window keys;
  lease ownership;
  account_statistics figures;
  placement accounts;
  account_environment environment;
  std::vector<slot> slots;                                   // the requests, numbered from 1
  std::vector<std::pair<account_id, caf::message>> contents; // what they said, and to whom
  std::deque<std::size_t> bounced;
  caf::strong_actor_ptr box;
  std::size_t contradictions = 0;
  std::uint32_t opened = 0;
  std::uint32_t numbered_lots = 10'000;
  std::uint32_t rows_put = 0;
};

actor_world::actor_world(world_options options)
    : implementation_(std::make_unique<implementation>(options)) {}
actor_world::~actor_world() = default;

account_id actor_world::open(std::initializer_list<lot> lots) {
  const auto id = numbered<account_id>(++implementation_->opened);
  const auto genesis = genesis_entry(id, test_tenant, start_of_test - std::chrono::minutes{30}, test_writer);
  ledger().open_account(genesis);
  ledger_author author(genesis);
  for (const auto& each : lots) {
    const auto writes = author.receive(each);
    const write_set* round[] = {&writes};
    ledger().append(round);
  }
  return id;
}

account_id actor_world::open_with(std::int64_t amount) {
  return open({a_lot(++implementation_->numbered_lots, amount)});
}

inbox_id actor_world::put_inbox(const account_id& account, std::int64_t amount) {
  auto row = test::receive(a_lot(++implementation_->numbered_lots, amount));
  row.id = numbered<inbox_id>(++implementation_->rows_put);
  row.account = account;
  ledger().put_inbox(row);
  return row.id;
}

inbox_id actor_world::put_inbox(instruction asked) {
  asked.id = numbered<inbox_id>(++implementation_->rows_put);
  ledger().put_inbox(asked);
  return asked.id;
}

asked<consume_receipt> actor_world::ask(consume_credits command) {
  return implementation_->ask<consume_receipt>(std::move(command));
}
asked<consumed_batch> actor_world::ask(consume_batch batch) {
  return implementation_->ask<consumed_batch>(std::move(batch));
}
asked<atomic_receipt> actor_world::ask(consume_atomically batch) {
  return implementation_->ask<atomic_receipt>(std::move(batch));
}
asked<allocation_receipt> actor_world::ask(allocate_credits command) {
  return implementation_->ask<allocation_receipt>(std::move(command));
}
asked<hold_receipt> actor_world::ask(hold_credits command) {
  return implementation_->ask<hold_receipt>(std::move(command));
}
asked<hold_receipt> actor_world::ask(capture_hold command) {
  return implementation_->ask<hold_receipt>(std::move(command));
}
asked<hold_receipt> actor_world::ask(release_hold command) {
  return implementation_->ask<hold_receipt>(std::move(command));
}
asked<reversal_receipt> actor_world::ask(reverse_spend command) {
  return implementation_->ask<reversal_receipt>(std::move(command));
}
asked<freeze_receipt> actor_world::ask(change_freeze command) {
  return implementation_->ask<freeze_receipt>(std::move(command));
}
asked<simulation> actor_world::ask(simulate_command command) {
  return implementation_->ask<simulation>(std::move(command));
}
asked<balance_view> actor_world::ask(balance_query query) {
  return implementation_->ask<balance_view>(std::move(query));
}
asked<inbox_absorbed> actor_world::ask(absorb_inbox nudge) {
  return implementation_->ask<inbox_absorbed>(nudge);
}
asked<expiry_booked> actor_world::ask(expire_lots command) {
  return implementation_->ask<expiry_booked>(command);
}

std::shared_ptr<const actor_world::handle> actor_world::actor_of(const account_id& account) {
  return std::make_shared<const handle>(handle{implementation_->accounts.find(account)});
}
asked<consume_receipt> actor_world::ask(const handle& actor, consume_credits command) {
  return implementation_->request<consume_receipt>(actor.actor, {}, caf::make_message(std::move(command)));
}
bool actor_world::is_same(const handle& a, const handle& b) const {
  return a.actor == b.actor;
}

void actor_world::remove(const account_id& account, const handle& actor) {
  implementation_->accounts.remove(account, actor.actor);
}
void actor_world::close_placement() {
  implementation_->accounts.close();
}
std::size_t actor_world::rows_in_mind(const account_id& account) {
  auto* actor = caf::actor_cast<caf::abstract_actor*>(implementation_->accounts.find(account));
  return dynamic_cast<std::remove_pointer_t<account_state::pointer>&>(*actor).state.rows_in_mind();
}
bool actor_world::is_nobody(const handle& actor) const {
  return !actor.actor;
}

void actor_world::passivate(const account_id& account, std::chrono::milliseconds idle) {
  caf::anon_send(implementation_->accounts.find(account), tessera::passivate{idle});
}
void actor_world::save_snapshot(const account_id& account) {
  caf::anon_send(implementation_->accounts.find(account), tessera::save_snapshot{});
}
void actor_world::tell(expire_lots command) {
  caf::anon_send(implementation_->accounts.find(command.account), command);
}
void actor_world::tell(absorb_inbox nudge) {
  caf::anon_send(implementation_->accounts.find(nudge.account), nudge);
}

const actor_world::slot& actor_world::slot_of(std::size_t number) const {
  return implementation_->slots.at(number - 1);
}

std::size_t actor_world::unanswered() const {
  return static_cast<std::size_t>(std::ranges::count(implementation_->slots, 0, &slot::answers));
}
std::size_t actor_world::answered_twice() const {
  return implementation_->contradictions;
}

bool actor_world::step_actor(std::size_t which) {
  return implementation_->step_actor(which);
}
bool actor_world::step_read(std::size_t which) {
  return implementation_->rows.step_read(which);
}
bool actor_world::step_snapshot(std::size_t which) {
  return implementation_->rows.step_snapshot(which);
}
bool actor_world::step_round() {
  return implementation_->queue.run_once();
}
bool actor_world::step_look_ups() {
  return implementation_->questions.run_once();
}
bool actor_world::step_bounced() {
  return implementation_->step_bounced();
}

void actor_world::deliver() {
  while (step_actor() || step_read() || step_snapshot() || step_bounced()) {
  }
}

bool actor_world::round() {
  const bool asked = step_look_ups();
  const bool written = step_round();
  deliver();
  return asked || written;
}

void actor_world::settle() {
  deliver();
  while (round()) {
  }
}

void actor_world::fail_loads(int count) {
  implementation_->rows.failing_loads = count;
}
void actor_world::break_journal(bool broken) {
  implementation_->log.broken = broken;
}

manual_clock& actor_world::time() {
  return implementation_->time;
}
memory_ledger& actor_world::ledger() {
  return implementation_->ledger;
}
memory_journal_store& actor_world::store() {
  return implementation_->store;
}
lane& actor_world::journal() {
  return implementation_->queue;
}
lease& actor_world::ownership() {
  return implementation_->ownership;
}
key_window& actor_world::keys() {
  return implementation_->keys;
}
std::size_t actor_world::depth() const {
  return implementation_->log.depth();
}
std::size_t actor_world::live_accounts() const {
  return implementation_->accounts.size();
}

world_figures actor_world::figures() const {
  const auto& now = implementation_->figures;
  return {now.activations, now.passivations, now.retirements, now.replays, now.decided_again};
}

} // namespace tessera::test
