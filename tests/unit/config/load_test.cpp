#include "config/keys.hpp"
#include "config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace tessera::config {

void PrintTo(const config_error& error, std::ostream* out) {
  *out << to_string(error);
}

namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

/// A file that goes with the test.
class written_file {
public:
  written_file(const std::string& name, const std::string& text)
      : path_(
            std::filesystem::path(testing::TempDir()) /
            ("tessera-config-" + std::to_string(::getpid()) + "-" + std::to_string(++made) + name)
        ) {
    std::ofstream(path_) << text;
  }
  ~written_file() { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }
  std::string text() const { return path_.string(); }

private:
  static inline int made = 0;
  std::filesystem::path path_;
};

auto error_at(const std::string& where, const std::string& reason) {
  return AllOf(
      Field(&config_error::where, HasSubstr(where)), Field(&config_error::reason, HasSubstr(reason))
  );
}

load_result load_toml(const std::string& toml, text_map environ = {}, text_map overrides = {}) {
  const written_file file("tessera.toml", toml);
  return load(
      {.file = file.path(), .environ = std::move(environ), .overrides = std::move(overrides), .required = {}}
  );
}

load_result load_environment(text_map environ) {
  return load({.file = {}, .environ = std::move(environ), .overrides = {}, .required = {}});
}

TEST(LoadTest, GivesTheDefaultsWhenNothingIsSaid) {
  const auto loaded = load({});

  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.settings.http.server.address, "127.0.0.1");
  EXPECT_EQ(loaded.settings.cluster.lease_ttl, std::chrono::milliseconds(3000));
  EXPECT_EQ(loaded.settings.accounts.key_window_bytes, 64u << 20);
  EXPECT_FALSE(loaded.settings.payments.allow_test);
  EXPECT_NE(loaded.settings.cluster.node_name, "");
  EXPECT_THAT(loaded.warnings, IsEmpty());
}

TEST(LoadTest, ReadsTheFixedVariables) {
  const auto loaded = load_environment({
      {"TESSERA_HTTP_ADDRESS", "0.0.0.0"},
      {"TESSERA_HTTP_PORT", "9000"},
      {"TESSERA_HTTP_ADMIN_ADDRESS", "127.0.0.1"},
      {"TESSERA_DATABASE_URL", "postgresql://a:b@localhost/c"},
      {"TESSERA_PUBLIC_BASE_URL", "https://credits.example"},
      {"TESSERA_OPERATOR_KEY", "0123456789abcdef"},
      {"TESSERA_LIMITS_SCALE", "2.5"},
      {"TESSERA_PAYMENTS_ALLOW_TEST", "true"},
      {"TESSERA_CLUSTER_NODE_NAME", "node-1"},
      {"PATH", "/bin"},
  });

  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.settings.http.server.address, "0.0.0.0");
  EXPECT_EQ(loaded.settings.http.server.port, 9000);
  EXPECT_EQ(loaded.settings.http.admin_address, "127.0.0.1");
  EXPECT_EQ(loaded.settings.database.url.reveal(), "postgresql://a:b@localhost/c");
  EXPECT_EQ(loaded.settings.public_base_url, "https://credits.example");
  EXPECT_TRUE(loaded.settings.http.server.public_base_is_https);
  EXPECT_EQ(loaded.settings.operator_key.reveal(), "0123456789abcdef");
  EXPECT_EQ(loaded.settings.limits.scale, 2.5);
  EXPECT_TRUE(loaded.settings.payments.allow_test);
  EXPECT_EQ(loaded.settings.cluster.node_name, "node-1");
}

TEST(LoadTest, TakesNoSecretOfTokensThatCouldBeGuessed) {
  const std::string secret(32, 's');
  const auto with = [](const std::string& text) {
    return load_toml("", {{"TESSERA_AUTH_TOKEN_SECRET", text}});
  };

  ASSERT_THAT(with(secret).errors, IsEmpty());
  EXPECT_EQ(with(secret).settings.auth.token_secret.reveal(), secret);
  EXPECT_FALSE(with(secret.substr(1)).ok());
  EXPECT_FALSE(with(secret + " ").ok());
}

