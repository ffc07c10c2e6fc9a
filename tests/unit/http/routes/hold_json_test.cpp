#include "http/routes/credits/hold_json.hpp"

#include <gtest/gtest.h>

namespace tessera::http {

TEST(HoldJsonTest, OneOfNoApplicationSaysNull) {
  hold_view hold;
  hold.mark.purpose = hold_purpose::refund;
  const auto text_of = [](const hold_view& told) {
    std::string text;
    json::writer out(text);
    out.begin_object();
    write_hold(out, told, {entity_type::organization, "org-1"});
    out.end_object();
    return text;
  };
  EXPECT_NE(text_of(hold).find(R"("application":null,"purpose":"refund")"), std::string::npos);
  hold.application = "crm";
  EXPECT_NE(text_of(hold).find(R"("application":"crm")"), std::string::npos);
}

} // namespace tessera::http
