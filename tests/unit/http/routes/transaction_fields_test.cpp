#include "http/routes/credits/transaction_fields.hpp"

#include <gtest/gtest.h>

namespace tessera::http {

namespace {

std::string_view name_of(entry_type type, const std::string& reference) {
  entry booked;
  booked.type = type;
  booked.reference = reference;
  return reference_name(booked);
}

} // namespace

TEST(TransactionFieldsTest, NamesWhatAnEntryRefersTo) {
  using enum entry_type;
  const std::string transaction = "txn-0198f1c27a3e7b0c9d4e5f60718293a4-7";
  const std::string hold_id = "hold-0198f1c27a3e7b0c9d4e5f60718293a4-7";
  struct expected {
    entry_type type;
    std::string reference;
    std::string_view name;
  };
  const expected table[] = {
      {purchase, "pur-1", "purchaseId"},
      {grant, "grant-1", "grantId"},
      {bonus, "grant-1", "grantId"},
      {spend, hold_id, "holdId"},
      {capture, hold_id, "holdId"},
      {reverse, transaction, "reversalOf"},
      {reinstate, transaction, "reversalOf"},
      {reinstate, "pur-1", "purchaseId"},
      {expire, hold_id, "holdId"},
      {expire, transaction, "transactionId"},
      {refund, hold_id, "holdId"},
      {clawback, "pur-1", "purchaseId"},
      {adjust, "pur-1", "purchaseId"},
      {allocate_out, "alloc-1", "allocationId"},
      {allocate_out, "inv-1", "invitationId"},
      {reclaim_out, "pur-1", "purchaseId"},
      {freeze, "hold-everything", ""},
  };
  for (const auto& each : table)
    EXPECT_EQ(each.name, name_of(each.type, each.reference)) << to_string(each.type) << each.reference;
}

TEST(TransactionFieldsTest, OfAFreezeTheReferenceIsTheReason) {
  tessera::transaction told;
  told.booked.reference = "audit";
  for (const auto type : {entry_type::freeze, entry_type::unfreeze}) {
    told.booked.type = type;
    EXPECT_EQ("audit", reason_of(told));
  }
  told.booked.type = entry_type::purchase;
  EXPECT_EQ("", reason_of(told));
  told.booked.type = entry_type::grant;
  told.reason = "welcome";
  EXPECT_EQ("welcome", reason_of(told));
}

TEST(TransactionFieldsTest, ALotThatIsNotThereYetHasNoId) {
  std::string text;
  json::writer out(text);
  out.begin_object();
  write_lots(out, {{lot_id{}, credits{5}}});
  out.end_object();

  EXPECT_EQ(R"({"lots":[{"lotId":null,"units":5}]})", text);
}

} // namespace tessera::http