TEST(LoadTest, LetsTheEnvironmentWinOverTheFileAndAFlagOverBoth) {
  const auto file = "[http]\nport = 1001\nthreads = 3\n[log]\nlevel = \"warn\"\n";

  const auto loaded = load_toml(
      file, {{"TESSERA_HTTP_PORT", "1002"}, {"TESSERA_LOG_LEVEL", "debug"}}, {{"http.port", "1003"}}
  );

  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.settings.http.server.port, 1003);
  EXPECT_EQ(loaded.settings.log.level, log_level::debug);
  EXPECT_EQ(loaded.settings.http.server.threads, 3u);
}

TEST(LoadTest, ReportsEveryMistakeAtOnceWithItsPlace) {
  const auto loaded = load_toml(
      "public_base = \"x\"\n[http]\nport = 70000\nthreads = \"2\"\n[nothing]\nx = 1\n[log]\nlevel = "
      "\"loud\"\nfile = [1]\n",
      {{"TESSERA_HTTP_PROT", "1"}, {"TESSERA_JOURNAL_LANES", "many"}},
      {{"limits.scale", "0"}}
  );

  EXPECT_THAT(
      loaded.errors,
      UnorderedElementsAre(
          error_at(".toml:1:1", "unknown key public_base"),
          error_at(".toml:3:1", "http.port must be a whole number from 0 to 65535"),
          error_at(".toml:4:1", "http.threads must be a whole number"),
          error_at(".toml:6:1", "unknown key nothing.x"),
          error_at(".toml:8:1", "log.level must be one of trace, debug, info, warn, error"),
          error_at(".toml:9:1", "log.file must be a text"),
          error_at("TESSERA_HTTP_PROT", "did you mean TESSERA_HTTP_PORT?"),
          error_at("TESSERA_JOURNAL_LANES", "journal.lanes must be a whole number"),
          error_at("--limits-scale", "limits.scale must be a number above 0")
      )
  );
}

TEST(LoadTest, SaysWhereTheFileIsNoToml) {
  EXPECT_THAT(load_toml("[http]\nport = = 1\n").errors, ElementsAre(error_at(".toml:2:", "")));
  EXPECT_THAT(load_toml("[http]\nport = 1\nport = 2\n").errors, ElementsAre(error_at(".toml:3:", "")));
}

TEST(LoadTest, SaysSoWhereItsParserOnlyAsserts) {
  EXPECT_THAT(load_toml("[:http]\nport = 1\n").errors, ElementsAre(error_at(".toml:1:", "")));
  EXPECT_THAT(load_toml("[http]\nport = 0\xc3\xa9\n").errors, ElementsAre(error_at(".toml:2:", "")));
}

TEST(LoadTest, SaysThatTheFileIsMissing) {
  const auto loaded = load({.file = "/nowhere/tessera.toml", .environ = {}, .overrides = {}, .required = {}});

  EXPECT_THAT(loaded.errors, ElementsAre(error_at("/nowhere/tessera.toml", "cannot be read")));
}

struct bad_value {
  const char* variable;
  const char* text;
};

class BadValueTest : public testing::TestWithParam<bad_value> {};

TEST_P(BadValueTest, IsRefusedUnderItsName) {
  const auto& [variable, text] = GetParam();

  EXPECT_THAT(load_environment({{variable, text}}).errors, ElementsAre(error_at(variable, "")));
}

