// Many invitations at once: the process is killed on the way.
#include "tests/faults/allocation_fixture.hpp"

namespace tessera::test {

namespace {

class BulkInvitationsFaultTest : public AllocationFaultTest {
protected:
  static constexpr int rows = 25; // as many as an inviter sends at once

  long count(const std::string& sql_of_rows) { return std::stol(sql("SELECT count(*) FROM " + sql_of_rows)); }
};

} // namespace

TEST_F(BulkInvitationsFaultTest, EachRowIsInvitedOnceThoughItIsKilledOnTheWay) {
  make("one");
  const auto inviter = node_.service().create_api_key("acme", {"invitations:write"}, "crm");
  std::string body;
  for (int i = 0; i < rows; ++i)
    body += (body.empty() ? "[" : ",") + (R"({"email":"person)" + std::to_string(i)) +
            R"(@example.com","sendNotification":false,)"
            R"("entityAssignments":[{"entityType":"organization","entityId":"one","role":"viewer"}]})";
  http_client by("127.0.0.1", node_.port());
  by.set_bearer(inviter);
  const auto submitted = by.post("/api/invitations/bulk", body + "]");
  ASSERT_EQ(202, submitted.status()) << submitted.response.body;

  for (const int some : {1, 8, 16}) {
    EXPECT_TRUE(wait_until(milliseconds{30'000}, [&] { return count("user_invitations") >= some; }));
    node_.kill();
    ASSERT_TRUE(node_.start());
  }

  EXPECT_TRUE(wait_until(milliseconds{30'000}, [&] { return count("invitation_jobs WHERE state = 3") == 1; })
  );
  EXPECT_EQ(rows, count("user_invitations"));
  EXPECT_EQ(rows, count("invitation_job_rows WHERE state = 2"));
  EXPECT_EQ(
      rows,
      count("invitation_job_rows r JOIN user_invitations i ON i.invitation_id = r.invitation_id"
            " AND i.email = r.email")
  );
}

} // namespace tessera::test
