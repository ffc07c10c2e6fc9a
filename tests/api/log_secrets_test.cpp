#include "tests/api/api_world.hpp"
#include "tests/support/log_secrets.hpp"

namespace tessera::test {

namespace {

/// After all tests of this program: no log of a service that they started holds a secret.
class no_secret_in_any_log final : public testing::Environment {
public:
  void TearDown() override {
    const auto& world = api_world::instance().service();
    for (const auto& line : secrets_in(world.log(), {world.operator_key()}))
      ADD_FAILURE() << "a secret is in the log: " << line;
    for (const auto& line : tessera_service::leaks())
      ADD_FAILURE() << "a secret is in the log of a service: " << line;
  }
};

[[maybe_unused]] const auto* const registered = testing::AddGlobalTestEnvironment(new no_secret_in_any_log);

} // namespace

TEST(LogSecretsTest, AreFound) { // or the search above would prove nothing
  const std::string jwt = "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJqb2UifQ.AAAA";
  for (const auto& line :
       {std::string("a tsk_0123456789abcdef b"),
        std::string("token=tsr_0123456789abcdef"),
        jwt,
        std::string("Authorization: Bearer abc"),
        std::string("for john@company.com"),
        std::string("$argon2id$v=19$m=1"),
        std::string("the password is s3cret")})
    EXPECT_EQ(1u, secrets_in("fine\n" + line + "\nfine\n", {"s3cret"}).size()) << line;
  EXPECT_EQ(0u, secrets_in("user j***@company.com, key-0123, tsk_…\n").size());
}

} // namespace tessera::test