INSTANTIATE_TEST_SUITE_P(
    Values,
    BadValueTest,
    testing::Values(
        bad_value{"TESSERA_HTTP_PORT", ""},
        bad_value{"TESSERA_HTTP_PORT", "-1"},
        bad_value{"TESSERA_HTTP_PORT", "65536"},
        bad_value{"TESSERA_HTTP_PORT", "80 "},
        bad_value{"TESSERA_HTTP_PORT", "8e1"},
        bad_value{"TESSERA_HTTP_ADDRESS", ""},
        bad_value{"TESSERA_HTTP_ADDRESS", "a b"},
        bad_value{"TESSERA_HTTP_ADDRESS", "localhost"},
        bad_value{"TESSERA_HTTP_ADDRESS", "[::1]"},
        bad_value{"TESSERA_HTTP_ADDRESS", "127.0.0.1:80"},
        bad_value{"TESSERA_HTTP_ADMIN_ADDRESS", "127.0.0.1:99999"},
        bad_value{"TESSERA_HTTP_ADMIN_ADDRESS", "localhost:99"},
        bad_value{"TESSERA_HTTP_DRAIN_TIMEOUT_MS", "4001"},
        bad_value{"TESSERA_HTTP_THREADS", "0"},
        bad_value{"TESSERA_DATABASE_URL", "mysql://x"},
        bad_value{"TESSERA_PUBLIC_BASE_URL", "credits.example"},
        bad_value{"TESSERA_PUBLIC_BASE_URL", "https://"},
        bad_value{"TESSERA_PUBLIC_BASE_URL", "https://credits.example/"},
        bad_value{"TESSERA_PUBLIC_BASE_URL", "https://credits.example?x"},
        bad_value{"TESSERA_OPERATOR_KEY", "short"},
        bad_value{"TESSERA_OPERATOR_KEY", "with spaces in the middle"},
        bad_value{"TESSERA_PAYMENTS_ALLOW_TEST", "yes"},
        bad_value{"TESSERA_AUTH_ACCESS_TTL_SECONDS", "3541"}, // ended sessions are remembered for an hour
        bad_value{"TESSERA_LIMITS_SCALE", "-1"},
        bad_value{"TESSERA_LIMITS_SCALE", "inf"},
        bad_value{"TESSERA_LIMITS_SCALE", "nan"},
        bad_value{"TESSERA_LOG_FORMAT", "xml"},
        bad_value{"TESSERA_CLUSTER_NODE_NAME", "a/b"},
        bad_value{"TESSERA_CLUSTER_HEARTBEAT_MS", "2000"},
        bad_value{"TESSERA_JOURNAL_MAX_DEPTH", "10"},
        bad_value{"TESSERA_HTTP_ADMIN_PORTS", "1"}
    )
);

TEST(LoadTest, DoesNotRepeatASecretThatIsWrong) {
  const auto loaded =
      load_environment({{"TESSERA_OPERATOR_KEY", "s3cret"}, {"TESSERA_DATABASE_URL", "s3cret"}});

  ASSERT_EQ(loaded.errors.size(), 2u);
  for (const auto& error : loaded.errors)
    EXPECT_THAT(to_string(error), Not(HasSubstr("s3cret")));
}

TEST(LoadTest, AcceptsVariablesOfLaterFeaturesWithOneWarning) {
  const auto loaded = load_environment({
      {"TESSERA_CLUSTER_PORT", "1"},
      {"TESSERA_CRASH_AT", "x"},
  });

  EXPECT_TRUE(loaded.ok());
  EXPECT_THAT(
      loaded.warnings, ElementsAre(AllOf(HasSubstr("TESSERA_CLUSTER_PORT"), HasSubstr("TESSERA_CRASH_AT")))
  );
}

TEST(LoadTest, WantsAllOfTheProviderOfSmsOrNothing) {
  const std::map<std::string, std::string> all{
      {"TESSERA_SMS_ACCOUNT_SID", "AC0123"},
      {"TESSERA_SMS_AUTH_TOKEN", "0123456789abcdef"},
      {"TESSERA_SMS_FROM", "+15005550006"}};
  EXPECT_TRUE(load_environment(all).ok());
  for (const auto& [left_out, key] :
       {std::pair{"TESSERA_SMS_ACCOUNT_SID", "sms.account_sid is missing"},
        {"TESSERA_SMS_AUTH_TOKEN", "sms.auth_token is missing"},
        {"TESSERA_SMS_FROM", "sms.from is missing"}}) {
    auto some = all;
    some.erase(left_out);
    EXPECT_THAT(load_environment(some).errors, ElementsAre(error_at("TESSERA_SMS_", key))) << left_out;
  }
  auto wrong = all;
  wrong["TESSERA_SMS_FROM"] = "12";
  EXPECT_THAT(load_environment(wrong).errors, ElementsAre(error_at("TESSERA_SMS_FROM", "sms.from must be")))
      << "and is not missing as well";
}

