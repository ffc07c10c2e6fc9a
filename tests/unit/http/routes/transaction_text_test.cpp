#include "http/routes/credits/transaction_text.hpp"

#include <gmock/gmock.h>

namespace tessera::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

transaction a_spend() {
  transaction t;
  t.entity = {entity_type::location, "loc-1"};
  t.booked.seq = 7;
  t.booked.type = entry_type::spend;
  t.booked.units = credits{5};
  t.booked.application = "crm";
  t.booked.slices = {{lot_id{}, credits{2}}, {lot_id{}, credits{3}}};
  return t;
}

std::string csv_of(const transaction& t) {
  std::string out;
  append_csv_line(out, t);
  return out;
}

std::string json_of(const transaction& t) {
  std::string out;
  json::writer writer(out);
  write_transaction(writer, t);
  return out;
}

TEST(TransactionCsvTest, HasAsManyCellsAsTheHeaderNames) {
  std::string header;
  append_csv_header(header);
  const auto line = csv_of(a_spend());
  EXPECT_EQ(std::count(header.begin(), header.end(), ','), std::count(line.begin(), line.end(), ','));
  EXPECT_THAT(line, StartsWith("txn-00000000000000000000000000000000-7,7,location,loc-1,spend,5,crm,"));
  EXPECT_THAT(
      line, HasSubstr(",00000000-0000-0000-0000-000000000000:2 00000000-0000-0000-0000-000000000000:3,")
  );
  EXPECT_THAT(line, EndsWith("\r\n"));
}

TEST(TransactionCsvTest, NoCellIsAFormula) {
  for (const auto* begin : {"=", "+", "-", "@", "\t"}) {
    auto t = a_spend();
    t.booked.meter = begin + std::string("1+1");
    EXPECT_THAT(csv_of(t), HasSubstr(",crm,'" + t.booked.meter + ",")) << begin;
  }
  auto t = a_spend();
  t.booked.meter = "\r=1";
  EXPECT_THAT(csv_of(t), HasSubstr(",\"'\r=1\","));
  t.booked.meter = "=HYPERLINK(\"x\",1)";
  EXPECT_THAT(csv_of(t), HasSubstr(",\"'=HYPERLINK(\"\"x\"\",1)\","));
  t.booked.meter = "a=b";
  EXPECT_THAT(csv_of(t), HasSubstr(",a=b,"));
}

TEST(TransactionCsvTest, QuotesWhatWouldEndACell) {
  auto t = a_spend();
  t.booked.metadata = R"({"a":"b,c"})";
  EXPECT_THAT(csv_of(t), HasSubstr(R"(,"{""a"":""b,c""}",)"));
  t.booked.metadata = "two\nlines";
  EXPECT_THAT(csv_of(t), HasSubstr(",\"two\nlines\","));
}

TEST(TransactionJsonTest, AReferenceIsNamedByTheType) {
  auto t = a_spend();
  EXPECT_THAT(json_of(t), HasSubstr(R"("reference":{})"));
  t.booked.reference = "x-1";
  const std::pair<entry_type, std::string_view> cases[] = {
      {entry_type::purchase, "purchaseId"},
      {entry_type::refund, "purchaseId"},
      {entry_type::allocate_out, "allocationId"},
      {entry_type::reclaim_in, "allocationId"},
      {entry_type::hold, "holdId"},
      {entry_type::spend, "holdId"}, // what went beyond one
      {entry_type::expire, "holdId"},
      {entry_type::release, "holdId"},
      {entry_type::reverse, "reversalOf"},
  };
  for (const auto& [type, name] : cases) {
    t.booked.type = type;
    EXPECT_THAT(json_of(t), HasSubstr("\"reference\":{\"" + std::string(name) + "\":\"x-1\"}"));
  }
}

TEST(TransactionJsonTest, SaysWhyWhereTheTypeLeavesItOpen) {
  auto t = a_spend();
  EXPECT_THAT(json_of(t), Not(HasSubstr("cause")));
  t.booked.type = entry_type::release;
  const std::pair<hold_state, std::string_view> causes[] = {
      {hold_state::captured, "captured"},
      {hold_state::released, "released"},
      {hold_state::expired, "hold_expired"},
  };
  for (const auto& [state, cause] : causes) {
    t.booked.hold = hold_mark{hold_purpose::spend, state, {}, {}, {}};
    EXPECT_THAT(json_of(t), HasSubstr("\"cause\":\"" + std::string(cause) + "\""));
  }
  t.booked.hold.reset();
  t.booked.type = entry_type::expire;
  EXPECT_THAT(json_of(t), Not(HasSubstr("cause")));
  t.booked.reference = "hold-1";
  EXPECT_THAT(json_of(t), HasSubstr(R"("cause":"released_after_expiry")"));
}

TEST(TransactionJsonTest, LeavesOutWhatIsNotThere) {
  const auto text = json_of(a_spend());
  for (const auto* absent : {"meter", "eventId", "idempotencyKey", "metadata"})
    EXPECT_THAT(text, Not(HasSubstr("\"" + std::string(absent) + "\""))) << absent;
  auto t = a_spend();
  t.booked.application.clear();
  EXPECT_THAT(json_of(t), HasSubstr(R"("application":null)"));
}

} // namespace
} // namespace tessera::http
