#include "actors/domain/ledger_format.hpp"
#include "tests/support/ledger_examples.hpp"
#include "tests/unit/domain/canonical_reader.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <map>
#include <tuple>
#include <utility>

namespace tessera::test {
namespace {

std::string canonical(const account_event& event) {
  std::string bytes;
  append_canonical(bytes, event);
  return bytes;
}

digest sha256_of(const std::string& bytes) {
  digest hash;
  EXPECT_TRUE(EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha256(), nullptr));
  return hash;
}

std::string text_of(const digest& hash) {
  return {hash.begin(), hash.end()};
}

std::string bytes_of(const uuid& id) {
  return {id.bytes.begin(), id.bytes.end()};
}

TEST(LedgerFormatTest, IsWhatTheDocumentSays) {
  const auto examples = published_examples();
  ASSERT_EQ(examples.size(), 3u);

  EXPECT_EQ(hex(canonical(spend_example())), examples[0].bytes);
  EXPECT_EQ(hex(canonical(purchase_example())), examples[1].bytes);
  EXPECT_EQ(hex(canonical(hold_example())), examples[2].bytes);
}

TEST(LedgerFormatTest, HashesToWhatTheDocumentSays) {
  const auto spend = sha256_of(text_of(hash_before_examples()) + canonical(spend_example()));
  const auto purchase = sha256_of(text_of(spend) + canonical(purchase_example()));

  const auto hold = sha256_of(text_of(purchase) + canonical(hold_example()));

  const auto examples = published_examples();
  ASSERT_EQ(examples.size(), 3u);
  EXPECT_EQ(hex(text_of(spend)), examples[0].hash);
  EXPECT_EQ(hex(text_of(purchase)), examples[1].hash);
  EXPECT_EQ(hex(text_of(hold)), examples[2].hash);
}

TEST(LedgerFormatTest, AppendsToWhatIsThere) {
  std::string bytes = "previous hash";
  append_canonical(bytes, purchase_example());

  EXPECT_EQ(bytes, "previous hash" + canonical(purchase_example()));
}

TEST(LedgerFormatTest, DoesNotCoverTheHashItself) {
  auto hashed = spend_example();
  hashed.booked.hash[0] = 1;

  EXPECT_EQ(canonical(hashed), canonical(spend_example()));
}

TEST(LedgerFormatTest, DoesNotCoverWhatChangesInALot) {
  auto burnt = purchase_example();
  burnt.opened.front().free = credits{300};
  burnt.opened.front().held = credits{200};

  EXPECT_EQ(canonical(burnt), canonical(purchase_example()));
}

/// The example with so many lots; each has a number of its own.
account_event purchase_of(std::uint8_t lots) {
  auto event = purchase_example();
  event.opened.assign(lots, event.opened.front());
  for (std::uint8_t i = 0; i < lots; ++i)
    event.opened[i].id.value = counted(i);
  return event;
}

TEST(LedgerFormatTest, CountsTheOpenedLotsAndNamesThemInOrder) {
  const auto none = canonical(purchase_of(0));
  const auto one = canonical(purchase_of(1));
  const auto two = canonical(purchase_of(2));
  const auto before = none.size() - 4;
  const auto terms = one.size() - none.size();

  EXPECT_EQ(hex(none.substr(before)), "00000000");
  EXPECT_EQ(hex(one.substr(before, 4)), "00000001");
  EXPECT_EQ(hex(two.substr(before, 4)), "00000002");
  EXPECT_EQ(two.substr(0, before), none.substr(0, before));
  EXPECT_EQ(two.substr(before + 4, terms), one.substr(before + 4));
  EXPECT_EQ(two.substr(before + 4 + terms, 16), bytes_of(counted(1)));
  EXPECT_EQ(two.size(), before + 4 + 2 * terms);
}

/// Named changes to an example, and that all of them have bytes of their own.
template <class Changed> using changes = std::vector<std::pair<std::string, std::function<void(Changed&)>>>;

void expect_no_two_alike(const changes<account_event>& all, const account_event& example) {
  std::map<std::string, std::string> seen;
  for (const auto& [name, apply] : all) {
    auto changed = example;
    apply(changed);
    const auto [at, is_new] = seen.try_emplace(canonical(changed), name);
    EXPECT_TRUE(is_new) << name << " has the bytes of " << at->second;
  }
}

TEST(LedgerFormatTest, EveryDifferenceOfAnEntryShows) {
  const changes<entry> of_entry{
      {"nothing", [](entry&) {}},
      {"account", [](entry& x) { x.account.value.bytes[15] ^= 1; }},
      {"seq", [](entry& x) { x.seq = 8; }},
      {"tenant", [](entry& x) { x.tenant.value.bytes[0] ^= 1; }},
      {"type", [](entry& x) { x.type = entry_type::expire; }},
      {"units", [](entry& x) { x.units = credits{251}; }},
      {"slice lot", [](entry& x) { x.slices[0].lot.value.bytes[3] ^= 1; }},
      {"slice units", [](entry& x) { x.slices[1].units = credits{51}; }},
      {"slice order", [](entry& x) { std::swap(x.slices[0], x.slices[1]); }},
      {"one slice less", [](entry& x) { x.slices.pop_back(); }},
      {"no slices", [](entry& x) { x.slices.clear(); }},
      {"available", [](entry& x) { x.after.available = credits{51}; }},
      {"reserved", [](entry& x) { x.after.reserved = credits{1}; }},
      {"used", [](entry& x) { x.after.used = credits{1251}; }},
      {"debt", [](entry& x) { x.after.debt = credits{1}; }},
      {"usable", [](entry& x) { x.usable_after = credits{49}; }},
      {"application", [](entry& x) { x.application = "crn"; }},
      {"meter", [](entry& x) { x.meter = "token"; }},
      {"text moved to the left", [](entry& x) { x.application = "crmt", x.meter = "okens"; }},
      {"text moved to the right", [](entry& x) { x.application = "cr", x.meter = "mtokens"; }},
      {"reference", [](entry& x) { x.reference = "hold-1"; }},
      {"meter is the reference", [](entry& x) { std::swap(x.meter, x.reference); }},
      {"principal kind", [](entry& x) { x.requested_by.kind = principal_kind::user; }},
      {"principal id", [](entry& x) { x.requested_by.id = "key-2"; }},
      {"principal application", [](entry& x) { x.requested_by.application = ""; }},
      {"request", [](entry& x) { x.request_id += '\0'; }},
      {"event", [](entry& x) { x.event_id = ""; }},
      {"caller key", [](entry& x) { x.caller_key = "k"; }},
      {"event is the caller key", [](entry& x) { std::swap(x.event_id, x.caller_key); }},
      {"key", [](entry& x) { x.idempotency->key.bytes[0] ^= 1; }},
      {"fingerprint", [](entry& x) { x.idempotency->fingerprint.bytes[0] ^= 1; }},
      {"zero key", [](entry& x) { x.idempotency = idempotency_key{}; }},
      {"no key", [](entry& x) { x.idempotency.reset(); }},
      {"metadata", [](entry& x) { x.metadata = R"({"a": 1})"; }},
      {"no metadata", [](entry& x) { x.metadata = ""; }},
      {"occurred", [](entry& x) { x.occurred_at -= time_point::duration{1}; }},
      {"booked", [](entry& x) { x.booked_at += time_point::duration{1}; }},
      {"writer", [](entry& x) { x.writer.value.bytes[8] ^= 1; }},
  };

  changes<account_event> all{
      {"a lot", [](account_event& x) { x.opened.resize(1); }},
      {"two lots", [](account_event& x) { x.opened.resize(2); }},
  };
  for (const auto& [name, apply] : of_entry)
    all.emplace_back(name, [apply](account_event& x) { apply(x.booked); });
  expect_no_two_alike(all, spend_example());
}

TEST(LedgerFormatTest, EveryDifferenceOfAnOpenedLotShows) {
  const changes<lot> of_lot{
      {"nothing", [](lot&) {}},
      {"id", [](lot& x) { x.id.value.bytes[15] ^= 1; }},
      {"root", [](lot& x) { x.root.value.bytes[0] ^= 1; }},
      {"parent", [](lot& x) { x.parent = x.root; }},
      {"zero parent", [](lot& x) { x.parent.emplace(); }},
      {"kind", [](lot& x) { x.kind = lot_kind::promo; }},
      {"priority", [](lot& x) { x.priority = 51; }},
      {"kind is the priority", [](lot& x) { x.kind = lot_kind{50}, x.priority = 4; }},
      {"effective", [](lot& x) { x.effective_at += tick; }},
      {"expires", [](lot& x) { *x.expires_at -= tick; }},
      {"expires at zero", [](lot& x) { x.expires_at.emplace(); }},
      {"never expires", [](lot& x) { x.expires_at.reset(); }},
      {"effective is the expiry", [](lot& x) { std::swap(x.effective_at, *x.expires_at); }},
      {"application", [](lot& x) { x.applications[0] = "crn"; }},
      {"application order", [](lot& x) { std::swap(x.applications[0], x.applications[1]); }},
      {"one application less", [](lot& x) { x.applications.pop_back(); }},
      {"an empty application", [](lot& x) { x.applications.emplace_back(); }},
      {"any application", [](lot& x) { x.applications.clear(); }},
      {"text moved between applications",
       [](lot& x) {
         x.applications = {"crme", "rp"};
       }},
      {"the purchase is an application",
       [](lot& x) { x.applications.push_back(std::exchange(x.purchase_id, "")); }},
      {"purchase", [](lot& x) { x.purchase_id = "pur-2"; }},
      {"no purchase", [](lot& x) { x.purchase_id.clear(); }},
      {"unit cost", [](lot& x) { x.unit_cost_minor = 3; }},
      {"negative unit cost", [](lot& x) { x.unit_cost_minor = -2; }},
      {"free of charge", [](lot& x) { x.unit_cost_minor = 0; }},
      {"no unit cost", [](lot& x) { x.unit_cost_minor.reset(); }},
      {"currency", [](lot& x) { x.currency = "EUT"; }},
      {"no currency", [](lot& x) { x.currency.clear(); }},
      {"currency is the purchase", [](lot& x) { std::swap(x.currency, x.purchase_id); }},
      {"amount", [](lot& x) { x.amount = credits{1001}; }},
  };

  changes<account_event> all{
      {"no lot", [](account_event& x) { x.opened.clear(); }},
      {"the lot twice", [](account_event& x) { x.opened.push_back(x.opened.front()); }},
      {"another lot after it", [](account_event& x) { x.opened.emplace_back(); }},
      {"another lot before it", [](account_event& x) { x.opened.emplace(x.opened.begin()); }},
  };
  for (const auto& [name, apply] : of_lot)
    all.emplace_back(name, [apply](account_event& x) { apply(x.opened.front()); });
  expect_no_two_alike(all, purchase_example());
}

TEST(LedgerFormatTest, EveryDifferenceOfAHoldShows) {
  const changes<hold_mark> of_mark{
      {"nothing", [](hold_mark&) {}},
      {"purpose", [](hold_mark& x) { x.purpose = hold_purpose::escrow; }},
      {"state", [](hold_mark& x) { x.state = hold_state::captured; }},
      {"amount", [](hold_mark& x) { x.amount = credits{601}; }},
      {"captured", [](hold_mark& x) { x.captured = credits{1}; }},
      {"amount is captured", [](hold_mark& x) { std::swap(x.amount, x.captured); }},
      {"end", [](hold_mark& x) { x.ends_at += tick; }},
  };

  changes<account_event> all;
  for (const auto& [name, apply] : of_mark)
    all.emplace_back(name, [apply](account_event& x) { apply(*x.booked.hold); });
  expect_no_two_alike(all, hold_example());
}

TEST(LedgerFormatTest, ARefundHasAMarkAndAFreezeNone) {
  auto marked = hold_example();
  const auto of_type = [&](entry_type type) {
    marked.booked.type = type;
    return canonical(marked).size();
  };
  const auto with_mark = of_type(entry_type::hold);
  for (const auto type : {entry_type::capture, entry_type::release, entry_type::refund})
    EXPECT_EQ(of_type(type), with_mark);
  for (const auto type :
       {entry_type::spend,
        entry_type::clawback,
        entry_type::debt_repaid,
        entry_type::reverse,
        entry_type::adjust,
        entry_type::freeze,
        entry_type::unfreeze})
    EXPECT_EQ(of_type(type), with_mark - 26);
}

TEST(LedgerFormatTest, DoesNotCoverLotsThatComeBack) {
  auto reversed = spend_example();
  reversed.booked.type = entry_type::reverse;
  const auto without = canonical(reversed);
  reversed.reopened.push_back(purchase_example().opened.front());

  EXPECT_EQ(canonical(reversed), without);
}

uuid any_uuid() {
  uuid value;
  for (auto& byte : value.bytes)
    byte = *rc::gen::arbitrary<std::uint8_t>();
  return value;
}

credits any_credits() {
  return credits{*rc::gen::arbitrary<std::int64_t>()};
}
time_point any_instant() {
  return from_microseconds(*rc::gen::arbitrary<std::int64_t>());
}
std::string any_text() {
  return *rc::gen::string<std::string>();
}

entry any_entry() {
  entry booked;
  booked.account.value = any_uuid();
  booked.seq = *rc::gen::arbitrary<std::uint64_t>();
  booked.tenant.value = any_uuid();
  booked.type = static_cast<entry_type>(*rc::gen::inRange<std::size_t>(0, entry_type_count));
  booked.units = any_credits();
  booked.slices.resize(*rc::gen::inRange<std::size_t>(0, 4));
  for (auto& part : booked.slices)
    part = {lot_id{any_uuid()}, any_credits()};
  booked.after = {any_credits(), any_credits(), any_credits(), any_credits()};
  booked.usable_after = any_credits();
  booked.application = any_text();
  booked.meter = any_text();
  booked.reference = any_text();
  booked.requested_by = {static_cast<principal_kind>(*rc::gen::inRange(0, 4)), any_text(), any_text()};
  booked.request_id = any_text();
  booked.event_id = any_text();
  booked.caller_key = any_text();
  if (*rc::gen::arbitrary<bool>()) booked.idempotency = {any_uuid(), any_uuid()};
  booked.metadata = any_text();
  booked.occurred_at = any_instant();
  booked.booked_at = any_instant();
  booked.writer.value = any_uuid();
  if (has_hold_mark(booked.type))
    booked.hold = hold_mark{
        static_cast<hold_purpose>(*rc::gen::inRange(1, 5)),
        static_cast<hold_state>(*rc::gen::inRange(1, 5)),
        any_credits(),
        any_credits(),
        any_instant()};
  return booked;
}

lot any_lot() {
  lot opened;
  opened.id.value = any_uuid();
  opened.root.value = any_uuid();
  if (*rc::gen::arbitrary<bool>()) opened.parent = lot_id{any_uuid()};
  opened.kind = static_cast<lot_kind>(*rc::gen::inRange(1, 6));
  opened.priority = *rc::gen::arbitrary<std::uint8_t>();
  opened.effective_at = any_instant();
  if (*rc::gen::arbitrary<bool>()) opened.expires_at = any_instant();
  opened.applications.resize(*rc::gen::inRange<std::size_t>(0, 4));
  for (auto& application : opened.applications)
    application = any_text();
  opened.purchase_id = any_text();
  if (*rc::gen::arbitrary<bool>()) opened.unit_cost_minor = *rc::gen::arbitrary<std::int64_t>();
  opened.currency = any_text();
  opened.amount = any_credits();
  return opened;
}

auto fields_of(const entry& x) {
  return std::tie(
      x.account,
      x.seq,
      x.tenant,
      x.type,
      x.units,
      x.slices,
      x.after,
      x.usable_after,
      x.application,
      x.meter,
      x.reference,
      x.requested_by,
      x.request_id,
      x.event_id,
      x.caller_key,
      x.idempotency,
      x.metadata,
      x.occurred_at,
      x.booked_at,
      x.writer,
      x.hold
  );
}

RC_GTEST_PROP(LedgerFormatTest, AnEventCanBeReadBackFromItsBytes, ()) {
  account_event event{any_entry(), {}, {}};
  event.opened.resize(*rc::gen::inRange<std::size_t>(0, 4));
  for (auto& opened : event.opened)
    opened = any_lot();
  const auto bytes = canonical(event);

  canonical_reader reader(bytes);
  const auto read = reader.read();

  RC_ASSERT(reader.at_end());
  RC_ASSERT(reader.tag() == std::string_view("tessera.entry.v1\0", 17));
  RC_ASSERT(fields_of(read.booked) == fields_of(event.booked));
  RC_ASSERT(read.opened == event.opened);
}

} // namespace
} // namespace tessera::test