TEST(LoadTest, WantsAFirstMailServerBeforeAnother) {
  EXPECT_THAT(
      load_environment({{"TESSERA_SMTP_FALLBACK_URL", "smtp://b"}}).errors,
      ElementsAre(error_at("TESSERA_SMTP_FALLBACK_URL", "smtp.fallback_url needs smtp.url"))
  );
  EXPECT_TRUE(load_environment({{"TESSERA_SMTP_FALLBACK_URL", "smtp://b"}, {"TESSERA_SMTP_URL", "smtp://a"}}
  ).ok());
}

TEST(LoadTest, KnowsWhoSmsMayComeFrom) {
  const auto errors_of = [](const char* from) {
    return load_environment({{"TESSERA_SMS_ACCOUNT_SID", "AC0123"},
                             {"TESSERA_SMS_AUTH_TOKEN", "0123456789abcdef"},
                             {"TESSERA_SMS_FROM", from}}
    ).errors;
  };
  for (const auto* good : {"+15005550006", "Acme", "Acme Co 24", "MG0123456789abcdef0123456789abcdef"})
    EXPECT_THAT(errors_of(good), IsEmpty()) << good;
  for (const auto* bad : {"15005550006", "+0123456789", "+1500", "12345", "Twelve letter", "A&B"})
    EXPECT_EQ(1u, errors_of(bad).size()) << bad;
}

TEST(LoadTest, ReadsListsPartByPart) {
  const auto loaded = load_environment({
      {"TESSERA_HTTP_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::/32,127.0.0.1"},
      {"TESSERA_HTTP_ALLOWED_ORIGINS", "https://app.company.com,http://localhost:3000"},
  });

  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.settings.http.trusted_proxies, ElementsAre("10.0.0.0/8", "2001:db8::/32", "127.0.0.1"));
  EXPECT_THAT(
      loaded.settings.http.server.allowed_origins,
      ElementsAre("https://app.company.com", "http://localhost:3000")
  );
}

TEST(LoadTest, RefusesListsWithAWrongPart) {
  for (const auto* networks : {"10.0.0.0/33", "10.0.0.0/8,x", "10.0.0", "*"})
    EXPECT_EQ(1u, load_environment({{"TESSERA_HTTP_TRUSTED_PROXIES", networks}}).errors.size()) << networks;
  for (const auto* origins : {"*", "null", "app.company.com", "https://app.company.com/", "https://a.b/c"})
    EXPECT_EQ(1u, load_environment({{"TESSERA_HTTP_ALLOWED_ORIGINS", origins}}).errors.size()) << origins;
}

TEST(LoadTest, TakesSecretsFromFilesWithoutTheirLineEnd) {
  const written_file key("key", "0123456789abcdef\n");
  const written_file url("url", "postgresql://x@/y\r\n");

  const auto loaded =
      load_toml("operator_key_file = \"" + key.text() + "\"\n", {{"TESSERA_DATABASE_URL_FILE", url.text()}});

  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.settings.operator_key.reveal(), "0123456789abcdef");
  EXPECT_EQ(loaded.settings.database.url.reveal(), "postgresql://x@/y");
}

TEST(LoadTest, NamesASecretFileThatCannotBeUsed) {
  const written_file empty("key", "\n");

  EXPECT_THAT(
      load_environment({{"TESSERA_OPERATOR_KEY_FILE", "/nowhere/key"}}).errors,
      ElementsAre(error_at("TESSERA_OPERATOR_KEY_FILE", "/nowhere/key cannot be read"))
  );
  EXPECT_THAT(
      load_environment({{"TESSERA_OPERATOR_KEY_FILE", empty.text()}}).errors,
      ElementsAre(error_at("TESSERA_OPERATOR_KEY_FILE", "the text in"))
  );
}

TEST(LoadTest, RefusesASecretInTheFileItself) {
  EXPECT_THAT(
      load_toml("operator_key = \"0123456789abcdef\"\n").errors,
      ElementsAre(
          error_at(".toml:1:1", "operator_key is a secret: use TESSERA_OPERATOR_KEY or operator_key_file")
      )
  );
}

TEST(LoadTest, LetsTheStrongerSourceOfASecretWin) {
  const auto loaded = load_toml(
      "[database]\nurl_file = \"/nowhere/url\"\n", {{"TESSERA_DATABASE_URL", "postgresql://strong"}}
  );

  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.settings.database.url.reveal(), "postgresql://strong");
}

TEST(LoadTest, RefusesASecretAndItsFileFromTheSameSource) {
  const auto loaded = load_environment(
      {{"TESSERA_DATABASE_URL", "postgresql://x"}, {"TESSERA_DATABASE_URL_FILE", "/nowhere/url"}}
  );

  EXPECT_THAT(loaded.errors, ElementsAre(error_at("TESSERA_DATABASE_URL", "exclude each other")));
}

TEST(LoadTest, MissesWhatIsRequired) {
  const load_request request{.file = {}, .environ = {}, .overrides = {}, .required = {"database.url"}};

  EXPECT_THAT(
      load(request).errors, ElementsAre(error_at("TESSERA_DATABASE_URL", "database.url is required"))
  );
}

TEST(LoadTest, DoesNotMissWhatWasGivenWrongly) {
  const load_request request{
      .file = {}, .environ = {{"TESSERA_DATABASE_URL", "x"}}, .overrides = {}, .required = {"database.url"}};

  EXPECT_THAT(
      load(request).errors, ElementsAre(error_at("TESSERA_DATABASE_URL", "must begin with postgresql://"))
  );
}

TEST(AdminEndpointTest, IsThePublicListenerOnLoopback) {
  EXPECT_FALSE(admin_endpoint_of(load({}).settings.http).own_port);
}

TEST(AdminEndpointTest, IsALoopbackPortOfItsOwnBesideAPublicListener) {
  const auto admin = admin_endpoint_of(load_environment({{"TESSERA_HTTP_ADDRESS", "0.0.0.0"}}).settings.http);

  EXPECT_TRUE(admin.own_port);
  EXPECT_EQ(admin.address, "127.0.0.1");
  EXPECT_EQ(admin.port, 9464);
}

TEST(AdminEndpointTest, KnowsLoopbackAndWildcardsHoweverTheyAreWritten) {
  for (const auto* loopback : {"127.0.0.1", "127.1.2.3", "::1", "0:0:0:0:0:0:0:1"})
    EXPECT_TRUE(is_loopback(loopback) && !is_wildcard(loopback)) << loopback;
  for (const auto* wildcard : {"0.0.0.0", "::", "0:0::0"})
    EXPECT_TRUE(is_wildcard(wildcard) && !is_loopback(wildcard)) << wildcard;
  EXPECT_FALSE(is_loopback("10.0.0.1") || is_wildcard("10.0.0.1"));
}

TEST(AdminEndpointTest, TakesAnAddressWithItsPort) {
  const auto admin =
      admin_endpoint_of(load_environment({{"TESSERA_HTTP_ADMIN_ADDRESS", "10.0.0.1:99"}}).settings.http);

  EXPECT_TRUE(admin.own_port);
  EXPECT_EQ(admin.address, "10.0.0.1");
  EXPECT_EQ(admin.port, 99);
}

TEST(AdminEndpointTest, MayNotHaveThePublicPort) {
  const auto loaded = load_environment({{"TESSERA_HTTP_ADMIN_ADDRESS", "127.0.0.1:8080"}});

  EXPECT_THAT(loaded.errors, ElementsAre(error_at("", "http.admin_port must not be http.port")));
}

} // namespace
} // namespace tessera::config
